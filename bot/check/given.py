"""What an answer is written from, besides what it cites: the question, the passages offered, the documents in time."""

import re
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

from bot.days import today
from bot.turn import Turn
from bot.validity import superseded_by
from ingest.documents import Document, Passage
from ingest.normalise import nfkc


@dataclass(frozen=True, slots=True)
class Given:
    """`meant` are the ids of the documents that the question means by name, age or date; may be empty."""

    documents: tuple[Document, ...] = ()
    passages: tuple[Passage, ...] = ()
    question: str = ""
    as_of: date = field(default_factory=today)
    meant: frozenset[str] = frozenset()

    @property
    def titles(self) -> dict[str, str]:
        """The documents' titles by their ids."""
        return {document.id: document.title for document in self.documents}

    def superseded(self, doc_id: str) -> bool:
        """Whether another document had replaced this one by `as_of`."""
        return any(d.id == doc_id and superseded_by(d, self.as_of, self.documents) for d in self.documents)


def given_of(turn: Turn, documents: tuple[Document, ...], passages: tuple[Passage, ...] = ()) -> Given:
    """Return what an answer to `turn` is written from; `passages` are those that a language model was offered."""
    scope = turn.scope
    sources = turn.draft.sources if turn.draft else ()
    ids = {passage.doc_id for passage in (*passages, *(source.passage for source in sources))}
    if scope is None:
        return Given(_about(ids, documents), passages, turn.text, turn.as_of)
    # Older documents come first where the question asks for them (前の計画), and may then speak without their names.
    older = frozenset(doc_id for doc_id in scope.preferred if doc_id not in scope.named)
    related = _about(ids | scope.named | scope.compared, documents)
    return Given(related, passages, turn.text, scope.as_of, scope.named | scope.compared | older)


def _about(ids: AbstractSet[str], documents: tuple[Document, ...]) -> tuple[Document, ...]:
    """Return the documents with these ids, what replaces them and what they replace: few of thousands."""
    replaced = {older for document in documents if document.id in ids for older in document.supersedes}
    return tuple(d for d in documents if d.id in ids or d.id in replaced or not ids.isdisjoint(d.supersedes))


def named_documents(text: str, documents: tuple[Document, ...]) -> list[tuple[int, str]]:
    """Return (place, id) of each document that normalised `text` names by title or alias, the longest name first.

    A name inside a longer one of another document (プラン in プラン2.0) is not meant.
    """
    return sorted((start, doc_id) for start, _, doc_id in _named(text, documents))


def without_documents(text: str, documents: tuple[Document, ...]) -> str:
    """Return `text` with blanks for the documents' titles: what they hold of dates and words is not what is told."""
    titles = {nfkc(document.title) for document in documents}
    for start, end, _ in _named(text, documents):
        if text[start:end] in titles and text[start - 1 : start] == "「":
            text = text[:start] + " " * (end - start) + text[end:]
    return text


def without_names(text: str, documents: tuple[Document, ...]) -> str:
    """Return `text` with blanks for the names of `documents`, titles and aliases alike."""
    for start, end, _ in _named(text, documents):
        text = text[:start] + " " * (end - start) + text[end:]
    return text


@lru_cache(maxsize=8192)
def _named(text: str, documents: tuple[Document, ...]) -> Sequence[tuple[int, int, str]]:
    found: list[tuple[int, int, str]] = []
    for name, doc_id in sorted(_names(documents), key=lambda pair: -len(pair[0])):
        for match in re.finditer(rf"(?<![\dA-Za-z.]){re.escape(name)}(?!\d|\.\d)", text):
            if not any(start < match.end() and match.start() < end for start, end, _ in found):
                found.append((*match.span(), doc_id))
    return found


def _names(documents: Sequence[Document]) -> Iterator[tuple[str, str]]:
    for document in documents:
        for name in {nfkc(document.title), *map(nfkc, document.aliases)}:
            yield name, document.id
