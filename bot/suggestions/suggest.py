"""Selects the suggestions most similar to the question."""

import json
import logging
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import chain, product, zip_longest
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.languages import catalogue
from bot.question.query import Query
from bot.question.subject_words import subject_terms
from bot.relevance.event_dates import is_past
from bot.state import Status, Turn
from bot.suggestions.candidates import is_asked_first, names_person
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
# After a notice or no answer, a suggestion with a smaller cosine to the query is about another notice (decision 023).
_MIN_COSINE = 0.45
# As above, for the share of a suggestion's words, by rarity, in the query and the heading cited first.
_MIN_SHARED_WEIGHT = 0.3
_WITH_SUGGESTIONS = frozenset({Status.ANSWERED, Status.PARTIAL, Status.NO_ANSWER})


@dataclass(frozen=True, slots=True)
class _QuestionVectors:
    texts: tuple[str, ...]
    passage_ids: tuple[str, ...]
    vectors: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class SuggestionTopic:
    """A top heading of a document, with questions answered in its section."""

    heading: str
    questions: tuple[str, ...]


class Suggestions:
    """Selects from the questions of an index, none if it was built without them. Safe to share.

    `find_curated` returns similar questions that staff have answered; they come first if a turn is not surely answered.
    """

    def __init__(
        self, index: Index, encoder: Encoder, find_curated: Callable[[Turn], Sequence[str]] | None = None
    ) -> None:
        self._index = index
        self._encoder = encoder
        self._find_curated = find_curated
        self._documents = {document.id: document for document in index.documents}
        self._issuers = sorted({document.issuer for document in index.documents if document.issuer})
        self._town_words = frozenset(chain.from_iterable(map(words, self._issuers)))
        self._questions = _load(index, encoder, index.folder / FILE)

    def __call__(self, turn: Turn) -> Turn:
        """Return the turn with up to three suggestions, unless its draft already has some."""
        draft = turn.draft
        if draft is None or draft.suggestions or draft.status not in _WITH_SUGGESTIONS or turn.query is None:
            return turn
        cited = {(source.passage.doc_id, source.passage.path) for source in draft.sources}
        # Sections of a plan share one subject; those of a bulletin do not.
        is_from_plan = any(self._documents[source.passage.doc_id].kind != "notice" for source in draft.sources)
        headings = [source.passage.section for source in draft.sources[:1]]
        subject_words = None if is_from_plan else frozenset(words("\n".join((turn.query.text, *headings))))
        similar = self._most_similar(turn.query, cited, subject_words)
        find_curated = self._find_curated if draft.status is not Status.ANSWERED else None
        answered_by_staff = find_curated(turn)[:_MAX_CURATED] if find_curated else ()
        curated = [text for text in answered_by_staff if text != turn.query.text and not names_person(text)]
        suggestions = tuple(dict.fromkeys((*self._towns(turn), *curated, *similar)))[:_MAX_SUGGESTIONS]
        return replace(turn, draft=replace(draft, suggestions=suggestions))

    def examples(self, doc_ids: Collection[str], limit: int, day: date) -> tuple[str, ...]:
        """Return up to `limit` example questions, taken in turn from the documents in their order.

        Questions about coming events on `day` precede those about past ones; within both, questions that citizens ask
        first (procedures, costs, dates, places) precede the others.
        """
        groups: dict[tuple[bool, ...], dict[str, list[str]]] = {
            key: {doc_id: [] for doc_id in doc_ids} for key in product((False, True), repeat=2)
        }
        for question, passage in self._questions_with_passages():
            group = groups[self._is_past(passage, day), not is_asked_first(question)]
            if passage.doc_id in group:
                group[passage.doc_id].append(question)
        examples: list[str] = []
        for group in groups.values():
            samples = [_sample_evenly(questions, limit) for questions in group.values()]
            in_turn = chain.from_iterable(zip_longest(*samples))
            examples += [question for question in in_turn if question is not None]
        return tuple(dict.fromkeys(examples))[:limit]

    def _questions_with_passages(self) -> Iterator[tuple[str, Passage]]:
        return zip(self._questions.texts, map(self._find_passage, self._questions.passage_ids), strict=True)

    def topics(self, doc_ids: Collection[str], limit: int, questions_per_topic: int) -> tuple[SuggestionTopic, ...]:
        """Return up to `limit` of the top headings of these documents, each with some of the questions below it.

        Selects the headings with the most questions, in document order.
        """
        by_heading: dict[tuple[str, str], list[str]] = {}
        for question, passage in self._questions_with_passages():
            if passage.doc_id in doc_ids and len(passage.path) > 1 and not names_person(passage.path[0]):
                by_heading.setdefault((passage.doc_id, passage.path[0]), []).append(question)
        order = {doc_id: i for i, doc_id in enumerate(doc_ids)}
        headings = sorted(by_heading, key=lambda heading: order[heading[0]])
        largest = sorted(headings, key=lambda heading: -len(by_heading[heading]))[:limit]
        return tuple(
            SuggestionTopic(heading[1], tuple(_sample_evenly(by_heading[heading], questions_per_topic)))
            for heading in headings
            if heading in largest
        )

    def _towns(self, turn: Turn) -> tuple[str, ...]:
        names_town = turn.query is None or turn.query.scope.issuers or turn.query.scope.named
        cited = turn.draft is not None and turn.draft.sources
        if names_town or not cited or not 1 < len(self._issuers) <= _MAX_TOWNS:
            return ()
        return tuple(catalogue()["offered"]["there"].format(name=nfkc(town)) for town in self._issuers)

    def _most_similar(
        self, query: Query, cited: set[tuple[str, tuple[str, ...]]], subject_words: frozenset[str] | None
    ) -> tuple[str, ...]:
        if not self._questions.texts:
            return ()
        cosines = self._questions.vectors @ self._encoder.encode_query(query.text)
        similar: list[str] = []
        for i in np.argsort(-cosines, kind="stable"):
            question = self._questions.texts[i]
            passage = self._find_passage(self._questions.passage_ids[i])
            if (subject_words is not None and cosines[i] < _MIN_COSINE) or len(similar) == _MAX_SUGGESTIONS:
                break
            if passage.doc_id not in query.scope.preferred or (passage.doc_id, passage.path) in cited:
                continue
            is_near = subject_words is None or (
                self._shared_term_weight(question, subject_words) >= _MIN_SHARED_WEIGHT
                and not self._is_past(passage, query.scope.as_of)
            )
            if is_near and question != query.text:
                similar.append(question)
        return tuple(similar)

    def _shared_term_weight(self, question: str, terms: Collection[str]) -> float:
        question_terms = subject_terms(words(question)) - self._town_words
        rarity = {word: self._index.keyword.idf(word) for word in question_terms}
        return sum(rarity[word] for word in question_terms.intersection(terms)) / max(sum(rarity.values()), 1e-6)

    def _find_passage(self, passage_id: str) -> Passage:
        return self._index.passages[self._index.passage_row(passage_id)]

    def _is_past(self, passage: Passage, day: date) -> bool:
        return is_past(self._documents[passage.doc_id], [passage.text], day)


def _sample_evenly(questions: list[str], limit: int) -> list[str]:
    if len(questions) <= limit:
        return questions
    return [questions[round(i * (len(questions) - 1) / max(limit - 1, 1))] for i in range(limit)]


def _load(index: Index, encoder: Encoder, file: Path) -> _QuestionVectors:
    try:
        pairs = [(nfkc(str(question)), str(passage)) for question, passage in json.loads(file.read_text("utf-8"))]
        for _, passage_id in pairs:
            index.passage_row(passage_id)
    except FileNotFoundError:
        pairs = []
    except (OSError, ValueError, KeyError, TypeError) as error:
        _log.warning("質問の候補を読めません（%s）。`python -m ingest build --full` で作り直せます。", error)
        pairs = []
    questions = tuple(question for question, _ in pairs)
    vectors = encoder.encode_documents(questions) if questions else np.zeros((0, encoder.dimension), np.float32)
    return _QuestionVectors(questions, tuple(passage for _, passage in pairs), vectors)
