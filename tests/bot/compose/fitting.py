"""Pieces of evidence as they come to a form of answer, without the search that found them."""

from collections.abc import Sequence
from datetime import date

from bot.compose.corpus import Corpus
from bot.find.evidence import pieces
from bot.find.sought import Sought
from bot.find.weigh import Weighed
from bot.understand.question import understand
from bot.understand.scope import find_scope
from ingest.documents import Cell, Document, Passage

PLAN = Document("d", "環境プラン", "d.md", published="2025-02")


def row(number: int, *path: str, **cells: str) -> Passage:
    """Return a table row; a keyword is a column."""
    text = "\n".join(f"{column}: {value}" for column, value in cells.items())
    filled = tuple(Cell(column, value) for column, value in cells.items())
    return Passage(f"d#{number:04d}", "d", "row", path or ("指標",), text, (number,), cells=filled)


def text(number: int, content: str, *path: str) -> Passage:
    """Return a passage of running text."""
    return Passage(f"d#{number:04d}", "d", "text", path or ("取組",), content, (number,))


def sought(question: str) -> Sought:
    """Return what the question looks for in `PLAN`."""
    asked = understand(question)
    return Sought(asked, find_scope(asked, [PLAN], date(2026, 6, 1)))


def fitting(passages: Sequence[Passage]) -> list[Weighed]:
    """Return every piece of the passages as one that fits and covers the question, in order."""
    found = [piece for passage in passages for piece in pieces(passage)]
    return [Weighed(evidence=piece, score=1.0, coverage=1.0, missing=(), elsewhere=(), fits=True) for piece in found]


def corpus(passages: Sequence[Passage]) -> Corpus:
    """Return the corpus of these passages."""
    return Corpus(passages, [PLAN])
