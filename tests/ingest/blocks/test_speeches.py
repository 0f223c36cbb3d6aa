import pytest

from ingest.blocks import find_blocks
from ingest.blocks.speakers import may_be_minutes, speaker_role, with_speakers
from ingest.documents import Line

ASKED, REPLIED = "橋の塗り替えはいつ終わるのか。", "来年の3月に終わる。"


def speeches(text: str) -> list[tuple[str, str]]:
    lines = [Line(n, line) for n, line in enumerate(text.split("\n"), 1)]
    return [(block.speaker, block.text) for block in with_speakers(find_blocks(lines)) if block.kind != "heading"]


@pytest.mark.parametrize(
    ("label", "role"),
    [
        ("３番（須磨灯）", "member"),
        ("12番 須磨 灯 議員", "member"),
        ("総務課長（牧原透君）", "office"),
        ("森脇課長", "office"),
        ("小川（委員長）", "chair"),
        ("委員Ｃ", "member"),
        ("公募委員", "member"),
        *((other, None) for other in ("出席状況", "長谷部", "10番 須磨灯君登壇", "異議なし", "日時")),
    ],
)
def test_a_label_has_the_role_of_whom_it_names(label: str, role: str | None) -> None:
    assert speaker_role(label) == role


@pytest.mark.parametrize(
    "form", ["○３番（須磨灯） {}○建設課長（牧原透） {}", "須磨委員　{}建設課長　{}", "【須磨委員】{}【建設課長】{}"]
)
def test_words_of_two_speakers_in_one_line_are_two_blocks(form: str) -> None:
    first, _, second = form.format(ASKED, REPLIED).partition(ASKED)
    assert [text for _, text in speeches(f"# 記録\n\n{first}{ASKED}{second}")] == [first + ASKED, second]


def test_words_without_a_label_name_the_speaker_before_them_below_the_same_heading() -> None:
    text = "# 記録\n\n## 橋\n\n1. 若林委員：橋が古い。\n\n（休憩）\n\n道も古い。\n\n## 公園\n\n公園は広い。"
    assert speeches(text) == [
        ("", "1. 若林委員：橋が古い。"),
        ("", "（休憩）"),
        ("若林委員", "道も古い。"),
        ("", "公園は広い。"),
    ]


@pytest.mark.parametrize("other", ["答　直します。", "・3月に直します。", "委員：直します。\n\n答　はい。"])
def test_a_reply_or_a_list_is_not_by_the_speaker_before_it(other: str) -> None:
    assert all(
        speaker != "若林委員" for speaker, _ in speeches(f"# 記録\n\n若林委員：橋が古い。\n\n{other}\n\n終わります。")
    )


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
