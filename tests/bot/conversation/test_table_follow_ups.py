"""Tests of follow-ups about the table or list of the last answer."""

from pathlib import Path

import pytest

from bot.conversation.table_follow_ups import TableFollowUps
from bot.state import Exchange, SourceLine, Status, TableRows
from bot.tables import Tables
from ingest.chunking.document_reading import read_document
from ingest.documents import Document

pytest_plugins = ["tests.bot.city_index"]

LOANS = """# 鈴浜町 道具の貸出

| 月 | 貸出数 | 来館者数 |
|---|---|---|
| 4月 | 120回 | 310人 |
| 5月 | 95回 | 280人 |
| 6月 | 143回 | 402人 |
"""


@pytest.fixture
def tables(tmp_path: Path) -> Tables:
    path = tmp_path / "loans.md"
    path.write_text(LOANS, encoding="utf-8")
    return Tables(read_document(path, Document("loans", "鈴浜町 道具の貸出", path.name)).passages)


def exchange(tables: Tables, understood: str, operator: str, month: str) -> Exchange:
    """Return an answer with the row of a month."""
    (row,) = [passage for passage in tables._passages if passage.cells and passage.cells[0].value == month]  # noqa: SLF001
    shown = TableRows(
        SourceLine(()), ("月", "貸出数"), ((month, row.cells[1].value),), (1,), operator=operator, used=("貸出数",)
    )
    return Exchange(understood, "", (shown,), Status.ANSWERED, passages=frozenset({row.id}))


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("2番目は?", "貸出数が2番目に多い月は?"),
        ("来館者数は?", "来館者数が一番多い月は?"),
        ("合計は?", "貸出数の合計は?"),
        ("平均だと?", "貸出数の平均は?"),
        ("5月は?", "5月の貸出数は?"),
    ],
)
def test_follow_up_of_a_ranking_is_about_its_column(tables: Tables, text: str, question: str) -> None:
    before = exchange(tables, "貸出数が一番多い月は?", "most", "6月")
    assert TableFollowUps(tables.find_by_ids)(text, before) == question


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("4月と比べると?", "6月と4月の貸出数の差は?"),
        ("来館者数は?", "6月の来館者数は?"),
    ],
)
def test_follow_up_of_a_value_is_about_its_row(tables: Tables, text: str, question: str) -> None:
    before = exchange(tables, "6月の貸出数は?", "select", "6月")
    assert TableFollowUps(tables.find_by_ids)(text, before) == question


@pytest.mark.parametrize("text", ["8月は?", "休館日は?", "ありがとう", "2番目は?"])
def test_what_the_table_lacks_is_left_to_other_rules(tables: Tables, text: str) -> None:
    assert TableFollowUps(tables.find_by_ids)(text, exchange(tables, "6月の貸出数は?", "select", "6月")) is None
