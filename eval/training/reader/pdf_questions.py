"""Training questions over PDFs of ministries, written and generated from their tables."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from math import nan
from pathlib import Path
from random import Random
from typing import Any

from eval.benchmarks.ranked.page_questions import pdf_files, read_pdfs
from eval.dataset.matching import contains_words
from eval.storage.numbered_lines import read_json_lines
from eval.training.reader.bulletin_questions import read_written_questions
from eval.training.reader.reader_task import ReaderTask, TrainingQuestion, strip_spaces
from eval.training.reader.table_questions import row_questions
from ingest.documents import Passage
from ingest.japanese import nfkc

_READ = Path(__file__).parents[2] / "pages" / "read-questions.jsonl"
# A passage that holds the answer is right where it has this share of the pairs of letters of what answers, and within
# so much of the best; with more than the other share it may be.
_SAME, _NEARLY, _MAY = 0.6, 0.1, 0.6
# What joins the parts of a title, what of it nobody says, and the letters of a part that names the document.
_JOINT = re.compile(r"\s+|に関する|に係る|における|のための|に対する|に向けた|・")
_UNSAID = re.compile(r"[(（][^)）]*[)）]|(?:結果の)?概要\S*|について$")
_LEAST_NAME = 4
# The share of the questions that name their document, and how they do.
_NAMED = 0.5
_ABOUT = ("では、", "で、", "について、")


def page_tasks(folder: Path) -> Iterator[ReaderTask]:
    """Yield the questions written over PDFs, those made of their tables, and those by which pages are developed on.

    `folder` holds the PDFs and their titles. Only such are read as questions were written about, so none by which
    unread pages are judged; half of the written questions and of those about tables are asked naming their document.
    """
    lines = list(read_written_questions("pages"))
    wanted = {_source_file(line) for line in lines}
    readings, _ = read_pdfs([(n, file) for n, file in pdf_files(folder / "pdfs").items() if n in wanted])
    ids = {reading.document.file: reading.document.id for reading in readings}
    titles = {
        _group(ids[d["file"]]): d["title"] for d in read_json_lines(folder / "documents.jsonl") if d["file"] in ids
    }
    lines = [line for line in lines if _source_file(line) in ids]
    asked = [line for line in read_json_lines(_READ) if _cited_document(line) in ids.values()]
    yield ReaderTask(
        "pages", lambda passages: name_documents(written_questions(lines, ids, passages), titles), readings=readings
    )
    yield ReaderTask("rows", lambda passages: name_documents(row_questions(passages), titles), readings=readings)
    yield ReaderTask("read-pages", lambda _: map(_case_question, asked), readings=readings)


def name_documents(questions: Iterable[TrainingQuestion], titles: Mapping[str, str]) -> Iterator[TrainingQuestion]:
    """Yield the questions, half of them behind the name of their document; `titles` are by group.

    People ask so of many documents at once; who writes questions with one before their eyes does not. Which half, and
    by which name, is told by the question alone.
    """
    for question in questions:
        random = Random(question.text)  # noqa: S311 -- the same each time
        names = document_names(titles.get(question.group, ""))
        says = any(name in nfkc(question.text) for name in names)
        if names and not says and random.random() < _NAMED:
            yield replace(question, text=random.choice(names) + random.choice(_ABOUT) + question.text)
        else:
            yield question


def document_names(title: str) -> tuple[str, ...]:
    """Return what a document with `title` is called: all that is said of it, and its parts; nothing for none."""
    said = _UNSAID.sub("", nfkc(title)).strip()
    return tuple(dict.fromkeys(name for name in (said, *_JOINT.split(said)) if len(name) >= _LEAST_NAME))


def _group(doc_id: str) -> str:
    return f"pages-{doc_id}"


def _cited_document(line: dict[str, Any]) -> str:
    return str(line["cite"][0].split("#")[0])


def _case_question(line: dict[str, Any]) -> TrainingQuestion:
    """Return a question of the regression cases: right is a passage of its document by its share of the facts."""
    doc_id, groups = _cited_document(line), tuple(map(tuple, line["must"]))

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
    """Yield the questions of `lines`; right are the passages of the page that hold the answer and what is around it."""
    for line in lines:
        doc_id = doc_ids[_source_file(line)]
        group = _group(doc_id)
        if line["behave"] == "abstain":
            yield TrainingQuestion(line["question"], group, None)
        else:
            on_page = [p for p in passages if p.doc_id == doc_id and p.page == line["page"]]
            yield _written_question(line, group, on_page)


def _source_file(line: dict[str, Any]) -> str:
    """Return the PDF that a question is about; one that nothing answers names the page that lies near."""
    return str(line["file"] or line["near"].split("#")[0])


def _written_question(line: dict[str, Any], group: str, on_page: Sequence[Passage]) -> TrainingQuestion:
    answers, wanted = line["answers"], _letter_pairs(line["sentence"])

    def share(passage: Passage) -> float:
        found = _letter_pairs("\n".join((*passage.path, passage.text)))
        return (
            len(wanted & found) / max(1, len(wanted)) if all(contains_words(passage.text, a) for a in answers) else 0.0
        )

    shares = {passage.id: share(passage) for passage in on_page}
    best = max(shares.values(), default=0.0)

    def grade(passage: Passage) -> float:
        found = shares.get(passage.id)
        if found is None:
            return nan if share(passage) > _MAY else 0.0
        if found >= max(_SAME, best - _NEARLY):
            return 1.0
        return nan if found else 0.0

    def answered(unit: str) -> bool:
        return all(contains_words(unit, answer) for answer in answers)

    return TrainingQuestion(line["question"], group, grade, answered, tuple((answer,) for answer in answers))


def _letter_pairs(text: str) -> set[str]:
    letters = strip_spaces(nfkc(text)).replace("|", "")
    return {letters[i : i + 2] for i in range(len(letters) - 1)}
