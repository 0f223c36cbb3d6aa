from ingest.blocks import find_blocks
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
