"""Tables as they are read from a document, and a way to ask what is computed of them."""

from datetime import date
from math import log
from pathlib import Path
from typing import Protocol

from bot.question.query_parser import QueryParser
from bot.state import Hit, Paragraph
from bot.tables import Tables, answer_from_tables
from bot.tables.table_answer import TableAnswer
from bot.verification import render_text
from ingest.chunking.document_reading import read_document
from ingest.documents import Document, Passage, Period
from ingest.japanese import nfkc
from ingest.japanese.tokenise import words

TODAY = date(2026, 8, 1)
PLAN = Document(
    "plan", "霞ヶ浜町みなと計画", "plan.md", "plan", "霞ヶ浜町", period=Period(date(2026, 4, 1), date(2031, 3, 31))
)
OLDER = Document(
    "older", "霞ヶ浜町旧計画", "older.md", "plan", "霞ヶ浜町", period=Period(date(2021, 4, 1), date(2026, 3, 31))
)


class Answer(Protocol):
    """A way to ask a question, which may have been made of a follow-up that was `typed`."""

    def __call__(self, question: str, typed: str = "") -> TableAnswer | None:
        """Return what is computed."""
        ...


def rows(folder: Path, text: str, document: Document = PLAN) -> tuple[Passage, ...]:
    """Return the passages of a document of this text."""
    path = folder / document.file
    path.write_text(text, encoding="utf-8")
    return read_document(path, document).passages


def answering(folder: Path, text: str, older: str = "") -> Answer:
    """Return a way to ask over the tables of a plan in force, and of the one before it."""
    passages = (*rows(folder, text), *(rows(folder, older, OLDER) if older else ()))
    documents = (PLAN, OLDER) if older else (PLAN,)
    tables = Tables(passages)
    stand = [set(words(" ".join((*passage.path, passage.text)))) for passage in passages]

    def rarity(word: str) -> float:
        having = sum(word in each for each in stand)
        return log(1 + (len(stand) - having + 0.5) / (having + 0.5))

    reader = QueryParser(documents, rarity)

    def answer(question: str, typed: str = "") -> TableAnswer | None:
        query = reader(nfkc(question), TODAY, typed=typed)
        said = {term.text: term.weight for term in query.terms}
        scores = [sum(said.get(word, 0.0) for word in each) for each in stand]
        hits = [Hit(passage, score) for passage, score in zip(passages, scores, strict=True) if score > 0]
        return answer_from_tables(query, sorted(hits, key=lambda hit: -hit.score), tables.find_table)

    return answer


def said(answer: TableAnswer | None) -> str:
    """Return the text of an answer, "" for none."""
    return render_text([Paragraph(answer.statements)]) if answer else ""
