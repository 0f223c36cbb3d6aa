"""Tables are read from lines with tabs or bars, and over pages."""

import pytest

from ingest.documents import Line
from ingest.structure.blocks import Block, BlockRow
from ingest.structure.tables import heads_rows, join_continued_tables, read_table


def lines_of(text: str, page: int | None = None) -> list[Line]:
    return [Line(n, line, page) for n, line in enumerate(text.split("\n"), 1)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("室\t定員\n和室\t20人", [("室", "定員"), ("和室", "20人")], id="tabs"),
        pytest.param("| 室 | 定員 |\n|---|---|\n| 和室 | 20人 |", [("室", "定員"), ("和室", "20人")], id="bars"),
        pytest.param("│室│定員│\n│和室│20人│", [("室", "定員"), ("和室", "20人")], id="box bars"),
        pytest.param("使用料\n室\t定員\n和室\t20人\n※ 税込み", [("室", "定員"), ("和室", "20人")], id="title and note"),
        pytest.param("和室は20人です。\n茶室は10人です。", [], id="sentences"),
        pytest.param("室\t定員", [], id="one line"),
    ],
)
def test_rows_of_cells_are_a_table(text: str, expected: list[tuple[str, ...]]) -> None:
    tables = [block for block in read_table(lines_of(text)) if block.kind == "table"]
    assert [row.cells for table in tables for row in table.rows] == expected


def test_lines_around_a_table_are_its_title_and_notes() -> None:
    blocks = read_table(lines_of("使用料\n室\t定員\n和室\t20人\n※ 税込み"))
    assert [(block.kind, block.text) for block in blocks] == [("label", "使用料"), ("table", ""), ("note", "※ 税込み")]


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


@pytest.mark.parametrize(
    ("cells", "is_head"),
    [
        pytest.param(("【本館】", ""), True, id="marked"),
        pytest.param(("本館",), True, id="full width"),
        pytest.param(("本館", ""), False, id="row without figure"),
        pytest.param(("【本館】", "20人"), False, id="row with figure"),
    ],
)
def test_a_row_of_one_cell_heads_the_rows_below(cells: tuple[str, ...], *, is_head: bool) -> None:
    assert heads_rows(BlockRow((2,), cells), BlockRow((1,), HEAD)) is is_head
