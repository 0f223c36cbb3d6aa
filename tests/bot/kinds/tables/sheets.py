"""Tables read from documents, and an answerer over them."""

from collections.abc import Sequence
from datetime import date
from math import log
from pathlib import Path
from typing import Protocol

from bot.kinds.tables.answer import TableAnswer, answer_from_tables
from bot.kinds.tables.compile import decode_tables, encode_tables
from bot.kinds.tables.lookup import Tables
from bot.kinds.tables.table import Table
from bot.question.query_parser import QueryParser
from bot.rendering.answer_text import render_text
from bot.state import Hit, Paragraph
from ingest.documents import Document, Passage, Period
from ingest.japanese import nfkc
from ingest.japanese.tokenise import words
from ingest.passages.document_reading import read_document

TODAY = date(2026, 8, 1)
PLAN = Document(
    "plan", "霞ヶ浜町みなと計画", "plan.md", "plan", "霞ヶ浜町", period=Period(date(2026, 4, 1), date(2031, 3, 31))
)
OLDER = Document(
    "older", "霞ヶ浜町旧計画", "older.md", "plan", "霞ヶ浜町", period=Period(date(2021, 4, 1), date(2026, 3, 31))
)


class Answer(Protocol):
    def __call__(self, question: str, typed: str = "") -> TableAnswer | None: ...


def rows(folder: Path, text: str, document: Document = PLAN) -> tuple[Passage, ...]:
    path = folder / document.file
    path.write_text(text, encoding="utf-8")
    return read_document(path, document).passages


def tables_of(passages: Sequence[Passage]) -> Tables:
    def read(doc_id: str) -> list[Table]:
        of_document = [passage for passage in passages if passage.doc_id == doc_id]
        return decode_tables(encode_tables(of_document) or b"[]", of_document)

    return Tables(read)


def answerer(folder: Path, text: str, older: str = "") -> Answer:
    passages = (*rows(folder, text), *(rows(folder, older, OLDER) if older else ()))
    documents = (PLAN, OLDER) if older else (PLAN,)
    tables = tables_of(passages)
    passage_words = [set(words(" ".join((*passage.path, passage.text)))) for passage in passages]

    def rarity(word: str) -> float:
        having = sum(word in each for each in passage_words)
        return log(1 + (len(passage_words) - having + 0.5) / (having + 0.5))

    reader = QueryParser(documents, rarity)

    def answer(question: str, typed: str = "") -> TableAnswer | None:
        query = reader(nfkc(question), TODAY, typed=typed)
        weights = {term.text: term.weight for term in query.terms}
        scores = [sum(weights.get(word, 0.0) for word in each) for each in passage_words]
        hits = [Hit(passage, score) for passage, score in zip(passages, scores, strict=True) if score > 0]
        ranked = sorted(hits, key=lambda hit: -hit.score)
        return answer_from_tables(query, ranked, tables, {document.id: document for document in documents})

    return answer


def text_of(answer: TableAnswer | None) -> str:
    if answer is None:
        return ""
    return render_text([Paragraph(answer.statements) if answer.statements else answer.table])
