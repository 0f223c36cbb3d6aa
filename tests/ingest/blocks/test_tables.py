from pathlib import Path

import pytest

from ingest.blocks import find_blocks
from ingest.blocks.tables import join_continued_tables, tab_aligned_rows
from ingest.documents import Block, BlockRow, Line
from ingest.readers import read_source


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
