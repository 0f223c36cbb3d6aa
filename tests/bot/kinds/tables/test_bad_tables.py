"""Tests that any table can be read without an error, in time that grows with its rows."""

from datetime import date
from time import thread_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.kinds.tables.answer import answer_from_tables
from bot.kinds.tables.render import row_text, to_table_rows
from bot.kinds.tables.row_selection import select_rows
from bot.question.query_parser import QueryParser
from bot.state import Hit
from bot.work_budget import LIMITS, open_work_budget
from ingest.documents import Cell, Document, Passage
from tests.bot.kinds.tables.sheets import tables_of

DOCUMENT = Document("d", "港の計画", "d.md")
CELLS = st.sampled_from(
    [
        *["", "-", "－", "0", "△3", "12件", "1,000円", "5%", "10kg", "3件減", "○", "×"],
        *["令和8年度", "合計", "東岸壁", "西岸壁 ※1"],
    ]
)
COLUMN_HEADS = st.sampled_from(
    ["", "岸壁", "目標値", "実績", "令和8年度", "令和9年度", "件数(千件)", "合計", "備考", "使用の可否", "番号"]
)
QUESTIONS = st.sampled_from(
    [
        *("東岸壁の実績は?", "東岸壁は目標に届きましたか", "目標に届かなかった岸壁はどれですか"),
        *("件数が一番多い岸壁は?", "一番新しい岸壁は?", "東岸壁と西岸壁の件数の合計は?"),
        *("令和8年度から令和9年度までの東岸壁の合計は?", "東岸壁と西岸壁の差はどれくらいですか"),
        *("東岸壁と西岸壁ではどちらが多いですか", "東岸壁の達成率は?"),
        *("10件以上の岸壁をすべて教えてください", "増えた岸壁はどれですか", "いくらですか"),
        *("東岸壁はいつですか", "使用ができない岸壁はどれですか"),
    ]
)


def passages(heads: list[str], table: list[list[str]]) -> list[Passage]:
    made = []
    for n, cells in enumerate(table):
        filled = tuple(Cell(head, cell) for head, cell in zip(heads, cells, strict=False) if cell)
        text = "\n".join(f"{cell.column}: {cell.value}" for cell in filled)
        made.append(Passage(f"d#{n}", "d", "row", ("岸壁の使用",), text, (n,), None, filled, ("※1 工事中。",)))
    return made


@settings(max_examples=100, deadline=None)
@given(st.lists(COLUMN_HEADS, max_size=6), st.lists(st.lists(CELLS, max_size=6), min_size=1, max_size=6), QUESTIONS)
def test_no_table_and_no_question_raises(heads: list[str], table: list[list[str]], question: str) -> None:
    rows = passages(heads, table)
    tables = tables_of(rows)
    query = QueryParser([DOCUMENT], lambda _: 1.0)(question, date(2026, 8, 1))
    answer = answer_from_tables(query, [Hit(row, 1.0) for row in rows], tables, {DOCUMENT.id: DOCUMENT})
    if answer:
        cited = {n for statement in (*answer.statements, *answer.table.lines) for n in statement.cited}
        assert cited == set(range(1, len(answer.sources) + 1))
        assert all(source.quote == source.passage.text for source in answer.sources)
    for read in filter(None, map(tables.find_table, rows)):
        assert [row_text(read, row) for row in read.rows]
        block = to_table_rows(read, read.rows)
        assert all(len(row) == len(block.columns) for row in block.rows)


LABELS = {
    "equal": ["館"] * 3000,
    "common beginnings": [f"{'北町' if n < 300 else '南町'}第{n}公園" for n in range(1000)],
    "cells of many columns": [f"{n}丁目の会" for n in range(90)],
}


@pytest.mark.parametrize("kind", LABELS)
def test_the_named_rows_of_a_large_table_are_found_in_linear_time(kind: str) -> None:
    width = 200 if kind == "cells of many columns" else 1
    heads = ["施設", *(f"面積{n}" for n in range(width))]
    rows = passages(heads, [[label, *(f"{n}㎡" for n in range(width))] for label in LABELS[kind]])
    tables = tables_of(rows)
    table = tables.find_table(rows[0])
    assert table
    for question in ("館の料金の合計は", "北町の公園の面積の合計は", "北町の公園の面積は?", "5丁目の会の面積7は?"):
        query = QueryParser([DOCUMENT], lambda _: 1.0)(question, date(2026, 8, 1))
        begun = thread_time()
        answer_from_tables(query, [Hit(rows[0], 1.0)], tables, {DOCUMENT.id: DOCUMENT})
        select_rows(query, table, rows[0], {}, 500)
        assert thread_time() - begun < 1


def test_a_table_of_too_many_cells_is_not_read_in_a_request() -> None:
    rows = passages(["岸壁", "件数"], [[f"第{n}岸壁", f"{n}件"] for n in range(LIMITS["cells"] // 4)])
    tables = tables_of(rows)
    with open_work_budget() as budget:
        assert tables.find_table(rows[0]) is None
        assert not budget.is_exceeded
        small = passages(["岸壁", "件数"], [["東岸壁", "3件"]])
        assert tables_of(small).find_table(small[0])
    assert tables.find_table(rows[0])
