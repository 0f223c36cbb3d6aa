"""Tests of labelled tables: labels, columns with roles and years, values with units, notes, totals."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from bot.tables.lookup import Tables, read_table
from bot.tables.render import row_text, to_table_rows
from ingest.chunking.table import Role, Table
from ingest.documents import Cell, Passage
from tests.bot.tables.sheets import rows


def row(n: int, *cells: tuple[str, str], path: tuple[str, ...] = ("町の統計",), notes: tuple[str, ...] = ()) -> Passage:
    text = "\n".join(f"{column}: {value}" for column, value in cells)
    return Passage(f"d#{n}", "d", "row", path, text, (n,), None, tuple(Cell(*cell) for cell in cells), notes)


def labelled(*passages: Passage) -> Table:
    found = read_table(passages)
    assert found
    return found


def value(cell: str, head: str = "人口", path: tuple[str, ...] = ("町の統計",)) -> tuple[Decimal, str, int] | None:
    table = labelled(row(1, ("村", "上村"), (head, cell), path=path))
    found = table.rows[0].value(table.columns[0])
    return (found.number, found.unit, found.change) if found else None


@pytest.mark.parametrize(
    ("cell", "read"),
    [
        ("1,204人", (Decimal(1204), "人", 0)),
        ("約1,200人", (Decimal(1200), "人", 0)),
        ("3億2,500万円", (Decimal(325_000_000), "円", 0)),
        ("△12件", (Decimal(-12), "件", 0)),
        ("-3.5%", (Decimal("-3.5"), "%", 0)),
        ("15台減", (Decimal(15), "台", -1)),
        ("15台増", (Decimal(15), "台", 1)),
        ("4,000人以下", (Decimal(4000), "人", 0)),
        ("-", None),
        ("－", None),
        ("―", None),
        ("未実施", None),
        ("9時~17時", None),
        ("設計", None),
    ],
)
def test_cell_is_read_as_a_figure_with_its_unit(cell: str, read: tuple[Decimal, str, int] | None) -> None:
    assert value(cell) == read


def test_bare_number_takes_the_unit_of_its_head() -> None:
    assert value("250", "事業費(千円)") == (Decimal(250_000), "円", 0)


def test_bare_number_takes_the_unit_of_the_line_above_the_table() -> None:
    assert value("250", "乗降客", ("町の統計", "(単位:人)")) == (Decimal(250), "人", 0)


def test_bracketed_head_that_is_not_a_counter_is_not_a_unit() -> None:
    assert value("250", "乗降客(累計)") == (Decimal(250), "", 0)


def test_roles_of_columns_are_read_from_their_heads() -> None:
    table = labelled(
        row(
            1, ("指標", "参加者数"), ("策定時", "3人"), ("中間目標", "5人"), ("目標値", "9人"), ("令和7年度実績", "4人")
        )
    )
    names = {role: [column.name for column in table.columns_of_role(role)] for role in Role}
    assert names[Role.BASE] == ["策定時"]
    assert names[Role.INTERIM] == ["中間目標"]
    assert names[Role.TARGET] == ["目標値"]
    assert names[Role.RESULT] == ["令和7年度実績"]


def test_latest_of_several_columns_of_a_role_is_last() -> None:
    table = labelled(row(1, ("指標", "来客"), ("令和7年度実績", "4人"), ("令和元年度実績", "2人")))
    assert [column.name for column in table.columns_of_role(Role.RESULT)] == ["令和元年度実績", "令和7年度実績"]


def test_total_row_is_recognised() -> None:
    table = labelled(row(1, ("係", "計画係"), ("人数", "3人")), row(2, ("係", "合計"), ("人数", "3人")))
    assert [each.label for each in table.items] == ["計画係"]
    assert table.total
    assert table.total.label == "合計"


def test_numbering_is_not_a_label() -> None:
    table = labelled(row(1, ("番号", "1-1"), ("施策", "並木の手入れ"), ("所管", "緑地係")))
    assert table.label == "施策"
    assert table.rows[0].label == "並木の手入れ"


def test_years_are_labels() -> None:
    table = labelled(row(1, ("年", "2024"), ("来客", "3人")), row(2, ("年", "2025"), ("来客", "4人")))
    assert [each.label for each in table.rows] == ["2024", "2025"]


def test_duplicate_labels_include_the_next_column() -> None:
    table = labelled(
        row(1, ("区分", "幼児"), ("項目", "見込"), ("人数", "3人")),
        row(2, ("区分", "幼児"), ("項目", "定員"), ("人数", "5人")),
    )
    assert [each.label for each in table.rows] == ["幼児 見込", "幼児 定員"]
    assert [column.name for column in table.columns] == ["人数"]


def test_note_with_the_mark_of_a_row_is_of_that_row(tmp_path: Path) -> None:
    text = "# 計画\n\n| 村 | 戸数 |\n|---|---|\n| 上村 ※1 | 30戸 |\n| 下村 | 40戸 |\n\n"
    passages = rows(tmp_path, text + "※1 空き家を除く。\n\n※ 住民基本台帳による。\n")
    table = next(filter(None, map(Tables(passages).find_table, passages)))
    assert [each.label for each in table.rows] == ["上村", "下村"]
    assert [each.notes for each in table.rows] == [("※1 空き家を除く。",), ()]


def test_phrase_after_a_label_is_a_note() -> None:
    counted = row(1, ("項目", "苗木の配布数 窓口で手渡した本数を数える"), ("目標", "90本"))
    table = read_table([counted, row(2, ("項目", "見学者数"), ("目標", "40人"))])
    assert table is not None
    assert [each.label for each in table.rows] == ["苗木の配布数", "見学者数"]
    assert [each.notes for each in table.rows] == [("窓口で手渡した本数を数える",), ()]


def test_note_within_a_cell_is_a_note() -> None:
    table = labelled(row(1, ("事業", "配食"), ("実績", "98% ※冬期を除く")))
    assert table.rows[0].text(table.columns[0]) == "98%"
    assert table.rows[0].notes == ("※冬期を除く",)


def test_rows_of_one_cell_are_names_and_values() -> None:
    table = labelled(row(1, ("所在地", "三番町4")), row(2, ("開館", "9時")))
    assert [(each.label, each.text(table.columns[0])) for each in table.rows] == [
        ("所在地", "三番町4"),
        ("開館", "9時"),
    ]


@pytest.mark.parametrize(
    "passages",
    [
        (),
        (row(1),),
        (row(1, ("", "一つ")),),
        (row(1, ("", "左"), ("", "右")),),
        (row(1, ("名", "甲")), row(2, ("名", "乙"))),
        (row(1, ("", ""), ("値", "")),),
    ],
    ids=["none", "no cells", "one cell", "no heads", "one name twice", "empty"],
)
def test_rows_without_values_are_not_a_table(passages: tuple[Passage, ...]) -> None:
    assert read_table(passages) is None


def test_cells_under_one_header_are_joined() -> None:
    table = labelled(row(1, ("名", "甲"), ("値", "3件"), ("値", "4件")))
    assert table.rows[0].text(table.columns[0]) == "3件 4件"


def test_adjacent_tables_are_split_by_their_first_header() -> None:
    one, other = row(1, ("村", "上村"), ("戸数", "3戸")), row(2, ("川", "黒川"), ("長さ", "3km"))
    plain = replace(row(3), kind="text", text="本文")
    tables = Tables([one, other, plain])
    found = tables.find_table(one)
    assert found
    assert [each.label for each in found.rows] == ["上村"]
    assert tables.find_table(one) is found
    assert tables.find_table(plain) is None


def test_row_text_omits_missing_cells() -> None:
    table = labelled(row(1, ("村", "上村"), ("戸数", "30戸"), ("橋", "－")))
    assert row_text(table, table.rows[0]) == "・上村: 戸数 30戸"


def test_to_table_rows_has_a_value_for_each_column() -> None:
    table = labelled(row(1, ("村", "上村"), ("戸数", "30戸"), ("橋", "木")), row(2, ("村", "下村"), ("戸数", "8戸")))
    block = to_table_rows(table, table.rows, first=3)
    assert block.columns == ("村", "戸数", "橋")
    assert block.rows == (("上村", "30戸", "木"), ("下村", "8戸", "－"))
    assert block.cited == (3, 4)
    assert block.unit == "戸"
    assert block.chart is None
    figures = labelled(row(1, ("村", "上村"), ("戸数", "30戸")), row(2, ("村", "下村"), ("戸数", "8戸")))
    assert to_table_rows(figures, figures.rows).chart == "bar"


def test_merged_cell_is_read_once() -> None:
    table = labelled(row(1, ("区分", "離島"), ("区分", "離島"), ("戸数", "3戸")))
    assert [each.label for each in table.rows] == ["離島"]


def test_distinguishing_phrase_belongs_to_the_label() -> None:
    table = labelled(
        row(1, ("団体", "水産 沿岸漁業協同組合"), ("人数", "3人")),
        row(2, ("団体", "水産 養殖業者連絡会議"), ("人数", "5人")),
    )
    assert [each.label for each in table.rows] == ["水産 沿岸漁業協同組合", "水産 養殖業者連絡会議"]
    assert [each.notes for each in table.rows] == [(), ()]


def test_equal_text_in_adjacent_cells_is_shown_once() -> None:
    cells = [("村", "上村"), ("春", "船で渡る"), ("秋", "船で渡る"), ("去年", "3人"), ("今年", "3人")]
    table = labelled(row(1, *cells))
    assert row_text(table, table.rows[0]) == "・上村: 春・秋 船で渡る、去年 3人、今年 3人"
