"""Generates training questions from tables: a row label with a column name."""

import re
from collections.abc import Collection, Iterator, Sequence
from itertools import groupby
from math import nan
from random import Random

from bot.tables import Tables
from eval.training.reader.reader_task import TrainingQuestion
from ingest.chunking.table import Column, Row, Table
from ingest.documents import Passage
from ingest.japanese import normalise_without_spaces
from ingest.japanese.tokenise import words

# Maximum tables per document and rows per table; lengths of labels, heads and values.
_MAX_TABLES = 40
_MAX_ROWS = 3
_LABEL_LENGTHS = range(2, 41)
_HEAD_LENGTHS = range(2, 16)
_VALUE_LENGTHS = range(1, 121)
_ENDINGS = ("は?", "は何ですか", "を教えてください", "はどうなっていますか")
_FIGURE_ENDINGS = ("は?", "はいくつですか", "はどれくらいですか", "はいくらですか")
# Two adjacent letters: nobody asks for the label 3-5.
_HAS_WORD = re.compile(r"[^\W\d_]{2}")
# Share of questions with a shortened label, as people ask.
_SHORTENED_SHARE = 0.4


def row_questions(passages: Sequence[Passage]) -> Iterator[TrainingQuestion]:
    """Yield for rows of each document's tables a question about one cell, and one that its tables do not answer."""
    tables = Tables(passages)
    for doc_id, members in groupby(passages, lambda passage: passage.doc_id):
        of_document = list(members)
        own_tables = dict.fromkeys(table for passage in of_document if (table := tables.find_table(passage)))
        usable = [table for table in own_tables if list(_askable_cells(table))]
        random = Random(doc_id)  # noqa: S311 -- reproducible
        for table in random.sample(usable, min(_MAX_TABLES, len(usable))):
            yield from _table_questions(table, usable, of_document, random)


def _table_questions(
    table: Table, tables: Sequence[Table], passages: Sequence[Passage], random: Random
) -> Iterator[TrainingQuestion]:
    cells = list(_askable_cells(table))
    for row, column in random.sample(cells, min(_MAX_ROWS, len(cells))):
        yield _cell_question(table, row, column, random)
    row, _ = random.choice(cells)
    heads = {column.name for other in tables for _, column in _askable_cells(other)} - {c.name for c in table.columns}
    labels = {row.label for other in tables if other is not table for row, _ in _askable_cells(other)}
    column = random.choice(cells)[1]
    lacking = [(row.label, head) for head in sorted(heads)] + [(label, column.name) for label in sorted(labels)]
    lacking = [pair for pair in random.sample(lacking, min(6, len(lacking))) if not _share_passage(pair, passages)]
    for label, head in lacking[:1]:
        yield TrainingQuestion(f"{label}の{head}{random.choice(_ENDINGS)}", _group(table.doc_id), None)


def _group(doc_id: str) -> str:
    return f"pages-{doc_id}"


def _askable_cells(table: Table) -> Iterator[tuple[Row, Column]]:
    labels = [row.label for row in table.rows]
    for row in table.rows:
        if len(row.label) not in _LABEL_LENGTHS or labels.count(row.label) > 1 or not _HAS_WORD.search(row.label):
            continue
        for column in table.columns:
            if (
                len(column.name) in _HEAD_LENGTHS
                and len(row.text(column)) in _VALUE_LENGTHS
                and _HAS_WORD.search(column.name)
            ):
                yield row, column


def _cell_question(table: Table, row: Row, column: Column, random: Random) -> TrainingQuestion:
    label = _shorten_label(row.label, random) if random.random() < _SHORTENED_SHARE else row.label
    ending = random.choice(_FIGURE_ENDINGS if row.values(column) else _ENDINGS)
    caption = table.section
    text = random.choice(
        (
            f"{label}の{column.name}{ending}",
            f"{label}では、{column.name}{ending}",
            f"{caption}で、{label}の{column.name}{ending}",
            f"{column.name}について、{label}{ending}",
        )
    )
    value = row.text(column)

    def grade(passage: Passage) -> float:
        if passage.id == row.passage.id:
            return 1.0
        return nan if _contains_all(passage, (row.label, value)) else 0.0

    return TrainingQuestion(text, _group(table.doc_id), grade, lambda unit: unit in row.passage.text, ((value,),))


def _shorten_label(label: str, random: Random) -> str:
    length = random.randint(len(label) // 2, len(label))
    part = random.choice((label[:length], label[-length:])).strip("・、。()（） ")
    return part if words(part) else label


def _share_passage(pair: tuple[str, str], passages: Sequence[Passage]) -> bool:
    return any(_contains_all(passage, pair) for passage in passages)


def _contains_all(passage: Passage, texts: Collection[str]) -> bool:
    passage_text = normalise_without_spaces("\n".join((*passage.path, passage.text)))
    return all(normalise_without_spaces(text) in passage_text for text in texts)
