import re
from pathlib import Path

import pytest

from ingest.blocks import find_blocks
from ingest.blocks.lists import figure_word_spans, find_lists, item_name, item_spans, numbered_siblings
from ingest.blocks.tables import join_continued_tables, tab_aligned_rows
from ingest.documents import Block, BlockRow, Line, Passage
from ingest.readers import read_source


def listed(text: str) -> list[tuple[str, list[str]]]:
    found = find_lists(text, [match.span() for match in re.finditer(r"[^\n]+", text)])
    return [(text[one.lead : one.start].strip(), [text[slice(*item)].strip() for item in one.items]) for one in found]


def test_marked_lines_are_items_of_the_line_above() -> None:
    text = "借りられる道具\n・かんな\n・のみ\n閉館の日\n◎ 月曜日\n◎ 祝日\n・年末"
    assert listed(text) == [("借りられる道具", ["・かんな", "・のみ"]), ("閉館の日", ["◎ 月曜日", "◎ 祝日"])]


@pytest.mark.parametrize("form", ["({})", "（{}）", "・({})", "{}.", "・{}回目 "])
def test_numbered_items_are_consecutive(form: str) -> None:
    of = [f"{form.format(n)}道具{n}" for n in (1, 2, 3, 1, 2)]
    assert [output for _, output in listed("\n".join(of))] == [of[:3], of[3:]]


def test_name_value_lines_are_not_a_list() -> None:
    assert listed("・場所：道具館\n・定員：10人") == []
    assert listed("5月11日 見学\n6月12日 見学") == []


def test_a_list_after_another_has_no_introduction() -> None:
    assert listed("・かんな\n・のみ\n(1)申し込む\n(2)借りる") == [
        ("", ["・かんな", "・のみ"]),
        ("", ["(1)申し込む", "(2)借りる"]),
    ]


@pytest.mark.parametrize("mark", ["・", "①", "(1) ", "1. ", "■"])
def test_the_sentences_of_an_item_are_one(mark: str) -> None:
    text = f"借ります。返します。\n{mark}かんなは一人一つです。予約できます。\n2.5人分です。足ります。"
    parts = [match.span() for match in re.finditer(r"[^\n。]+。?", text)]
    assert [text[slice(*part)] for part in item_spans(text, parts)] == [
        "借ります。", "返します。", f"{mark}かんなは一人一つです。予約できます。", "2.5人分です。", "足ります。"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("item", "name"),
    [
        ("・かんな：木を削る", "かんな"),
        ("・(2) かんな 木を削る", "かんな"),
        ("③のこぎり／木を切る", "のこぎり"),
        ("・刃", ""),
        ("", ""),
    ],
)
def test_the_first_words_of_an_item_name_it(item: str, name: str) -> None:
    assert item_name(item) == name


def drawn(text: str) -> list[str]:
    return [
        text[slice(*one)] for one in figure_word_spans(text, [match.span() for match in re.finditer(r"[^\n]+", text)])
    ]


DRAWN = "川の計画\n引き継ぐ\n川の計画2"


def test_consecutive_bare_lines_are_the_words_of_a_figure() -> None:
    assert drawn(f"{DRAWN}\n川を守ります。\n{DRAWN}") == [DRAWN, DRAWN]
    assert drawn("川を守ります。\n川の計画\n引き継ぐ") == []
    assert drawn("") == []


@pytest.mark.parametrize(
    "text",
    [
        f"次の3つです。\n{DRAWN}",
        f"計画：\n{DRAWN}",
        "川の計画\n引き継ぐ\n川の計画2\n・網\n・舟",
        "場所：川辺\n定員：10人\n費用：無料",
        "・網\n・舟\n・竿",
    ],
)
def test_introduced_or_named_lines_are_not_a_figure(text: str) -> None:
    assert drawn(text) == []


def sections(*headings: str) -> list[Passage]:
    return [Passage(f"plan#{n}", "plan", "text", ("取組", h), "本文です。", (n,)) for n, h in enumerate(headings)]


@pytest.mark.parametrize("form", ["【里{}】 川", "({}) 川", "3.{}. 川", "第{}章 川", "里{} 川"])
def test_consecutively_numbered_sections_are_a_series(form: str) -> None:
    passages = sections(form.format(1), form.format(1), "川の地図", form.format(2), form.format(3))
    assert [[*one.values()] for one in numbered_siblings(passages, passages[3])] == [[passages[0], *passages[3:]]]


def test_sections_not_numbered_from_one_are_not_a_series() -> None:
    for headings in (("川", "森"), ("(2) 川", "(3) 森"), ("(1) 川",), ("令和1年度", "令和3年度"), ("(1) 川", "2 森")):
        passages = sections(*headings)
        assert not [*numbered_siblings(passages, passages[0])]
    elsewhere = Passage("plan#9", "plan", "text", ("体制", "(1) 川"), "本文です。", (9,))
    assert not [*numbered_siblings(sections("(1) 川", "(2) 森"), elsewhere)]
    assert not [*numbered_siblings([], Passage("plan#9", "plan", "text", (), "本文です。", (9,)))]


@pytest.mark.parametrize(
    ("text", "page", "has_tabs"),
    [
        pytest.param("室 / 定員 / 面積\n和室 / 20人 / 30m2\n茶室 / 10人 / 15m2", None, True, id="slashes"),
        pytest.param("室　定員　面積\n和室　20人　30m2\n茶室　10人　15m2", None, True, id="wide gaps"),
        pytest.param("室  定員  面積\n和室  20人  30m2\n茶室  10人  15m2", 1, False, id="line of a page"),
        pytest.param("室　定員　面積\n和室　20人　30m2", None, False, id="two rows"),
        pytest.param("室　定員\n和室　20人\n茶室　10人", None, False, id="two cells"),
        pytest.param("室　定員　担当\n和室　多い　総務\n茶室　少ない　文化", None, False, id="no figures"),
        pytest.param("広間　50人　90m2\n和室　20人　30m2\n茶室　10人　15m2", None, True, id="units at the top"),
        pytest.param("広間　50　90\n和室　20　30\n茶室　10　15", None, False, id="no heads"),
    ],
)
def test_aligned_rows_get_tabs(text: str, page: int | None, *, has_tabs: bool) -> None:
    rows = tab_aligned_rows([Line(n, line, page) for n, line in enumerate(text.split("\n"), 1)])
    assert all(("\t" in row.text) is has_tabs for row in rows)


def table(page: int, *rows: tuple[str, ...]) -> Block:
    return Block("table", "", (page,), page, rows=tuple(BlockRow((page,), cells) for cells in rows))


HEAD = ("室", "定員")


@pytest.mark.parametrize(
    ("blocks", "expected"),
    [
        pytest.param(
            [table(1, HEAD, ("和室", "20人")), table(2, HEAD, ("茶室", "10人"))],
            [("table", [HEAD, ("和室", "20人"), ("茶室", "10人")]), ("dropped", [])],
            id="header repeated",
        ),
        pytest.param(
            [table(1, HEAD, ("和室", "20人")), Block("dropped", "- 1 -", (9,), 1), table(2, HEAD, ("茶室", "10人"))],
            [("table", [HEAD, ("和室", "20人"), ("茶室", "10人")]), ("dropped", []), ("dropped", [])],
            id="page number between",
        ),
        pytest.param(
            [table(1, HEAD, ("和室", "20人")), Block("text", "本文です。", (9,), 2), table(2, HEAD, ("茶室", "10人"))],
            [("table", [HEAD, ("和室", "20人")]), ("text", []), ("table", [HEAD, ("茶室", "10人")])],
            id="text between",
        ),
        pytest.param(
            [table(1, HEAD, ("和室", "20人")), table(2, ("道路", "延長"), ("市道", "3km"))],
            [("table", [HEAD, ("和室", "20人")]), ("table", [("道路", "延長"), ("市道", "3km")])],
            id="another header",
        ),
    ],
)
def test_a_table_goes_on_over_pages(blocks: list[Block], expected: list[tuple[str, list[tuple[str, ...]]]]) -> None:
    joined = join_continued_tables(blocks)
    assert [(block.kind, [row.cells for row in block.rows]) for block in joined] == expected


HEADERS = [
    ("施設一覧,,令和8年4月1日現在\n施設,階,席\n北館,2,40\n", ["施設一覧", "令和8年4月1日現在"], ("施設", "階", "席")),
    ("席数,,（単位：席）\n施設,平日,休日\n北館,20,40\n", ["席数", "（単位：席）"], ("施設", "平日", "休日")),
    ("施設,席,,備考\n,平日,休日,\n北館,20,40,改修\n南館,30,50,\n", [], ("施設", "席 平日", "席 休日", "備考")),
    ("施設,令和7年度,令和8年度\n北館,20,40\n", [], ("施設", "令和7年度", "令和8年度")),
    ("施設,受付,,備考\n北館,午前,要予約,なし\n南館,午後,不要,なし\n", [], ("施設", "受付", "", "備考")),
]


@pytest.mark.parametrize(("content", "titles", "names"), HEADERS)
def test_one_header_is_found_below_titles_units_and_days(
    content: str, titles: list[str], names: tuple[str, ...], tmp_path: Path
) -> None:
    path = tmp_path / "table.csv"
    path.write_text(content)
    *above, table = find_blocks(read_source(path).parts)
    assert ([block.text for block in above], table.rows[0].cells) == (titles, names)
