"""Answers with a curated answer that staff wrote for the same question."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from bot.answers.curated_records import CuratedAnswer, CuratedRecords
from bot.answers.curated_status import IndexedAnswer, SourceLookup
from bot.answers.equivalence import (
    MIN_COSINE,
    Facts,
    QuestionSignature,
    QuestionSignatures,
    can_share_answer,
    may_be_equivalent,
)
from bot.question.query_parser import QueryParser
from bot.rendering.answer_text import parse_statements
from bot.state import CURATED, Draft, Paragraph, ReadTurn, Source, Turn, paragraph, service_message
from ingest.embedding import Encoder
from ingest.guardrails.secrets import requests_secret
from ingest.index.index import Index
from ingest.japanese import nfkc
from ingest.japanese.today import format_japanese_date, to_japan_date


@dataclass(frozen=True, slots=True)
class _Wording:
    signature: QuestionSignature
    answer: IndexedAnswer


@dataclass(frozen=True, slots=True)
class _WordingIndex:
    stamp: tuple[int, int]
    wordings: Mapping[Facts, Sequence[_Wording]]  # by the facts that a question must share with them


class CuratedAnswerer:
    """Finds the answers of a store for one index generation, and notices changes; safe to share between threads."""

    def __init__(self, store: CuratedRecords, index: Index, encoder: Encoder, parser: QueryParser) -> None:
        self._store = store
        self._encoder = encoder
        self._signatures = QuestionSignatures(parser, index.documents)
        self._sources = SourceLookup(index)
        self._lock = Lock()
        self._cached_signatures: dict[tuple[str, date], QuestionSignature] = {}
        self._cached_vectors: dict[str, NDArray[np.float32]] = {}
        self._index = _WordingIndex((-1, -1), {})
        self._current_index()  # so that the first question does not wait for it

    def __call__(self, turn: ReadTurn) -> Draft | None:
        """Return the curated answer for the turn's question and day, or None."""
        index = self._current_index()
        if not index.wordings:
            return None
        for query in turn.wordings or (turn.query,):
            signature = self._signatures.from_query(query, turn.requested_day)
            if answer := self._best_match(index, signature, query.scope.as_of):
                return _draft(answer, signature.text)
        return None

    def similar_questions(self, turn: Turn) -> tuple[str, ...]:
        """Return questions with curated answers that are similar to the turn's, most similar first, one per answer.

        They are suggestions, as they may not be equivalent: of 40 paraphrases of invented questions 38 find theirs
        first here, and 5 are answered at once (decision 030).
        """
        index = self._current_index()
        if not index.wordings or turn.query is None:
            return ()
        signature = self._signatures.from_query(turn.query, turn.requested_day)
        candidates: list[_Wording] = []
        for facts, wordings in index.wordings.items():
            if facts.documents == signature.facts.documents:
                candidates.extend(wordings)
        similar = (answer for _, cosine, answer in self._rank(candidates, signature) if cosine >= MIN_COSINE)
        served = (answer for answer in similar if answer.status_on(turn.query.scope.as_of).state == "served")
        return tuple(dict.fromkeys(answer.curated.wordings[0] for answer in served))

    def find_answer(self, question: str, asked_on: date, day: date) -> CuratedAnswer | None:
        """Return the answer that is served on `day` for a question asked on `asked_on`, or None."""
        index = self._current_index()
        if not index.wordings:
            return None
        signature = self._signatures.from_text(nfkc(question).strip(), asked_on)
        answer = self._best_match(index, signature, day)
        return answer.curated if answer else None

    def _best_match(self, index: _WordingIndex, signature: QuestionSignature, day: date) -> IndexedAnswer | None:
        same_facts = index.wordings.get(signature.facts, ())
        candidates = [wording for wording in same_facts if may_be_equivalent(signature, wording.signature)]
        if not candidates:  # encoding the question would be wasted
            return None
        for other, cosine, answer in self._rank(candidates, signature):
            if can_share_answer(signature, other, cosine) and answer.status_on(day).state == "served":
                return answer
        return None

    def _rank(
        self, wordings: Iterable[_Wording], signature: QuestionSignature
    ) -> list[tuple[QuestionSignature, float, IndexedAnswer]]:
        vector = self._encoder.encode_query(signature.text)
        ranked = [
            (wording.signature, float(self._vector(wording.signature.text) @ vector), wording.answer)
            for wording in wordings
        ]
        return sorted(ranked, key=lambda item: -item[1])

    def _current_index(self) -> _WordingIndex:
        stamp = self._store.stamp()
        if self._index.stamp != stamp:
            with self._lock:
                if self._index.stamp != stamp:
                    self._index = self._read_wordings(stamp)
        return self._index

    def _read_wordings(self, stamp: tuple[int, int]) -> _WordingIndex:
        wordings: dict[Facts, list[_Wording]] = {}
        for curated in self._store.newest():
            if curated.withdrawn or requests_secret(nfkc(curated.text)):
                continue
            answer = IndexedAnswer(curated, self._sources)
            for text in curated.wordings:
                signature = self._signature(text, to_japan_date(curated.created))
                wordings.setdefault(signature.facts, []).append(_Wording(signature, answer))
        return _WordingIndex(stamp, wordings)

    def _signature(self, text: str, written_on: date) -> QuestionSignature:
        key = (text, written_on)
        if key not in self._cached_signatures:
            self._cached_signatures[key] = self._signatures.from_text(nfkc(text).strip(), written_on)
        return self._cached_signatures[key]

    def _vector(self, text: str) -> NDArray[np.float32]:
        if text not in self._cached_vectors:
            self._cached_vectors[text] = self._encoder.encode_query(text)
        return self._cached_vectors[text]


def _draft(answer: IndexedAnswer, subject: str) -> Draft:
    curated = answer.curated
    sources = tuple(
        Source(passage, source.quote) for passage, source in zip(answer.passages, curated.sources, strict=True)
    )
    notice = paragraph(service_message("by_staff", day=format_japanese_date(to_japan_date(curated.created))))
    text = Paragraph(parse_statements(curated.text))
    return Draft((text,), sources, subject=subject, generator=CURATED, notices=(notice,))
