"""Questions to begin with, made from the documents themselves: their headings and the rows of their tables."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice, zip_longest

from bot.compose.asked_of import ASKED_BY_ENDING, about_row, about_section
from bot.understand.everyday import things_of_life
from ingest.documents import Document, Passage

# Longer ones do not fit on one or two lines of a phone.
LONGEST = 44


def example_questions(documents: Iterable[tuple[Document, Sequence[Passage]]], limit: int = 4) -> tuple[str, ...]:
    """Return up to `limit` questions, taken in turn from each document; none where there are no passages."""
    in_turn = _alternately(*(_of_document(document, passages) for document, passages in documents))
    return tuple(islice(dict.fromkeys(in_turn), limit))


def _of_document(document: Document, passages: Sequence[Passage]) -> Iterator[str]:
    """Yield questions about rows of tables and about headings, alternately; what touches people's lives comes first."""
    sections = dict.fromkeys(passage.section for passage in passages if passage.kind != "row")
    about_sections = (about_section(document, section, *asked) for asked in ASKED_BY_ENDING for section in sections)
    about_rows = (about_row(passage.cells) for passage in passages if passage.kind == "row")
    rows = sorted(filter(None, about_rows), key=things_of_life, reverse=True)
    both = _alternately(rows, filter(None, about_sections))
    return (question for question in both if len(question) <= LONGEST)


def _alternately(*questions: Iterable[str]) -> Iterator[str]:
    return filter(None, chain.from_iterable(zip_longest(*questions)))
