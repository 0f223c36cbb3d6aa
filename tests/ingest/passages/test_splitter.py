import pytest

from ingest.blocks import find_blocks
from ingest.documents import Cell, DroppedLines, Line, Passage
from ingest.passages.splitter import LONGEST_LIST, LONGEST_PASSAGE, split


def split_text(text: str) -> tuple[tuple[Passage, ...], tuple[DroppedLines, ...]]:
    return split("plan", "計画の題", find_blocks([Line(n, raw) for n, raw in enumerate(text.split("\n"), 1)]))


def on_page(text: str) -> tuple[Passage, ...]:
    return split("plan", "計画の題", find_blocks([Line(n, raw, 1) for n, raw in enumerate(text.split("\n"), 1)]))[0]


def passages(text: str) -> tuple[Passage, ...]:
    return split_text(text)[0]


def test_a_passage_has_its_heading_path_and_lines() -> None:
    (passage,) = passages("1 趣旨\n\n1.1. 背景\n\n人口が減っています。")
    assert passage == Passage("plan#0001", "plan", "text", ("1 趣旨", "1.1. 背景"), "人口が減っています。", (1, 3, 5))


CHART = "|  |  |\n|---|---|\n| 本館 | 41 |\n| 分館 | 59 |"
PATHS = {
    "captions side by side are not titles": (
        f"1 蔵書\n\n図表3 館ごとの蔵書\n\n図表4 館ごとの貸出\n\n冊数の割合\n\n{CHART}",
        "1 蔵書|1 蔵書/冊数の割合|1 蔵書/冊数の割合",
    ),
    "a caption below a table is not the title of the next": (
        f"1 蔵書\n\n{CHART}\n\n図3 館ごとの蔵書\n\n冊数の割合\n\n{CHART}",
        "1 蔵書|1 蔵書|1 蔵書|1 蔵書/冊数の割合|1 蔵書/冊数の割合",
    ),
    "a label after the last member ends a series": (
        "方向性\n\nStage 1\n\n土壌を醸成\n\nStage 2\n\n社会へ浸透する\n\n産業\n\n・技術の利活用\n・移動の推進",
        "計画の題|Stage 1|Stage 2|産業",
    ),
    "numbers nest by rank": (
        "第1章 総則\n\n文。\n\n1 趣旨\n\n文。\n\n(1) 背景\n\n文。\n\n2 期間\n\n文。\n\n第2章 体制\n\n文。",
        "第1章 総則|第1章 総則/1 趣旨|第1章 総則/1 趣旨/(1) 背景|第1章 総則/2 期間|第2章 体制",
    ),
    "a style without rank nests where it first appears": (
        "1 取組\n\n【分野1】 魅力\n\n文。\n\n【分野2】 人\n\n文。\n\n2 体制\n\n文。",
        "1 取組/【分野1】 魅力|1 取組/【分野2】 人|2 体制",
    ),
    "Markdown ranks above numbers": (
        "# 計画\n\n## 本編\n\n1 趣旨\n\n文。\n\n## 資料\n\n文。",
        "計画/本編/1 趣旨|計画/資料",
    ),
    "labels name what follows where there are no headings": (
        "達成状況\n\n職員の生産性\n\n増えました。\n\n主な施策\n\n始めます。",
        "達成状況/職員の生産性|主な施策",
    ),
    "the title of a table applies only to it": (
        "1 指標\n\n窓口\n(単位:人)\n指標\t実績\n利用者\t92\n\n次です。\n\n電話\n指標\t実績\n利用者\t80",
        "1 指標/窓口/(単位:人)|1 指標|1 指標/電話",
    ),
    "the unit of a table is no title of a text": (
        "窓口\n\n(単位:人)\n\n指標\t実績\n利用者\t92\n\n次の段落です。",
        "窓口/(単位:人)|窓口",
    ),
    "a row of one marked cell is a heading of the rows below": (
        "窓口\t実績\n【本庁】\n市民課\t100人\n【支所】\n市民課\t20人",
        "計画の題/【本庁】|計画の題/【支所】",
    ),
    "outlined marks are siblings below filled ones": (
        "## 市\n\n□朝市\n文。\n\n■手当\n文。\n\n□児童\n文。\n\n◇住居\n文。\n\n■講座\n文。",
        "市/□朝市|市/■手当|市/■手当/□児童|市/■手当/◇住居|市/■講座",
    ),
    "levels of marks are determined per article": (
        "## 春\n\n◇花\n咲きます。\n\n## 夏\n\n■海\n泳ぎます。\n\n◇浜\n歩きます。",
        "春/◇花|夏/■海|夏/■海/◇浜",
    ),
    "a mark is below the heading above it": (
        "# 号\n\n■目次\n文。\n\n## 章\n\n■本文\n文。",
        "号/■目次|号/章/■本文",
    ),
}


@pytest.mark.parametrize(("text", "expected"), PATHS.values(), ids=PATHS)
def test_a_passage_has_the_headings_above_it(text: str, expected: str) -> None:
    assert "|".join("/".join(passage.path) for passage in passages(text)) == expected


def test_a_repeated_heading_continues_its_section() -> None:
    found, dropped = split_text("1 趣旨\n\n1.1. 背景\n\n前です。\n\n1 趣旨\n\n1.2. 期間\n\n後です。")
    assert [p.path for p in found] == [("1 趣旨", "1.1. 背景"), ("1 趣旨", "1.2. 期間")]
    assert dropped == (DroppedLines((7,), "1 趣旨", "繰り返しの見出し"),)


def test_a_table_that_goes_on_below_a_repeated_heading_is_one_table() -> None:
    table = "# 施設\n| 室 | 定員 |\n|---|---|\n| 和室 | 20人 |\n| 茶室 | 10人 |"
    lines = [Line(5 * page + n, raw, page) for page in (1, 2) for n, raw in enumerate(table.split("\n"))]
    assert [passage.table for passage in split("plan", "計画の題", find_blocks(lines))[0]] == [1, 1, 1, 1]


def test_a_heading_without_body_is_dropped_with_a_reason() -> None:
    found, dropped = split_text("(1) 上位計画\n\n本文です。\n\n(2) 国の動向\n\n(3) 市の動向\n\n本文です。\n\n3 閉会")
    assert len(found) == 2
    assert [(d.text, d.reason) for d in dropped] == [
        ("(2) 国の動向", "本文のない見出し"),
        ("3 閉会", "本文のない見出し"),
    ]


def test_a_heading_with_a_statement_becomes_a_passage() -> None:
    found, dropped = split_text(
        "# 会議録\n\n1 日時 令和7年10月23日\n\n【問合せ】交通対策課\n\n2 議題\n\n計画です。\n\n3 閉会"
    )
    assert [(p.path, p.text) for p in found] == [
        (("会議録",), "1 日時 令和7年10月23日"),
        (("会議録", "1 日時 令和7年10月23日"), "【問合せ】交通対策課"),
        (("会議録", "2 議題"), "計画です。"),
    ]
    assert [d.text for d in dropped] == ["3 閉会"]


@pytest.mark.parametrize(
    "text", ["# 一\n\n本文です。\n\n■お知らせ\n\n# 二\n\n本文です。", "開館日\n\n■月曜日\n\n■火曜日\n\n■水曜日"]
)
def test_a_marked_line_without_body_is_content(text: str) -> None:
    assert split_text(text)[1] == ()


def test_on_pages_a_separate_title_names_the_content_below_a_heading() -> None:
    text = "# 今後の方針\n\n全体の方針です。\n\n産地の連携\n\n連携を進めます。\n\n1,200\n\n人材の育成\n\n育てます。"
    assert [p.path[1:] for p in on_page(text)] == [(), ("産地の連携",), ("人材の育成",)]


def test_a_list_stays_with_its_introduction() -> None:
    (passage,) = passages("次の三つです。\n\n- 本部\n  - 市長\n- 部会")
    assert passage.kind == "list"
    assert passage.text == "次の三つです。\n・本部\n  ・市長\n・部会"
    assert passage.kind == "list"


def test_a_long_section_is_split_between_sentences() -> None:
    sentences = [f"第{n}回の会議では、デジタル化の進み具合を確かめました。" for n in range(40)]
    found = passages("1 経過\n\n" + "\n".join(sentences))
    assert len(found) > 2
    assert all(len(p.text) <= LONGEST_PASSAGE and p.text.endswith("。") for p in found)
    assert "\n".join(p.text for p in found).split("\n") == sentences
    assert [n for p in found for n in p.lines] == [1, *range(3, 43)]


def test_text_that_refers_back_stays_with_its_referent() -> None:
    fields = "\n\n".join(f"{n}つ目の分野は、{'市民の暮らしと' * 9}まちづくりです。" for n in range(4))
    last = f"これら4分野にて、{'市民や大学や企業と' * 9}施策を展開します。"
    (passage,) = passages(f"1 分野\n\n{fields}\n\n{last}")
    assert len(passage.text) > LONGEST_PASSAGE
    assert passage.text.endswith(last)


def test_a_very_long_list_is_split_between_items() -> None:
    items = [f"{n}番目の取り組みとして窓口の手続きを見直す" for n in range(100)]
    found = passages("次のとおりです。\n" + "\n".join(f"・{item}" for item in items))
    assert sum(len(p.text) for p in found) > LONGEST_LIST
    assert "\n".join(p.text for p in found).split("\n・")[1:] == items


def test_a_table_row_is_a_passage_with_its_column_names() -> None:
    _, second = passages("1 指標\n\n表1 主な指標\n\n指標\t目標\t実績\n利用者\t100人\t92人\n手続き\t90%\t95%")
    assert second.kind == "row"
    assert second.path == ("1 指標", "表1 主な指標")
    assert second.text == "指標: 手続き\n目標: 90%\n実績: 95%"
    assert second.cells == (Cell("指標", "手続き"), Cell("目標", "90%"), Cell("実績", "95%"))
    assert second.lines == (5, 7)


@pytest.mark.parametrize("caption", ["表1 蔵書の推移", "図表2-1 貸出", "(単位:冊)"])
def test_the_section_of_a_row_is_the_heading_above_the_caption(caption: str) -> None:
    (row,) = passages(f"## 2-1 蔵書\n\n{caption}\n\n| 年度 | 冊数 |\n| --- | --- |\n| 令和5年度 | 9万冊 |")
    assert row.path == ("2-1 蔵書", caption)
    assert row.section == "2-1 蔵書"


def test_a_caption_above_axis_figures_is_the_title() -> None:
    found, dropped = split_text(f"1 蔵書\n\n図表3 館ごとの蔵書\n\n（ｎ＝120）\n\n0　20　40　60\n\n{CHART}")
    assert {row.path for row in found} == {("1 蔵書", "図表3 館ごとの蔵書", "（ｎ＝120）")}
    assert {row.section for row in found} == {"1 蔵書"}
    assert [(d.text, d.reason) for d in dropped[:1]] == [("0　20　40　60", "図の目盛り")]


def test_on_pages_labels_inside_a_chart_are_not_titles() -> None:
    caption = "図表3 館ごとの蔵書と貸出の推移、その前の年度からの増減（複数回答：あてはまるものいくつでも選択）"
    text = f"1 蔵書\n\n{caption}\n\n児童書以外\n\n左から一般・児童\n\n{CHART}"
    assert on_page(text)[-1].path == ("1 蔵書", caption, "左から一般・児童")


def test_on_pages_a_label_inside_a_form_is_not_a_title() -> None:
    entry = "商品：鉛筆と消しゴムを入れた箱、価格：1,000円、数量：1、送料：300円、お支払総額：1,300円"
    text = f"1 お申込み\n\n{entry}\n\nお届け先\n\n・市役所の窓口"
    assert [p.path for p in on_page(text)] == [("1 お申込み",)]


def test_an_empty_first_cell_continues_the_one_above() -> None:
    _, second = passages("区分\t年度\t実績\n窓口\t令和4年度\t100人\n\t令和5年度\t90人")
    assert second.cells[0] == Cell("区分", "窓口")
    assert second.lines == (1, 2, 3)


def test_a_ditto_mark_is_what_it_repeats_with_its_line() -> None:
    rows = passages("館\t課\t休み\n東館\t学習課\t〃\n西館\t〃\t月曜\n南館\t同上\t同左")
    assert [row.text for row in rows] == [
        "館: 東館\n課: 学習課\n休み: 〃",
        "館: 西館\n課: 学習課\n休み: 月曜",
        "館: 南館\n課: 学習課\n休み: 学習課",
    ]
    assert set(rows[0].lines) <= set(rows[2].lines)


def test_consecutive_rows_of_one_cell_are_nested_headings() -> None:
    table = (
        "| 番号 | 対策 |\n|---|---|\n| 一　体制 |\n| 一の一　人 |\n| 1 | 研修 |\n| 一の二　規程 |\n| 2 | 手順書 |\n"
        "| 二　情報 |\n| 二の一　公開 |\n| 3 | 掲示 |\n| 三　その他 |"
    )
    found = passages(f"# 対策\n\n{table}")
    assert [(p.path[1:], p.text) for p in found] == [
        (("一　体制", "一の一　人"), "番号: 1\n対策: 研修"),
        (("一　体制", "一の二　規程"), "番号: 2\n対策: 手順書"),
        (("二　情報", "二の一　公開"), "番号: 3\n対策: 掲示"),
        ((), "三　その他"),
    ]


def test_cells_without_a_column_name_are_kept() -> None:
    assert passages("指標\t実績\n利用者\t92人\t速報値")[0].text == "指標: 利用者\n実績: 92人\n速報値"


@pytest.mark.parametrize("text", ["名称\t定員\t", "| 名称 | 定員 |\n| --- | --- |"])
def test_a_table_without_rows_is_text(text: str) -> None:
    (passage,) = passages(f"{text}\n")
    assert passage.kind == "text"
    assert passage.text == "名称 定員"
    assert passage.cells == ()


def test_a_note_below_a_table_is_added_to_its_rows() -> None:
    text = "指標\t実績\n利用者\t92人※1\n手続き\t104件\n※1 全員が受講\n\n※ 速報値\n※2 調査中"
    first, second = passages(text)
    assert first.notes == ("※1 全員が受講", "※ 速報値", "※2 調査中")
    assert second.notes == ("※ 速報値", "※2 調査中")
    assert second.text == "指標: 手続き\n実績: 104件\n※ 速報値\n※2 調査中"
    assert set(first.lines) == {1, 2, 4, 6, 7}


def test_a_numbered_note_mark_is_not_confused_with_a_figure() -> None:
    first, second = passages("指標\t実績\n利用者\t※1,318人※10\n手続き\t5件※1\n※1 速報値")
    assert first.notes == ()
    assert second.notes == ("※1 速報値",)


def test_a_note_stays_with_the_text_it_explains() -> None:
    items = "\n".join(f"・{n}番目の取り組みとして窓口の手続きを見直す" for n in range(30))
    (passage,) = passages(f"次のとおりです。\n{items}\n※ 注記です")
    assert passage.text.endswith("\n※ 注記です")


def test_every_part_of_a_long_speech_names_its_speaker() -> None:
    speech = "".join(
        f"{n}番目の事業は、予定のとおりに進んでおり、来月には町内の全ての地区で終わる見込みです。" for n in range(20)
    )
    found = passages(f"1 報告\n\n○道路課長　{speech}\n○根本委員　わかりました。")
    assert found[0].path == ("1 報告",)
    assert {p.path for p in found[1:-1]} == {("1 報告", "道路課長")}
    assert found[-1].path == ("1 報告",)
    assert found[-1].text == "○根本委員　わかりました。"


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("（単位：千円）", "款: 議会費\n本年度: 1,200千円\n伸び率: 3.5\n摘要: 2名"),
        ("（単位：千円、人）", "款: 議会費\n本年度: 1,200\n伸び率: 3.5\n摘要: 2名"),
    ],
)
def test_a_figure_keeps_the_unit_above_its_table(line: str, text: str) -> None:
    table = "| 款 | 本年度 | 伸び率 | 摘要 |\n|---|---|---|---|\n| 議会費 | 1,200 | 3.5 | 2名 |"
    assert [p.text for p in passages(f"# 予算\n\n{line}\n{table}")] == [text]
