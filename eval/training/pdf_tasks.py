"""Training questions over PDFs of ministries, written and generated from their tables."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from math import nan
from pathlib import Path
from random import Random
from typing import Any

from bot.tables import Tables
from eval.benchmarks.pages import pdf_files, read_pdfs
from eval.dataset.matching import contains_words
from eval.storage.numbered_lines import read_json_lines
from eval.training.tasks import ReaderTask, TrainingQuestion, read_written_questions
from ingest.chunking.table import Column, Row, Table
from ingest.documents import Passage
from ingest.japanese import nfkc, normalise_without_spaces
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


_ANALYSED_QUESTIONS = Path(__file__).parents[1] / "pages" / "read-questions.jsonl"
# Shares of the answering sentence's letter pairs: a passage with the answer is right from the first on, if it is within
# the second of the best one; on another page it may be right from the third on.
_RIGHT_SHARE = 0.6
_TIE_MARGIN = 0.1
_POSSIBLE_SHARE = 0.6
# Separators of a title's parts, words left out in speech, and minimum length of a document's name.
_SEPARATOR = re.compile(r"\s+|に関する|に係る|における|のための|に対する|に向けた|・")
_UNSPOKEN = re.compile(r"[(（][^)）]*[)）]|(?:結果の)?概要\S*|について$")
_MIN_NAME_LETTERS = 4
# Share of questions that name their document, and how they do.
_NAMED_SHARE = 0.5
_DOCUMENT_PARTICLES = ("では、", "で、", "について、")


def page_tasks(folder: Path) -> Iterator[ReaderTask]:
    """Yield written questions about PDFs, questions generated from their tables, and analysed page questions.

    `folder` has the PDFs and their titles. Only PDFs with written questions are read, so none of the held-out ones.
    Half of the written and table questions name their document.
    """
    lines = list(read_written_questions("pages"))
    files = {_source_file(line) for line in lines}
    readings, _ = read_pdfs([(n, file) for n, file in pdf_files(folder / "pdfs").items() if n in files])
    ids = {reading.document.file: reading.document.id for reading in readings}
    titles = {
        _group(ids[d["file"]]): d["title"] for d in read_json_lines(folder / "documents.jsonl") if d["file"] in ids
    }
    lines = [line for line in lines if _source_file(line) in ids]
    analysed = [line for line in read_json_lines(_ANALYSED_QUESTIONS) if _cited_document(line) in ids.values()]
    yield ReaderTask(
        "pages", lambda passages: name_documents(written_questions(lines, ids, passages), titles), readings=readings
    )
    yield ReaderTask("rows", lambda passages: name_documents(row_questions(passages), titles), readings=readings)
    yield ReaderTask("read-pages", lambda _: map(_case_question, analysed), readings=readings)


def name_documents(questions: Iterable[TrainingQuestion], titles: Mapping[str, str]) -> Iterator[TrainingQuestion]:
    """Yield the questions, half of them with the name of their document; `titles` are by group.

    Writers who see a document do not name it, but people asking about many documents do. The choice depends only on the
    question.
    """
    for question in questions:
        random = Random(question.text)  # noqa: S311 -- reproducible
        names = document_names(titles.get(question.group, ""))
        is_named = any(name in nfkc(question.text) for name in names)
        if names and not is_named and random.random() < _NAMED_SHARE:
            yield replace(question, text=random.choice(names) + random.choice(_DOCUMENT_PARTICLES) + question.text)
        else:
            yield question


def document_names(title: str) -> tuple[str, ...]:
    """Return the spoken names of a document: its title without additions, and the parts of the title."""
    spoken = _UNSPOKEN.sub("", nfkc(title)).strip()
    return tuple(dict.fromkeys(name for name in (spoken, *_SEPARATOR.split(spoken)) if len(name) >= _MIN_NAME_LETTERS))


def _cited_document(line: dict[str, Any]) -> str:
    return str(line["cite"][0].split("#")[0])


def _case_question(line: dict[str, Any]) -> TrainingQuestion:
    doc_id = _cited_document(line)
    groups = tuple(map(tuple, line["must"]))

    def grade(passage: Passage) -> float:
        share = sum(any(contains_words(passage.text, w) for w in group) for group in groups) / len(groups)
        if passage.doc_id == doc_id:
            return share
        return nan if share == 1 else 0.0

    return TrainingQuestion(
        line["turns"][0],
        _group(doc_id),
        grade,
        lambda unit: any(contains_words(unit, w) for g in groups for w in g),
        groups,
    )


def written_questions(
    lines: Sequence[dict[str, Any]], doc_ids: dict[str, str], passages: Sequence[Passage]
) -> Iterator[TrainingQuestion]:
    """Yield the questions of `lines`; passages of the right page with the answer and its context are right."""
    for line in lines:
        doc_id = doc_ids[_source_file(line)]
        group = _group(doc_id)
        if line["behave"] == "abstain":
            yield TrainingQuestion(line["question"], group, None)
        else:
            on_page = [p for p in passages if p.doc_id == doc_id and p.page == line["page"]]
            yield _written_question(line, group, on_page)


def _source_file(line: dict[str, Any]) -> str:
    return str(line["file"] or line["near"].split("#")[0])


def _written_question(line: dict[str, Any], group: str, on_page: Sequence[Passage]) -> TrainingQuestion:
    answers = line["answers"]
    sentence_pairs = _letter_pairs(line["sentence"])

    def share(passage: Passage) -> float:
        if not all(contains_words(passage.text, answer) for answer in answers):
            return 0.0
        pairs = _letter_pairs("\n".join((*passage.path, passage.text)))
        return len(sentence_pairs & pairs) / max(1, len(sentence_pairs))

    shares = {passage.id: share(passage) for passage in on_page}
    best = max(shares.values(), default=0.0)

    def grade(passage: Passage) -> float:
        own_share = shares.get(passage.id)
        if own_share is None:
            return nan if share(passage) > _POSSIBLE_SHARE else 0.0
        if own_share >= max(_RIGHT_SHARE, best - _TIE_MARGIN):
            return 1.0
        return nan if own_share else 0.0

    def answered(unit: str) -> bool:
        return all(contains_words(unit, answer) for answer in answers)

    return TrainingQuestion(line["question"], group, grade, answered, tuple((answer,) for answer in answers))


def _letter_pairs(text: str) -> set[str]:
    letters = normalise_without_spaces(text).replace("|", "")
    return {letters[i : i + 2] for i in range(len(letters) - 1)}
