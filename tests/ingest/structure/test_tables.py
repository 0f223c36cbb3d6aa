"""Tables are read from lines with tabs or bars, and over pages."""

import pytest

from ingest.structure.blocks import Block, BlockRow
from ingest.structure.tables import join_continued_tables


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
