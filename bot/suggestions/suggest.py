"""Selects the suggestions most similar to the question."""

import json
import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.languages import catalogue
from bot.question.query import Query
from bot.question.subject_words import subject_terms
from bot.relevance.event_dates import is_past
from bot.state import Status, Turn
from bot.suggestions.candidates import is_asked_first, is_retired, names_person
from ingest.documents import Passage
from ingest.embedding import Encoder
from ingest.index.index import Index
from ingest.japanese import nfkc
from ingest.japanese.tokenise import words

_log = logging.getLogger(__name__)
FILE = "suggestions.json"
"""File of a generation with its questions: a list of [question, passage id]."""
_MAX_SUGGESTIONS = 3
# Limit of questions answered by staff, so that suggestions from documents still fit.
_MAX_CURATED = 2
# With more towns, none is suggested, so that other suggestions still fit.
_MAX_TOWNS = 2
# Thresholds for suggestions after a notice or no answer: the cosine to the query, and the share of a suggestion's
# words, by rarity, in the query and the heading cited first. Below them it is about another notice (decision 023).
_MIN_COSINE, _MIN_SHARED_WEIGHT = 0.45, 0.3
_WITH_SUGGESTIONS = frozenset({Status.ANSWERED, Status.PARTIAL, Status.NO_ANSWER})


@dataclass(frozen=True, slots=True)
class _QuestionVectors:
    """The questions, the passages that answer them, and their vectors, (n, dimension)."""

    questions: tuple[str, ...]
    passages: tuple[str, ...]
    vectors: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Topic:
    """A top heading of a document, with questions answered in its section."""

    heading: str
    questions: tuple[str, ...]


class Suggestions:
    """Selects from the questions of an index, none if it was built without them. Safe to share.

    `near` returns similar questions that staff have answered; they come first if a turn is not surely answered.
    """

    def __init__(self, index: Index, encoder: Encoder, near: Callable[[Turn], Sequence[str]] | None = None) -> None:
        self._index = index
        self._encoder = encoder
        self._near = near
        self._documents = {document.id: document for document in index.documents}
        self._issuers = sorted({document.issuer for document in index.documents if document.issuer})
        self._town_words = {word for issuer in self._issuers for word in words(issuer)}
        self._known = _load(index, encoder, index.folder / FILE)

    def __call__(self, turn: Turn) -> Turn:
        """Return the turn with up to three suggestions, unless its draft already has some."""
        draft = turn.draft
        if draft is None or draft.suggestions or draft.status not in _WITH_SUGGESTIONS or turn.query is None:
            return turn
        cited = {(s.passage.doc_id, s.passage.path) for s in draft.sources}
        # Sections of a plan share one subject; those of a bulletin do not.
        is_from_plan = any(self._documents[s.passage.doc_id].kind != "notice" for s in draft.sources)
        headings = [source.passage.section for source in draft.sources[:1]]
        subject_words = None if is_from_plan else frozenset(words("\n".join((turn.query.text, *headings))))
        similar = self._most_similar(turn.query, cited, subject_words)
        use_curated = draft.status is not Status.ANSWERED and self._near
        answered_by_staff = use_curated(turn)[:_MAX_CURATED] if use_curated else ()
        curated = [text for text in answered_by_staff if text != turn.query.text and not names_person(text)]
        suggestions = tuple(dict.fromkeys((*self._towns(turn), *curated, *similar)))[:_MAX_SUGGESTIONS]
        return replace(turn, draft=replace(draft, suggestions=suggestions))

    def examples(self, doc_ids: Collection[str], limit: int, day: date) -> tuple[str, ...]:
        """Return up to `limit` example questions, taken in turn from the documents in their order.

        Questions about coming events on `day` precede those about past ones; within both, questions that citizens ask
        first (procedures, costs, dates, places) precede the others.
        """
        known = self._known
        groups: dict[tuple[bool, bool], dict[str, list[str]]] = {
            (past, later): {doc_id: [] for doc_id in doc_ids} for past in (False, True) for later in (False, True)
        }
        for question, passage_id in zip(known.questions, known.passages, strict=True):
            passage = self._index.passages[self._index.passage_row(passage_id)]
            group = groups[self._is_past(passage, day), not is_asked_first(question)]
            if passage.doc_id in group:
                group[passage.doc_id].append(question)
        examples = list[str]()
        for group in groups.values():
            samples = [_sample_evenly(questions, limit) for questions in group.values()]
            examples += [sample[i] for i in range(limit) for sample in samples if i < len(sample)]
        return tuple(dict.fromkeys(examples))[:limit]

    def topics(self, doc_ids: Collection[str], limit: int, each: int) -> tuple[Topic, ...]:
        """Return up to `limit` of the top headings of these documents, each with up to `each` questions below it.

        Selects the headings with the most questions, in document order.
        """
        by_heading: dict[tuple[str, str], list[str]] = {}
        for question, passage_id in zip(self._known.questions, self._known.passages, strict=True):
            passage = self._index.passages[self._index.passage_row(passage_id)]
            if passage.doc_id in doc_ids and len(passage.path) > 1 and not names_person(passage.path[0]):
                by_heading.setdefault((passage.doc_id, passage.path[0]), []).append(question)
        order = {doc_id: i for i, doc_id in enumerate(doc_ids)}
        headings = sorted(by_heading, key=lambda heading: order[heading[0]])
        largest = sorted(headings, key=lambda heading: -len(by_heading[heading]))[:limit]
        return tuple(
            Topic(heading[1], tuple(_sample_evenly(by_heading[heading], each)))
            for heading in headings
            if heading in largest
        )

    def _towns(self, turn: Turn) -> tuple[str, ...]:
        """Return the question for each town with documents, if neither question nor scope names a town."""
        named = turn.query is None or turn.query.scope.issuers or turn.query.scope.named
        cited = turn.draft is not None and turn.draft.sources
        if named or not cited or not 1 < len(self._issuers) <= _MAX_TOWNS:
            return ()
        return tuple(catalogue()["offered"]["there"].format(name=nfkc(town)) for town in self._issuers)

    def _most_similar(
        self, query: Query, cited: set[tuple[str, tuple[str, ...]]], subject_words: frozenset[str] | None
    ) -> tuple[str, ...]:
        """Return the most similar questions; with `subject_words` only those on that subject that are not past."""
        known, day = self._known, query.scope.as_of
        if not known.questions:
            return ()
        cosines = known.vectors @ self._encoder.encode_query(query.text)
        similar: list[str] = []
        for i in np.argsort(-cosines, kind="stable"):
            question, passage = known.questions[i], self._index.passages[self._index.passage_row(known.passages[i])]
            if (subject_words is not None and cosines[i] < _MIN_COSINE) or len(similar) == _MAX_SUGGESTIONS:
                break
            if passage.doc_id not in query.scope.preferred or (passage.doc_id, passage.path) in cited:
                continue
            is_near = subject_words is None or (
                self._shared_term_weight(question, subject_words) >= _MIN_SHARED_WEIGHT
                and not self._is_past(passage, day)
            )
            if is_near and question != query.text:
                similar.append(question)
        return tuple(similar)

    def _shared_term_weight(self, question: str, terms: Collection[str]) -> float:
        """Return the share (0 to 1) of a question's words, by rarity, that are in `terms`, without town names."""
        own = subject_terms(words(question)) - self._town_words
        rarity = {word: self._index.keyword.idf(word) for word in own}
        return sum(rarity[word] for word in own.intersection(terms)) / max(sum(rarity.values()), 1e-6)

    def _is_past(self, passage: Passage, day: date) -> bool:
        return is_past(self._documents[passage.doc_id], [passage.text], day)


def _sample_evenly(questions: list[str], limit: int) -> list[str]:
    """Return up to `limit` of the questions, evenly spaced over their document."""
    if len(questions) <= limit:
        return questions
    return [questions[round(i * (len(questions) - 1) / max(limit - 1, 1))] for i in range(limit)]


def _load(index: Index, encoder: Encoder, file: Path) -> _QuestionVectors:
    try:
        pairs = [(nfkc(str(question)), str(passage)) for question, passage in json.loads(file.read_text("utf-8"))]
        for _, passage_id in pairs:
            index.passage_row(passage_id)
        pairs = [pair for pair in pairs if not is_retired(pair[0])]
    except FileNotFoundError:
        pairs = []
    except (OSError, ValueError, KeyError, TypeError) as error:
        _log.warning("質問の候補を読めません（%s）。`python -m ingest build --full` で作り直せます。", error)
        pairs = []
    questions = tuple(question for question, _ in pairs)
    vectors = encoder.encode_documents(questions) if questions else np.zeros((0, encoder.dimension), np.float32)
    return _QuestionVectors(questions, tuple(passage for _, passage in pairs), vectors)
