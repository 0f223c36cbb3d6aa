"""Minutes are parsed into speeches with speakers, exchanges and decisions, and compiled at build."""

from pathlib import Path

import pytest

from ingest.build.build import build
from ingest.corpus import FindingKind
from ingest.documents import Document
from ingest.index.index import open_index
from ingest.minutes import compiled
from ingest.minutes.compiled import read_meetings
from ingest.minutes.decisions import opened_matter
from ingest.minutes.meeting import read_meeting
from ingest.minutes.speakers import find_label, read_person, split_at_labels
from ingest.minutes.speeches import may_be_minutes
from ingest.sandbox import Limits
from ingest.spoken_words import Kind, SpeakerRole
from tests.ingest.minutes.small_meeting import meeting_of, passages_of, statements
from tests.ingest.small_corpus import LetterEncoder, make_corpus, make_settings

ASKED, REPLIED = "橋の塗り替えはいつ終わるのか。", "来年の3月に終わる。"
NOTATIONS = {
    "mark and seat": f"○８番（須磨灯） {ASKED}\n\n○建設課長（牧原透） {REPLIED}",
    "member's mark": f"◆須磨委員　{ASKED}\n◎建設課長　{REPLIED}\n○委員長（森脇）　続けます。",
    "brackets": f"【須磨委員】{ASKED}\n【建設課長】{REPLIED}",
    "round brackets": f"（須磨委員）{ASKED}\n（建設課長）{REPLIED}",
    "brackets on their own line": f"【須磨委員】\n{ASKED}\n【建設課長】\n{REPLIED}",
    "colon": f"須磨委員：{ASKED}\n\n建設課長：{REPLIED}",
    "letter": f"Ｂ委員　{ASKED}\n事務局　{REPLIED}",
    "letter after the title": f"委員Ｂ：{ASKED}\n\n事務局：{REPLIED}",
    "bold": f"**須磨委員** {ASKED}\n\n**建設課長** {REPLIED}",
    "question and answer": f"**Q（須磨委員）** {ASKED}\n\n**A（建設課）** {REPLIED}",
    "items": f"- 須磨委員：{ASKED}\n  - 建設課長：{REPLIED}",
    "arrow": f"主な意見\n・{ASKED}（須磨委員）\n　→ {REPLIED}",
    "table": f"| 委員の意見 | 町の回答 |\n|---|---|\n| {ASKED}（須磨委員） | {REPLIED} |",
    "table of speakers": f"| 発言者 | 発言内容 |\n|---|---|\n| 須磨委員 | {ASKED} |\n| 建設課長 | {REPLIED} |",
    "seat and title": f"8番須磨委員　{ASKED}\n建設課長　{REPLIED}",
}


@pytest.mark.parametrize("text", NOTATIONS.values(), ids=NOTATIONS.keys())
def test_question_and_reply_have_their_speakers(text: str) -> None:
    meeting = meeting_of(f"# 記録\n\n## 議題1 橋について\n\n{text}")
    asked = next(s for s in meeting.speeches if s.kind is Kind.QUESTION)
    replied = next(s for s in meeting.speeches if s.kind is Kind.REPLY)
    assert asked.person is not None
    assert replied.person is not None
    assert asked.person.role == SpeakerRole.MEMBER
    assert replied.person.role == SpeakerRole.OFFICE
    assert asked.text.strip() == ASKED
    assert replied.text.strip() == REPLIED
    assert meeting.askers(replied) == (asked.person,)


@pytest.mark.parametrize(
    ("label", "name", "seat", "office"),
    [
        ("３番（須磨灯）", "須磨灯", "3番", "議員"),
        ("12番 須磨 灯 議員", "須磨灯", "12番", "議員"),
        ("総務課長（牧原透君）", "牧原透", "", "総務課長"),
        ("森脇課長", "森脇", "", "課長"),
        ("総務課長", "", "", "総務課長"),
        ("小川（委員長）", "小川", "", "委員長"),
        ("Ｃ委員", "C", "", "委員"),
        ("山本（花）委員", "山本花", "", "委員"),
        ("公募委員", "", "", "公募委員"),
    ],
)
def test_a_label_names_person_seat_and_office(label: str, name: str, seat: str, office: str) -> None:
    person = read_person(label)
    assert person is not None
    assert person.name == name
    assert person.seat == seat
    assert person.office == office


@pytest.mark.parametrize("label", ["出席状況", "長谷部", "10番 須磨灯君登壇", "異議なし", "日時", "会場の様子"])
def test_other_words_are_no_speakers(label: str) -> None:
    assert read_person(label) is None


def test_a_speaker_gets_the_full_name_from_the_list_of_participants() -> None:
    text = "# 記録\n\n## 出席者\n\n委員 須磨 灯、委員 木場 航\n\n## 議題\n\n須磨委員：街灯が暗いのではないか。"
    assert statements(meeting_of(text))[0][0] == "須磨灯委員"


def test_reported_speeches_have_their_speakers() -> None:
    text = "# 記録\n\n## 橋\n\n須磨委員から、塗り替えの時期について質問があり、事務局から、来年3月に終わると回答した。"
    assert [(who, kind) for who, kind, _ in statements(meeting_of(text))] == [
        ("須磨委員", "question"),
        ("事務局", "reply"),
    ]


def test_every_officer_after_a_question_replies_to_it() -> None:
    text = "# 記録\n\n須磨委員：橋と道の予定は。教えてほしい。\n\n建設課長：橋は3月です。\n\n農政課長：道は5月です。"
    replies = [s for s in meeting_of(text).speeches if s.kind is Kind.REPLY]
    assert [bool(reply.replies_to) for reply in replies] == [True, True]


DECIDED = {
    "vote": (
        "議長：採決します。\n\n（起立多数）\n\n議長：起立多数であります。議案第3号は可決されました。",
        "可決",
        "起立多数",
    ),
    "counted": ("議長：挙手6名、反対2名。賛成多数により、原案のとおり可決しました。", "可決", "挙手6名"),
    "no objection": ("会長：事務局案のとおり了承してよろしいか。\n\n（異議なし）", "了承", "異議なし"),
    "postponed": ("会長：この件は継続審議とします。", "継続審議", ""),
    "unanimous": ("審議の結果、全会一致で承認された。", "承認", "全会一致"),
}


@pytest.mark.parametrize(("text", "outcome", "vote"), DECIDED.values(), ids=DECIDED.keys())
def test_a_decision_has_outcome_and_vote(text: str, outcome: str, vote: str) -> None:
    decisions = meeting_of(f"# 記録\n\n## 議案第3号 橋の条例\n\n{text}").decisions
    assert [one.outcome for one in decisions] == [outcome]
    assert vote in decisions[0].vote


def test_what_a_member_hopes_for_is_no_decision() -> None:
    assert meeting_of("# 記録\n\n須磨委員：この案は可決された。と聞いたが本当か。").decisions == ()


def test_a_result_by_number_has_the_matter_of_that_number() -> None:
    text = "# 記録\n\n## (1) 橋\n\n委員：よい。\n\n## (2) 公園\n\n委員：よい。\n\n## 結果\n\n議題(2)は承認された。"
    assert "公園" in meeting_of(text).decisions[0].item


def test_a_notice_is_no_meeting() -> None:
    document = Document("n", "橋の通行止めのお知らせ", "n.md")
    assert read_meeting(document, passages_of("# お知らせ\n\n担当課：建設課\n\n通行止めは3月までです。")) is None


@pytest.mark.parametrize(
    ("line", "may_be"),
    [
        ("○８番（須磨灯） 伺います。", True),
        ("○須磨委員　伺います。", True),
        ("8番目の計画です。", False),
        ("委員会の計画です。", False),
    ],
)
def test_only_lines_that_members_begin_make_an_untitled_document_minutes(line: str, *, may_be: bool) -> None:
    assert may_be_minutes(Document("n", "記録", "n.md"), passages_of(f"# 記録\n\n{line}\n\n{line}\n\n{line}")) is may_be


@pytest.mark.parametrize(
    ("line", "speaker", "words"),
    [
        ("帆足　渡し船を増やせませんか。", "帆足委員", "渡し船を増やせませんか。"),
        ("帆足(漁協)：渡し船を増やしてほしい。", "帆足(漁協)委員", "渡し船を増やしてほしい。"),
        ("帆足委員「渡し船を増やしてほしい。」", "帆足委員", "「渡し船を増やしてほしい。」"),
        ("(1) 帆足委員　渡し船を増やしてほしい。", "帆足委員", "渡し船を増やしてほしい。"),
        ("・◯2番（帆足櫂君）　渡し船を増やしてほしい。", "帆足櫂議員(2番)", "渡し船を増やしてほしい。"),
        ("・渡し船を増やしてほしい。〔帆足〕", "帆足委員", "渡し船を増やしてほしい。"),
    ],
)
def test_notations_of_a_speaker_present_are_read(line: str, speaker: str, words: str) -> None:
    meeting = meeting_of(
        f"出席委員　帆足、浜名\n\n# 渡し船\n\n交通課長　冬は減らします。\n{line}\n交通課長　検討します。"
    )
    assert (speaker, words) in [(person, text) for person, _, text in statements(meeting)]
    assert all(words not in text for person, _, text in statements(meeting) if person != speaker)


WORDS = "歩道を広げてほしい。"


@pytest.mark.parametrize(
    ("line", "speaker"),
    [
        pytest.param(f"1. 若林委員：{WORDS}", "若林委員", id="number before"),
        pytest.param(f"若林委員→{WORDS}", "若林委員", id="arrow after"),
        pytest.param(f"3番　若林　葵君　{WORDS}", "若林葵議員(3番)", id="seat and name in parts"),
        pytest.param(f"若林　{WORDS}", "若林委員", id="name of a member present"),
        pytest.param(f"森本　{WORDS}", None, id="name of nobody present"),
        pytest.param("→ 検討します。", "", id="reply after an arrow"),
        pytest.param("日時：令和8年5月1日", None, id="field"),
        pytest.param(WORDS, None, id="no label"),
    ],
)
def test_a_label_names_the_speaker(line: str, speaker: str | None) -> None:
    label = find_label(line, names={"若林"})
    assert (label.person.display if label else None) == speaker
    assert label is None or WORDS not in line or WORDS in line[label.start : label.end]


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        pytest.param("減らします。若林委員　なぜか。", ["減らします。", "若林委員　なぜか。"], id="second speaker"),
        pytest.param("減らします。若林　なぜか。", ["減らします。", "若林　なぜか。"], id="name of a member present"),
        pytest.param("減らします。若林委員に答えます。", ["減らします。若林委員に答えます。"], id="only mentioned"),
    ],
)
def test_a_joined_line_is_split_at_labels(line: str, parts: list[str]) -> None:
    assert [line[start:end] for start, end in split_at_labels(line, {"若林"})] == parts


@pytest.mark.parametrize(
    ("sentence", "matter"),
    [
        pytest.param("次に、議題2「歩道の拡幅」に入ります。", "歩道の拡幅", id="next"),
        pytest.param("それでは採決に入ります。", "", id="procedure"),
        pytest.param("歩道を広げます。", "", id="no matter"),
    ],
)
def test_the_chair_opens_a_matter(sentence: str, matter: str) -> None:
    assert matter in opened_matter(sentence)
    assert bool(matter) == bool(opened_matter(sentence))


EXCHANGE = "{}委員：{}の塗り替えはいつ終わるのか。\n\n建設課長：来年の3月に終わります。\n\n"


def minutes(count: int) -> str:
    return "# 会議録\n\n## 橋\n\n" + "".join(EXCHANGE.format("須磨", f"橋{n}") for n in range(count))


@pytest.mark.parametrize(
    ("name", "limit", "reason"),
    [
        pytest.param("MAX_CHARACTERS", 1_000, "字を超えています", id="too long"),
        pytest.param("_LIMITS", Limits(30, 90, 2 << 30, 5_000), "途中でやめました", id="too much work"),
    ],
)
def test_minutes_over_a_limit_are_declined_by_name_and_others_compiled(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, limit: object, reason: str
) -> None:
    monkeypatch.setattr(compiled, name, limit)
    corpus = make_corpus(tmp_path / "corpus", small=minutes(3), huge=minutes(40), plan="# 計画\n\n橋を塗ります。")
    settings = make_settings(tmp_path)
    for _ in ("new", "unchanged"):
        report = build(settings, [corpus], encoder=LetterEncoder())
        (finding,) = (finding for finding in report.findings if finding.kind is FindingKind.MINUTES)
        assert "「hugeの文書」は会議録として読み取れません" in finding.text
        assert reason in finding.text
    with open_index(settings) as index:
        assert list(read_meetings(index)) == ["small"]
        assert {document.id for document in index.documents} == {"small", "huge", "plan"}
