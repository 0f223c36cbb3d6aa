from collections.abc import Sequence

import pytest

from ingest.blocks import find_blocks
from ingest.documents import Block, Line


def blocks(text: str) -> list[Block]:
    pages = text.split("\f")
    lines = [(raw, page) for page, part in enumerate(pages, 1) for raw in part.split("\n")]
    return find_blocks(
        [Line(n, raw.rstrip(), page if len(pages) > 1 else None) for n, (raw, page) in enumerate(lines, 1)]
    )


def kinds(text: str) -> list[tuple[str, str]]:
    return [(block.kind, block.text) for block in blocks(text)]


def of_kind(kind: str, text: str) -> list[str]:
    return [block.text for block in blocks(text) if block.kind == kind]


def dropped(text: str) -> list[tuple[str, str]]:
    return [(block.text, block.style) for block in blocks(text) if block.kind == "dropped"]


@pytest.mark.parametrize(
    "heading",
    [
        *("1.2. プランの位置づけ", "1.3 プランの期間", "1-1 背景", "1.2.3. 詳細", "1 趣旨", "2. 取組"),
        *("２　取組", "３．体制", "1.趣旨", "(1) 上位計画との関係", "（１）上位計画との関係"),
        *("① 一つ目の柱", "ア 背景", "(ア) 国の動向", "⒝ 特例の場合", "＜届出の方法＞"),
        *("【分野1】 魅力づくり", "第1章 総則", "第 2 章 施策", "第二節 推進の体制", "第1編 総論"),
        *("第3条の2(委任)", "第1 計画の概要", "Ⅰ 総論", "Ⅱ．各論", "附則", "別表第1"),
        *("問1 どこで申請できますか。", "Q2. 手数料はいくらですか?"),
    ],
)
def test_a_separate_numbered_line_is_a_heading(heading: str) -> None:
    assert kinds(f"{heading}\n\n本文があります。") == [("heading", heading), ("text", "本文があります。")]


@pytest.mark.parametrize(
    ("written", "heading", "rank"),
    [
        ("# 計画", "計画", 10),
        ("### 期間 ###", "期間", 30),
        ("## 住民票はどこで取れますか。", "住民票はどこで取れますか。", 20),
        (f"## {'長い' * 50}問い", f"{'長い' * 50}問い", 20),
    ],
)
def test_markdown_headings_are_recognised(written: str, heading: str, rank: int) -> None:
    found = [b for b in blocks(f"{written}\n\n本文があります。") if b.kind == "heading"]
    assert [(b.text, b.rank) for b in found] == [(heading, rank)]


@pytest.mark.parametrize(
    "line",
    [
        *("1 回目の会議を開きました。", "第1章では、計画の趣旨を述べます。", "(1)に掲げる事項を除きます。"),
        *("【視点1】では、利便性の向上をめざします。", "40 人", "95 %", "2021年度", "3.5倍に拡大"),
        *("12,000 件", "50 ～ 59歳", "12 月 8 日(日)の催し"),
    ],
)
def test_a_sentence_or_figure_is_not_a_heading(line: str) -> None:
    assert of_kind("heading", f"前の文です。\n\n{line}\n\n次の文です。") == []


def test_the_order_of_numbering_is_that_of_official_documents() -> None:
    styles = ["第1章 章", "第1節 節", "第1条(条)", "1 数字", "1.1 小数", "(1) 括弧", "ア 仮名", "(ア) 仮名括弧"]
    styles.append("⒜ 英字括弧")
    text = "\n\n".join(styles)
    ranks = [b.rank for b in blocks(text) if b.kind == "heading"]
    assert len(ranks) == 9
    assert ranks == sorted(set(ranks), key=lambda rank: rank or 0)


def test_a_number_over_deeper_numbers_is_a_heading() -> None:
    assert kinds("1 開会\n\n2 議事\n(1) 計画案について\n\n○会長 始めます。")[1:3] == [
        ("heading", "2 議事"),
        ("item", "(1) 計画案について"),
    ]


@pytest.mark.parametrize("between", ["\n", "\n\n"], ids=["one paragraph", "a paragraph each"])
def test_consecutive_numbered_lines_are_a_list(between: str) -> None:
    text = between.join(["1. 申請書を書く", "2. 窓口に出す", "3. 交付を受ける"])
    assert of_kind("item", f"手順\n\n{text}") == ["1. 申請書を書く", "2. 窓口に出す", "3. 交付を受ける"]


@pytest.mark.parametrize(
    ("line", "item"),
    [
        ("- 電子申請の充実", "電子申請の充実"),
        ("* 電子申請の充実", "電子申請の充実"),
        ("- ✓ 意見交換", "意見交換"),
        ("- ・ 電子申請", "電子申請"),
        ("- ◆施策提案", "施策提案"),
        ("・有識者", "有識者"),
        ("✓ 検討", "検討"),
        ("• 検討", "検討"),
        ("→ 検討", "→ 検討"),
        ("－ 検討", "検討"),
        ("(1) 検討をします。", "(1) 検討をします。"),
        ("①検討します。", "①検討します。"),
        ("1) 検討します。", "1) 検討します。"),
        ("ア 検討します。", "ア 検討します。"),
        ("* 2024年に検討", "2024年に検討"),
    ],
)
def test_a_mark_begins_an_item(line: str, item: str) -> None:
    assert kinds(f"次のとおりです。\n\n{line}\n・終わり")[1] == ("item", item)


def test_an_indented_item_is_below_the_one_above() -> None:
    found = [(b.text, b.style) for b in blocks("- 本部\n  - 市長\n  - 副市長\n- 部会")]
    assert found == [("本部", ""), ("市長", "  "), ("副市長", "  "), ("部会", "")]


@pytest.mark.parametrize(
    "note", ["※1 令和5年度末", "※対象者すべて受講", "*1 速報値", "注1) 速報値", "（注）速報値", "注:速報値"]
)
def test_notes_are_distinguished_from_text(note: str) -> None:
    assert ("note", note) in kinds(f"本文です。\n\n{note}")


@pytest.mark.parametrize(
    ("lines", "joined"),
    [
        (["電子申請", "拡充"], "電子申請拡充"),
        (["2021", "-2022"], "2021-2022"),
        (["AI and", "OCR"], "AI and OCR"),
        (["RPA", "の拡充"], "RPAの拡充"),
        (["次の", "(1)に掲げる事項"], "次の(1)に掲げる事項"),
        (["実行するOODAループを", "組み合わせ、", "柔軟に実践"], "実行するOODAループを組み合わせ、柔軟に実践"),
    ],
)
def test_broken_lines_are_joined(lines: Sequence[str], joined: str) -> None:
    assert [b.text for b in blocks("\n".join(lines))] == [joined]


@pytest.mark.parametrize(
    "text",
    [
        "一つ目の文です。\n二つ目の文です。",
        "発行 金沢市\n編集 デジタル政策課",
        "日時:5月11日\n場所:公民館",
        "前の文\n\u3000次の段落",
        "製造業・鉱業\u30004.6\u30009.2\n建設業・運輸業\u300010.1\u30002.9",
        "計画の概要\f期間",
        "幸せを実感するまちへ\n\n取り組みの方向性",
    ],
)
def test_complete_lines_are_not_joined(text: str) -> None:
    assert len(blocks(text)) == 2


@pytest.mark.parametrize(
    ("torn", "whole"),
    [
        ("全ての人が便利に暮らし、\n\n幸せを実感するまちへ", "全ての人が便利に暮らし、幸せを実感するまちへ"),
        ("「誰ひとり取り残さない」\n\nを基本理念に進めます。", "「誰ひとり取り残さない」を基本理念に進めます。"),
        ("利便性を\f、高めます。", "利便性を、高めます。"),
        ("利便性を\f高めます。", "利便性を高めます。"),
    ],
)
def test_a_broken_sentence_is_joined(torn: str, whole: str) -> None:
    assert [b.text for b in blocks(torn) if b.kind != "dropped"] == [whole]


def test_name_value_lines_are_separate_from_surrounding_text() -> None:
    facts = "見学ツアー\n日時:7月20日\n場所:公民館\n調理場の中を歩いて見学することができる催しです。"
    text = f"{facts}\n【電話】436-7341\n申込先:\n市民課"
    assert [b.text for b in blocks(text)] == [
        *("見学ツアー", "日時:7月20日", "場所:公民館", "調理場の中を歩いて見学することができる催しです。"),
        *("【電話】436-7341", "申込先:市民課"),
    ]


def test_a_marked_line_over_text_is_a_heading() -> None:
    text = (
        "■健康まつり!\n体力を測ります。\n\n◇記念講演会\n時間:13時から\n\n■申込みは不要です。\n当日は会場へ。\n\n■終わり"
    )
    assert of_kind("heading", text) == ["■健康まつり!", "◇記念講演会"]
    assert of_kind("lead", text) == ["■申込みは不要です。", "■終わり"]
    assert kinds("○ 観光DX\n観光の話です。") == [("lead", "○ 観光DX"), ("text", "観光の話です。")]


@pytest.mark.parametrize("line", ["【電話】225-2201", "【問合せ】健康医療課", "【対象】市民"])
def test_a_marked_name_value_line_in_a_paragraph_is_not_a_heading(line: str) -> None:
    assert of_kind("heading", f"講座を開きます。\n{line}") == []
    assert of_kind("heading", "【電話】225-2201\n\n本文です。") == []
    assert of_kind("heading", "【分野1】 魅力づくり\n推進します。\n【概要】\n次のとおりです。") == [
        "【分野1】 魅力づくり",
        "【概要】",
    ]


def test_articles_are_sections_with_their_captions() -> None:
    text = "(目的)\n第1条 この条例は、責務を定める。\n\n第2条(定義) 次のとおりとする。\n(1) 手続 申請をいう。"
    assert kinds(text) == [
        ("heading", "第1条(目的)"),
        ("text", "この条例は、責務を定める。"),
        ("heading", "第2条(定義)"),
        ("text", "次のとおりとする。"),
        ("item", "(1) 手続 申請をいう。"),
    ]


def rows(text: str) -> list[tuple[str, ...]]:
    (table,) = (block for block in blocks(text) if block.kind == "table")
    return [row.cells for row in table.rows]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "| 指標 | 目標 |\n| :-- | --: |\n| **申請\\|電子** | 90%<br>※1 |\n| | |\n| - | - |",
            ["指標/目標", "申請|電子/90% ※1", "-/-"],
        ),
        # a broken cell is joined
        ("指標\t実績\n利用者\t92人\n※全員\n相談\t5件", ["指標/実績", "利用者/92人※全員", "相談/5件"]),
        # an empty header over a rule means no column names
        ("|  |  |\n|---|---|\n| 所管 | 文化課 |\n| 開設 | 平成9年 |", ["/", "所管/文化課", "開設/平成9年"]),
        ("| 館の案内 |\n| 名称 | 定員 |\n|---|---|\n| 本館 |  |\n| 別館 | 20人 |", ["名称/定員", "本館/", "別館/20人"]),
        # a first row with figures is not a header
        ("窓口対応\t825時間\n電話対応\t300時間", ["/", "窓口対応/825時間", "電話対応/300時間"]),
        ("年齢\t令和5年度\n人口\t1,200人", ["年齢/令和5年度", "人口/1,200人"]),
    ],
)
def test_bars_and_tabs_make_a_table(text: str, expected: list[str]) -> None:
    assert ["/".join(row) for row in rows(text)] == expected


def test_a_drawn_table_is_a_table() -> None:
    text = "┌──┬──┐\n│名称│定員│\n├──┼──┤\n│公民館│120人│\n└──┴──┘"
    assert rows(text) == [("名称", "定員"), ("公民館", "120人")]
    assert [reason for _, reason in dropped(text)] == ["罫線"] * 3


def test_the_header_of_a_continued_table_is_not_a_running_head() -> None:
    pages = [f"| 名称 | 定員 |\n|---|---|\n| {name} | 20人 |" for name in ("本館", "別館", "新館", "分館")]
    (table,) = [b for b in blocks("\f\n".join(pages)) if b.kind == "table"]
    assert table.rows[0].cells == ("名称", "定員")
    assert [(row.cells[0], row.page or table.page) for row in table.rows[1:]] == [
        ("本館", 1),
        ("別館", 2),
        ("新館", 3),
        ("分館", 4),
    ]


def test_lines_around_the_rows_are_title_and_notes() -> None:
    text = "主な指標\n(単位:人)\n| 令和5年度 | |\n| 指標 | 実績 |\n| 利用者 | 92 |\n※ 速報値"
    assert kinds(text) == [
        ("label", "主な指標"),
        ("label", "(単位:人)"),
        ("label", "令和5年度"),
        ("table", ""),
        ("note", "※ 速報値"),
    ]


SPEECHES = {
    "a circle": "○青木課長 実績は減りました。",
    "brackets": "【青木課長】実績は減りました。",
    "round brackets": "（青木課長） 実績は減りました。",
    "a colon": "青木課長：実績は減りました。",
    "a gap": "青木課長　実績は減りました。",
    "a line of its own": "【青木課長】\n実績は減りました。",
}


@pytest.mark.parametrize("spoken", SPEECHES.values(), ids=SPEECHES)
def test_a_speech_is_neither_a_heading_nor_a_name_value_line(spoken: str) -> None:
    text = f"{spoken}\n原因は工事です。\n(異議なし)\n【小川委員】わかりました。"
    assert "heading" not in [kind for kind, _ in kinds(text)]
    first, aside, second = blocks(text)
    assert first.text.endswith("実績は減りました。原因は工事です。")
    assert aside.text == "(異議なし)"
    assert second.text == "【小川委員】わかりました。"


@pytest.mark.parametrize(
    "item", ["議題1 計画の実績について", "議題(1)計画の実績について", "議案第3号 条例の改正", "報告事項2 工事の進み方"]
)
def test_a_numbered_item_of_an_agenda_is_a_heading(item: str) -> None:
    assert kinds(f"{item}\n○青木課長 説明します。")[0] == ("heading", item)


def test_the_table_of_contents_is_dropped_with_its_reason() -> None:
    text = "目次\n\n1. 趣旨\t\n1.1. 策定の趣旨\t01\n1.2. 位置づけ\t02\n\n1 趣旨\n\n本文です。"
    assert dropped(text) == [("1. 趣旨\n1.1. 策定の趣旨 01\n1.2. 位置づけ 02", "目次")]
    assert of_kind("heading", text) == ["1 趣旨"]
    assert dropped("大人……500\n\n子ども……300\n\n幼児……0\n\n趣旨……1") == []
    assert dropped("合計……5\n\n平均……8") == []
    dotted = "第1章 総則……1\n\n第2章 体制……3\n\n附則・・・・9\n\n第1章 総則\n\n本文です。"
    assert [reason for _, reason in dropped(dotted)] == ["目次"] * 3
    assert of_kind("heading", dotted) == ["第1章 総則"]


def test_running_heads_are_dropped_with_their_reason() -> None:
    text = "\f".join(f"DX計画 {n}\n第1章 総則\n\n本文の{word}です。\n\n- {n} -" for n, word in enumerate("甲乙丙丁", 1))
    assert dropped(text) == [
        *((f"DX計画 {n}", "ページごとに繰り返す見出し") for n in (1,)),
        ("- 1 -", "ページ番号"),
        *(
            pair
            for n in (2, 3, 4)
            for pair in (
                (f"DX計画 {n}", "ページごとに繰り返す見出し"),
                ("第1章 総則", "ページごとに繰り返す見出し"),
                (f"- {n} -", "ページ番号"),
            )
        ),
    ]
    assert of_kind("heading", text) == ["第1章 総則"]


@pytest.mark.parametrize("form", ["- {} -", "{}/3", "{}ページ", "P.{}"])
def test_page_numbers_of_lost_pages_are_dropped(form: str) -> None:
    text = "\n\n".join(f"本文の{word}です。\n\n{form.format(n)}" for n, word in enumerate("甲乙丙", 1))
    assert [reason for _, reason in dropped(text)] == ["ページ番号"] * 3


@pytest.mark.parametrize("text", ["2021\n-2022", "148", "- 3 -", "40 人\n\n50 人\n\n60 人"])
def test_other_numbers_stay(text: str) -> None:
    assert dropped(text) == []


def test_lines_of_an_unwrapped_document_are_not_joined() -> None:
    prose = "広場は、昼は遊び場に、夜は集いの場になり、" * 5 + "親しまれています。"
    assert [b.text for b in blocks(f"{prose}\n北図書館\n南図書館")][1:] == ["北図書館", "南図書館"]
    assert [b.text for b in blocks(f"{prose}\n期間：3月31日まで\n持ち物・服装：帽子")][1:] == [
        "期間：3月31日まで",
        "持ち物・服装：帽子",
    ]
    assert [b.text for b in blocks(f"{prose}\n・雨の日は屋内で\n{prose}")][1:] == ["雨の日は屋内で", prose]
    assert [b.text for b in blocks(f"{prose}\n道の工事を段階的に\n進める")][1:] == ["道の工事を段階的に進める"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # numbered headings over short bodies are found, and a separate line is a label unless it has a predicate
        ("1 対象\n市内に住む人\n2 定員\n10人", {"heading": ["1 対象", "2 定員"], "text": ["市内に住む人", "10人"]}),
        ("計画の進捗\n\nDXの土壌を醸成\n\n申請できます", {"label": ["計画の進捗"]}),
        # units and sources are not titles, consecutive speeches no list
        ("＜単位：円＞\n\n文です。\n\n＜資料 みどり市＞\n\n文です。", {"heading": []}),
        ("(a)は、対象になりません\n\n文です。\n\n(c)2025 みどり市\n\n文です。", {"heading": []}),
        ("○青木課長 減りました。\n○小川委員 わかりました。", {"item": []}),
        ("青木課長:減りました。\n小川委員:わかりました。", {"item": []}),
        # numbered headings inside a paragraph are found
        (
            "1 趣旨\n市民のための計画です。\n2 対象\n(1) 職員\n全ての職員が対象です。\n(2) 市民\n市内に住む人です。",
            {"heading": ["1 趣旨", "2 対象", "(1) 職員", "(2) 市民"]},
        ),
        # a broken numbered line is not a heading
        ("次の二つです。\n1. 電子申請の\n拡充\n2. 納付の\n拡充", {"item": ["1. 電子申請の拡充", "2. 納付の拡充"]}),
        # no labels are inferred in documents with markdown headings
        ("# 計画\n\n市民目線\n\n本文です。", {"label": []}),
        # a title before a table is a label there, too
        ("# 計画\n\n表1 指標\n\n(単位:人)\n\n| 指標 |\n| --- |\n| 利用者 |", {"label": ["表1 指標", "(単位:人)"]}),
        ("# 計画\n\n基本理念: 市民とともに\n\n| 指標 |\n| --- |\n| 利用者 |", {"label": []}),
        # a mark that is the topic begins no block
        ("■教室\n水曜に開きます。\n\n●は要予約\n\n△120万円\n\n終わりです。", {"heading": ["■教室"], "lead": []}),
        # a marked title may precede one in angle brackets
        ("● 届出について\n\n＜届出の方法＞\n\n窓口に届け出ます。", {"heading": ["● 届出について", "＜届出の方法＞"]}),
        # a circle is a title among other marked titles
        (
            "■講座\n□陶芸\n日時：5月1日\n場所：工房\n\n○木工\n日時：5月2日\n場所：工房",
            {"heading": ["■講座", "□陶芸", "○木工"]},
        ),
        # a title directly above another is text
        ("■体操教室\n■水泳教室\n期間：9月の毎週火曜\n定員：20人", {"heading": ["■水泳教室"], "lead": ["■体操教室"]}),
        # the last item of a list is not a heading
        (
            "対象\n(1)町内に住む\n(2)60歳以上\n(3)運転をやめた\n─の全てに当てはまる方。申請が要ります。",
            {"heading": [], "item": ["(1)町内に住む", "(2)60歳以上", "(3)運転をやめた"]},
        ),
        # a series of labels opens sections, figures and pictures do not
        (
            "Stage 1\n\n土壌を醸成\n\nStage 2\n\n社会浸透\n\nStage 3\n\n社会実装",
            {"heading": ["Stage 1", "Stage 2", "Stage 3"]},
        ),
        ("室温 25\n\n説明があります。\n\n室温 30\n\n説明があります。", {"heading": []}),
        ("図1\n\n説明があります。\n\n図2\n\n説明があります。", {"heading": []}),
        ("(1)(2)無料\n\n(1)～(3)の申込み：\n町民課へ。\n\n(3)…会場で払います", {"heading": []}),
        ("受け付けています。\n\n【電話】512-3344【FAX】512-3345【メール】a@example.jp\nまで。", {"heading": []}),
    ],
)
def test_lines_become_blocks_of_a_kind(text: str, expected: dict[str, list[str]]) -> None:
    assert {kind: of_kind(kind, text) for kind in expected} == expected
