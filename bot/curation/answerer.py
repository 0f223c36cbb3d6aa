"""Answers with the staff's curated answer where it was written for this question."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from threading import Lock
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from bot.curation.answers import GENERATOR, CuratedAnswer
from bot.curation.equivalence import LEAST_COSINE, can_share_answer, may_be_equivalent
from bot.curation.question_signature import Facts, QuestionSignature, QuestionSignatures
from bot.curation.status import IndexedAnswer, SourceLookup
from bot.question.query_parser import QueryParser
from bot.state import Draft, Paragraph, Source, Turn, message, paragraph
from bot.verification import parse_statements
from ingest.embedding import Encoder
from ingest.index.index import Index
from ingest.japanese import nfkc
from ingest.japanese.today import format_japanese_date, to_japan_date


class CuratedStore(Protocol):
    """Where curated answers are kept."""

    def stamp(self) -> tuple[int, int]:
        """Return what changes with what is kept."""
        ...

    def newest(self) -> Sequence[CuratedAnswer]:
        """Return the newest version of each answer."""
        ...


@dataclass(frozen=True, slots=True)
class _Wording:
    """A question that an answer was written for."""

    sense: QuestionSignature
    placed: IndexedAnswer


@dataclass(frozen=True, slots=True)
class _WordingIndex:
    """The wordings as they were at a stamp, by the facts that a question must share with them."""

    stamp: tuple[int, int]
    wordings: Mapping[Facts, Sequence[_Wording]]


class CuratedAnswerer:
    """Knows the answers of `shelf` over one generation, and follows when one is published; safe to share."""

    def __init__(self, shelf: CuratedStore, index: Index, encoder: Encoder, read: QueryParser) -> None:
        self._shelf = shelf
        self._encoder = encoder
        self._senses = QuestionSignatures(read, index.documents)
        self._sources = SourceLookup(index)
        self._lock = Lock()
        self._senses_known: dict[tuple[str, date], QuestionSignature] = {}
        self._vectors_known: dict[str, NDArray[np.float32]] = {}
        self._page = _WordingIndex((-1, -1), {})
        self._current()  # with the index, and not with the first question

    def __call__(self, turn: Turn) -> Draft | None:
        """Return the answer that was written for this question and holds on its day; None where there is none."""
        page = self._current()
        if not page.wordings or turn.query is None:
            return None
        sense = self._senses.from_query(turn.query, turn.as_of)
        found = self._best_match(page, sense, turn.query.scope.as_of)
        return _draft(found, sense.text) if found else None

    def near(self, turn: Turn) -> tuple[str, ...]:
        """Return questions that staff have answered and that are like this one, the likest first, each of an answer.

        What only may ask the same is no answer, but can be offered: of 40 paraphrases of invented questions 38 find
        theirs first here, and 5 are answered at once (decision 030).
        """
        page = self._current()
        if not page.wordings or turn.query is None:
            return ()
        sense = self._senses.from_query(turn.query, turn.as_of)
        named = sense.facts.documents
        alike = (one for facts, those in page.wordings.items() if facts.documents == named for one in those)
        vector = self._encoder.encode_query(sense.text)
        cosines = ((float(self._vector(one.sense.text) @ vector), one.placed) for one in alike)
        likest = sorted((pair for pair in cosines if pair[0] >= LEAST_COSINE), key=lambda pair: -pair[0])
        served = (placed for _, placed in likest if placed.status_on(turn.query.scope.as_of).state == "served")
        return tuple(dict.fromkeys(placed.curated.wordings[0] for placed in served))

    def find_answer(self, question: str, asked_on: date, day: date) -> CuratedAnswer | None:
        """Return what would be served on `day` for a question as it was asked on another; None where nothing is."""
        page = self._current()
        found = (
            self._best_match(page, self._senses.of(nfkc(question).strip(), asked_on), day) if page.wordings else None
        )
        return found.curated if found else None

    def _best_match(self, page: _WordingIndex, sense: QuestionSignature, day: date) -> IndexedAnswer | None:
        """Return the answer whose wording is nearest; nothing is encoded for a question that none can be for."""
        near = [wording for wording in page.wordings.get(sense.facts, ()) if may_be_equivalent(sense, wording.sense)]
        if not near:
            return None
        vector = self._encoder.encode_query(sense.text)
        cosines = [(float(self._vector(wording.sense.text) @ vector), wording) for wording in near]
        meant = [
            (cosine, wording.placed) for cosine, wording in cosines if can_share_answer(sense, wording.sense, cosine)
        ]
        nearest = sorted(meant, key=lambda pair: -pair[0])
        return next((placed for _, placed in nearest if placed.status_on(day).state == "served"), None)

    def _current(self) -> _WordingIndex:
        """Return the answers as they are now: one look at the database for each question."""
        stamp = self._shelf.stamp()
        if self._page.stamp != stamp:
            with self._lock:
                if self._page.stamp != stamp:
                    self._page = self._read(stamp)
        return self._page

    def _read(self, stamp: tuple[int, int]) -> _WordingIndex:
        wordings: dict[Facts, list[_Wording]] = {}
        for curated in self._shelf.newest():
            placed = IndexedAnswer(curated, self._sources)
            for text in () if curated.withdrawn else curated.wordings:
                sense = self._sense(text, curated)
                wordings.setdefault(sense.facts, []).append(_Wording(sense, placed))
        return _WordingIndex(stamp, wordings)

    def _sense(self, text: str, curated: CuratedAnswer) -> QuestionSignature:
        """Return what a wording asks, its years told from the day on which it was written."""
        key = (text, to_japan_date(curated.created))
        if key not in self._senses_known:
            self._senses_known[key] = self._senses.of(nfkc(text).strip(), key[1])
        return self._senses_known[key]

    def _vector(self, text: str) -> NDArray[np.float32]:
        if text not in self._vectors_known:
            self._vectors_known[text] = self._encoder.encode_query(text)
        return self._vectors_known[text]


def _draft(placed: IndexedAnswer, topic: str) -> Draft:
    curated = placed.curated
    quotes = [source.quote for source in curated.sources]
    sources = tuple(Source(passage, quote) for passage, quote in zip(placed.passages, quotes, strict=True))
    notice = paragraph(message("by_staff", day=format_japanese_date(to_japan_date(curated.created))))
    text = Paragraph(parse_statements(curated.text))
    return Draft((text,), sources, subject=topic, generator=GENERATOR, notices=(notice,))
