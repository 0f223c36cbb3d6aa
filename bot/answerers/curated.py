"""The answer that staff wrote, where the question is one that it was written for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from threading import Lock
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from bot.curated.answers import GENERATOR, Curated
from bot.curated.sameness import LEAST_COSINE, may_ask_the_same, one_answer
from bot.curated.sense import Facts, Sense, Senses
from bot.curated.standing import Placed, Sources
from bot.days import day_of, day_told
from bot.query.read import QueryReader
from bot.turn import Draft, Source, Turn
from ingest.encoders import Encoder
from ingest.index import Index
from ingest.normalise import nfkc

CHECKED = "職員が確かめた回答です"
"""How the notice of such an answer begins."""


class Shelf(Protocol):
    """Where curated answers are kept."""

    def stamp(self) -> tuple[int, int]:
        """Return what changes with what is kept."""
        ...

    def newest(self) -> Sequence[Curated]:
        """Return the newest version of each answer."""
        ...


@dataclass(frozen=True, slots=True)
class _Wording:
    """A question that an answer was written for."""

    sense: Sense
    placed: Placed


@dataclass(frozen=True, slots=True)
class _Page:
    """The wordings as they were at a stamp, by the facts that a question must share with them."""

    stamp: tuple[int, int]
    wordings: Mapping[Facts, Sequence[_Wording]]


class CuratedAnswers:
    """Knows the answers of `shelf` over one generation, and follows when one is published; safe to share."""

    def __init__(self, shelf: Shelf, index: Index, encoder: Encoder, read: QueryReader) -> None:
        self._shelf = shelf
        self._encoder = encoder
        self._senses = Senses(read, index.documents)
        self._sources = Sources(index)
        self._lock = Lock()
        self._senses_known: dict[tuple[str, date], Sense] = {}
        self._vectors_known: dict[str, NDArray[np.float32]] = {}
        self._page = _Page((-1, -1), {})
        self._current()  # with the index, and not with the first question

    def __call__(self, turn: Turn) -> Draft | None:
        """Return the answer that was written for this question and holds on its day; None where there is none."""
        page = self._current()
        if not page.wordings or turn.query is None:
            return None
        sense = self._senses.of_query(turn.query, turn.as_of)
        found = self._meant(page, sense, turn.query.scope.as_of)
        return _draft(found, sense.text) if found else None

    def near(self, turn: Turn) -> tuple[str, ...]:
        """Return questions that staff have answered and that are like this one, the likest first, each of an answer.

        What only may ask the same is no answer, but can be offered: of 40 paraphrases of invented questions 38 find
        theirs first here, and 5 are answered at once (decision 030).
        """
        page = self._current()
        if not page.wordings or turn.query is None:
            return ()
        sense = self._senses.of_query(turn.query, turn.as_of)
        named = sense.facts.documents
        alike = (one for facts, those in page.wordings.items() if facts.documents == named for one in those)
        vector = self._encoder.encode_query(sense.text)
        cosines = ((float(self._vector(one.sense.text) @ vector), one.placed) for one in alike)
        likest = sorted((pair for pair in cosines if pair[0] >= LEAST_COSINE), key=lambda pair: -pair[0])
        served = (placed for _, placed in likest if placed.standing(turn.query.scope.as_of).state == "served")
        return tuple(dict.fromkeys(placed.curated.wordings[0] for placed in served))

    def answer_to(self, question: str, asked_on: date, day: date) -> Curated | None:
        """Return what would be served on `day` for a question as it was asked on another; None where nothing is."""
        page = self._current()
        found = self._meant(page, self._senses.of(nfkc(question).strip(), asked_on), day) if page.wordings else None
        return found.curated if found else None

    def _meant(self, page: _Page, sense: Sense, day: date) -> Placed | None:
        """Return the answer whose wording is nearest; nothing is encoded for a question that none can be for."""
        near = [wording for wording in page.wordings.get(sense.facts, ()) if may_ask_the_same(sense, wording.sense)]
        if not near:
            return None
        vector = self._encoder.encode_query(sense.text)
        cosines = [(float(self._vector(wording.sense.text) @ vector), wording) for wording in near]
        meant = [(cosine, wording.placed) for cosine, wording in cosines if one_answer(sense, wording.sense, cosine)]
        nearest = sorted(meant, key=lambda pair: -pair[0])
        return next((placed for _, placed in nearest if placed.standing(day).state == "served"), None)

    def _current(self) -> _Page:
        """Return the answers as they are now: one look at the database for each question."""
        stamp = self._shelf.stamp()
        if self._page.stamp != stamp:
            with self._lock:
                if self._page.stamp != stamp:
                    self._page = self._read(stamp)
        return self._page

    def _read(self, stamp: tuple[int, int]) -> _Page:
        wordings: dict[Facts, list[_Wording]] = {}
        for curated in self._shelf.newest():
            placed = Placed(curated, self._sources)
            for text in () if curated.withdrawn else curated.wordings:
                sense = self._sense(text, curated)
                wordings.setdefault(sense.facts, []).append(_Wording(sense, placed))
        return _Page(stamp, wordings)

    def _sense(self, text: str, curated: Curated) -> Sense:
        """Return what a wording asks, its years told from the day on which it was written."""
        key = (text, day_of(curated.created))
        if key not in self._senses_known:
            self._senses_known[key] = self._senses.of(nfkc(text).strip(), key[1])
        return self._senses_known[key]

    def _vector(self, text: str) -> NDArray[np.float32]:
        if text not in self._vectors_known:
            self._vectors_known[text] = self._encoder.encode_query(text)
        return self._vectors_known[text]


def _draft(placed: Placed, topic: str) -> Draft:
    curated = placed.curated
    quotes = [source.quote for source in curated.sources]
    sources = tuple(Source(passage, quote) for passage, quote in zip(placed.passages, quotes, strict=True))
    notice = f"{CHECKED}（{day_told(day_of(curated.created))}）。"
    return Draft(curated.text, sources, topic=topic, generator=GENERATOR, notices=(notice,))
