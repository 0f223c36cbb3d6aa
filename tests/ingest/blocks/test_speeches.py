"""Tests of speeches in minutes: whose words they are, and whether they ask, reply or state."""

import pytest

from ingest.blocks import find_blocks
from ingest.blocks.speakers import find_label, read_person
from ingest.blocks.speeches import may_be_minutes
from ingest.documents import Line
from tests.ingest.small_meeting import passages_of, speeches_of

ASKED, REPLIED = "橋の塗り替えはいつ終わるのか。", "来年の3月に終わる。"


@pytest.mark.parametrize(
    ("form", "asker", "replier"),
    [
        ("○８番（須磨灯） {}\n\n○建設課長（牧原透） {}", "須磨灯議員(8番)", "建設課長(牧原透)"),
        ("【須磨委員】{}\n【建設課長】{}", "須磨委員", "建設課長"),
        ("【須磨委員】\n{}\n【建設課長】\n{}", "須磨委員", "建設課長"),
        ("（須磨委員）{}\n（建設課長）{}", "須磨委員", "建設課長"),
        ("須磨委員：{}\n\n建設課長：{}", "須磨委員", "建設課長"),
        ("須磨委員　{}建設課長　{}", "須磨委員", "建設課長"),
        ("Ｂ委員　{}\n事務局　{}", "B委員", "事務局"),
        ("**Q（須磨委員）** {}\n\n**A（建設課）** {}", "須磨委員", "建設課"),
        ("- 須磨委員：{}\n  - 建設課長：{}", "須磨委員", "建設課長"),
        ("主な意見\n・{}（須磨委員）\n　→ {}", "須磨委員", ""),
        ("## 須磨委員\n\n{}\n\n## 建設課長\n\n答：{}", "須磨委員", "建設課長"),
        ("| 委員の意見 | 町の回答 |\n|---|---|\n| {}（須磨委員） | {} |", "須磨委員", ""),
        ("| 発言者 | 発言内容 |\n|---|---|\n| 須磨委員 | {} |\n| 建設課長 | {} |", "須磨委員", "建設課長"),
    ],
)
def test_question_and_reply_have_their_speakers(form: str, asker: str, replier: str) -> None:
    speeches = speeches_of(f"# 記録\n\n{form.format(ASKED, REPLIED)}")
    assert speeches == [(asker, "question", ASKED), (replier, "reply", REPLIED)]


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("３番（須磨灯）", ("須磨灯", "3番", "議員")),
        ("12番 須磨 灯 議員", ("須磨灯", "12番", "議員")),
        ("総務課長（牧原透君）", ("牧原透", "", "総務課長")),
        ("森脇課長", ("森脇", "", "課長")),
        ("総務課長", ("", "", "総務課長")),
        ("小川（委員長）", ("小川", "", "委員長")),
        ("委員Ｃ", ("C", "", "委員")),
        ("公募委員", ("", "", "公募委員")),
        *((other, None) for other in ("出席状況", "長谷部", "10番 須磨灯君登壇", "異議なし", "日時")),
    ],
)
def test_a_label_names_person_seat_and_office(label: str, expected: tuple[str, str, str] | None) -> None:
    person = read_person(label)
    assert (person and (person.name, person.seat, person.office)) == expected


@pytest.mark.parametrize(
    ("form", "speaker"),
    [
        ("1. 若林委員：{}", "若林委員"),
        ("若林委員→{}", "若林委員"),
        ("・◯2番（若林葵君）　{}", "若林葵議員(2番)"),
        ("3番　若林　葵君　{}", "若林葵議員(3番)"),
        pytest.param("若林　{}", "若林委員", id="member present"),
        pytest.param("若林(漁協)：{}", "若林(漁協)委員", id="what a member present represents"),
        pytest.param("森本　{}", None, id="nobody present"),
        pytest.param("{}", None, id="no label"),
    ],
)
def test_a_label_names_the_speaker(form: str, speaker: str | None) -> None:
    line = form.format("歩道を広げてほしい。")
    label = find_label(line, {"若林"})
    assert (label.person.display if label else None) == speaker
    assert label is None or line[label.start : label.end] == "歩道を広げてほしい。"


LISTED = (
    "出席者　委員 須磨 灯、委員 木場 航",
    "## 出席者\n\n会長 木場 航、委員 須磨 灯",
    "1番　木場 航　　2番　須磨 灯",
)


@pytest.mark.parametrize(
    ("listed", "speaker"),
    [*((listed, "須磨灯委員") for listed in LISTED), ("出席者　委員 須磨 灯、委員 須磨 岬", "須磨委員")],
)
def test_a_speaker_gets_the_full_name_of_the_only_participant_of_the_family(listed: str, speaker: str) -> None:
    (speech,) = speeches_of(f"# 記録\n\n{listed}\n\n## 議題\n\n須磨委員：街灯が暗いのではないか。")
    assert speech[0] == speaker


def test_words_without_a_label_are_by_the_speaker_before_them_below_the_same_heading() -> None:
    text = "# 記録\n\n## 橋\n\n須磨委員：橋が古い。\n\n（休憩）\n\n道も古い。\n\n## 公園\n\n公園は広い。"
    assert speeches_of(text) == [("須磨委員", "statement", "橋が古い。"), ("須磨委員", "statement", "道も古い。")]


def test_every_part_of_a_long_speech_has_its_speaker() -> None:
    parts = passages_of(f"# 記録\n\n須磨委員：{'橋の塗り替えを急いでほしい。' * 60}")
    assert len(parts) > 1
    assert all([one.person.display for one in passage.speeches] == ["須磨委員"] for passage in parts)


@pytest.mark.parametrize(
    ("title", "line", "expected"),
    [
        ("記録", "○８番（須磨灯） 伺います。", True),
        ("記録", "委員会の計画です。", False),
        ("会議録", "計画です。", True),
    ],
)
def test_minutes_are_titled_so_or_have_lines_of_members(title: str, line: str, *, expected: bool) -> None:
    assert may_be_minutes(title, find_blocks([Line(n, line) for n in (1, 3, 5)])) is expected
