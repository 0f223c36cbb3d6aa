import pytest

from ingest.blocks import find_blocks
from ingest.blocks.speakers import may_be_minutes, speaker_role, with_speakers
from ingest.documents import Line
from ingest.passages.splitter import split

TITLE = "令和7年度第2回藤代町文化財審議会 会議録\n"

CLOSE_SET = f"""{TITLE}
１．日　時　　令和７年９月３日（水）１０：００～１１：３０
２．場　所　　藤代町役場　２０２会議室
３．出席者　　（委　員）有馬会長、
　　　　　　　　　　　　鹿内委員
　　　　　　　（欠　席）真鍋委員
４．議題
（１）古民家の公開について
（２）その他
５．議事
【議題（１）古民家の公開日を土曜日に改めることについて】
鹿内委員　土曜日だけでは足りないのではないか。
事務局　日曜日も検討する。
（賛成３名、反対１名）
有馬会長　賛成多数で了承する。
６．次回の予定　令和７年１２月４日（木）１０時　２０２会議室
"""

WITHOUT_NUMBERS = """第4回 霧島台緑地懇談会 議事要旨

日　　時：令和7年5月14日(水) 10時から
出席委員：荒井座長、能代委員、
　　　　　佐野委員
欠席委員：戸田委員

○議題1 樹木の調査について
○荒井座長　事務局から説明をお願いします。
○事務局　樹木は820本です。
○議題2 その他
○荒井座長　次回は7月9日に開きます。
"""


def passages(text: str) -> list[tuple[str, str]]:
    lines = [Line(n, raw) for n, raw in enumerate(text.split("\n"), 1)]
    return [(p.section, p.text) for p in split("m", "文書", find_blocks(lines))[0]]


def test_numbered_headings_need_no_blank_lines() -> None:
    found = dict(passages(CLOSE_SET))
    assert found["１．日時"] == "令和７年９月３日（水）１０：００～１１：３０"
    assert found["３．出席者"] == "・委員 有馬会長、鹿内委員\n・欠席 真鍋委員"
    assert found["６．次回の予定"] == "令和７年１２月４日（木）１０時　２０２会議室"


def test_a_long_heading_in_brackets_opens_a_section() -> None:
    (speech,) = (text for section, text in passages(CLOSE_SET) if section.startswith("【議題（１）"))
    assert speech.split("\n")[2:] == ["（賛成３名、反対１名）", "有馬会長　賛成多数で了承する。"]


def test_unnumbered_fields_are_items_and_marked_agenda_items_are_sections() -> None:
    found = dict(passages(WITHOUT_NUMBERS))
    assert list(found) == ["第4回 霧島台緑地懇談会 議事要旨", "○議題1 樹木の調査について", "○議題2 その他"]
    assert "・出席委員 荒井座長、能代委員、佐野委員\n・欠席委員 戸田委員" in found["第4回 霧島台緑地懇談会 議事要旨"]


def test_a_numbered_list_inside_a_section_does_not_end_it() -> None:
    agenda = "2 議題\n1 料金について\n2 漏水について"
    text = (
        f"協議会 議事録\n1 日時 令和7年6月2日\n会場 町役場\n{agenda}\n3 会議の結果\n会長 協議する。\n4 閉会\n閉じた。"
    )
    assert [section for section, _ in passages(text)][-2:] == ["3 会議の結果", "4 閉会"]


def test_a_reply_stays_with_its_question() -> None:
    long = "会議の記録を残すために長く述べる。" * 12
    head = f"{TITLE}1 日時 令和7年9月3日\n2 場所 町役場\n3 議事\n"
    talk = f"{head}鹿内委員 {long}\n鹿内委員 費用はいくらか。\n事務局 {long}\n"
    (_, last) = (text for section, text in passages(talk) if section == "3 議事")
    assert last.startswith("鹿内委員 費用はいくらか。")


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
