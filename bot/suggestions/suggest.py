"""Selects the suggestions most similar to the question."""

import json
import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.conversation import subject_terms
from bot.languages import catalogue
from bot.question.query import Query
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
"""Where a generation keeps its questions: a list of [question, passage id]."""
_MOST = 3
# Of what staff have answered: more would leave no room for what the documents tell.
_OFFERED = 2
# Of more towns none is offered: they would leave room for nothing else.
_TOWNS = 2
# Cosine from which on a question is near enough to be offered where nothing answers, or a notice, and the part of its
# words, by rarity, that it then shares with what was asked and the heading that is cited first: with less it is of
# another notice (decision 023).
_NEAR, _SHARED = 0.45, 0.3
_WITH_SUGGESTIONS = frozenset({Status.ANSWERED, Status.PARTIAL, Status.NO_ANSWER})


@dataclass(frozen=True, slots=True)
class _Known:
    """The questions, the passages that answer them, and their vectors, (n, dimension)."""

    questions: tuple[str, ...]
    passages: tuple[str, ...]
    vectors: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Topic:
    """A top heading of a document, and questions that are answered below it."""

    heading: str
    questions: tuple[str, ...]


class Suggestions:
    """Chooses among the questions of an index; one that was built without them has none. Safe to share.

    `near` returns questions that staff have answered and that are like a turn's: they come first where nothing is sure.
    """

    def __init__(self, index: Index, encoder: Encoder, near: Callable[[Turn], Sequence[str]] | None = None) -> None:
        self._index = index
        self._encoder = encoder
        self._near = near
        self._documents = {document.id: document for document in index.documents}
        self._issuers = sorted({document.issuer for document in index.documents if document.issuer})
        self._of_towns = {word for issuer in self._issuers for word in words(issuer)}
        self._known = _load(index, encoder, index.folder / FILE)

    def __call__(self, turn: Turn) -> Turn:
        """Return the turn with up to three suggestions, where its draft has none of its own."""
        draft = turn.draft
        if draft is None or draft.suggestions or draft.status not in _WITH_SUGGESTIONS or turn.query is None:
            return turn
        cited = {(s.passage.doc_id, s.passage.path) for s in draft.sources}
        # A plan is one subject; what else a bulletin tells is not.
        of_plan = any(self._documents[s.passage.doc_id].kind != "notice" for s in draft.sources)
        headings = [source.passage.section for source in draft.sources[:1]]
        of_subject = None if of_plan else frozenset(words("\n".join((turn.query.text, *headings))))
        found = self._most_similar(turn.query, cited, of_subject)
        unsure = draft.status is not Status.ANSWERED and self._near
        by_staff = unsure(turn)[:_OFFERED] if unsure else ()
        offered = [one for one in by_staff if one != turn.query.text and not names_person(one)]
        return replace(
            turn, draft=replace(draft, suggestions=tuple(dict.fromkeys((*self._towns(turn), *offered, *found)))[:_MOST])
        )

    def examples(self, doc_ids: Collection[str], limit: int, day: date) -> tuple[str, ...]:
        """Return up to `limit` questions to begin with, taken in turn from the documents in their order.

        What lies ahead on `day` comes before what has passed, and of both what citizens ask first: how to apply, what
        something costs, when and where it is.
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
        in_turn = list[str]()
        for group in groups.values():
            spread = [_sample_evenly(questions, limit) for questions in group.values()]
            in_turn += [each[place] for place in range(limit) for each in spread if place < len(each)]
        return tuple(dict.fromkeys(in_turn))[:limit]

    def topics(self, doc_ids: Collection[str], limit: int, each: int) -> tuple[Topic, ...]:
        """Return up to `limit` of the top headings of these documents, each with up to `each` questions below it.

        They are those below which most is answered, in the order of the documents and as they stand there.
        """
        below: dict[tuple[str, str], list[str]] = {}
        for question, passage_id in zip(self._known.questions, self._known.passages, strict=True):
            passage = self._index.passages[self._index.passage_row(passage_id)]
            if passage.doc_id in doc_ids and len(passage.path) > 1 and not names_person(passage.path[0]):
                below.setdefault((passage.doc_id, passage.path[0]), []).append(question)
        order = {doc_id: place for place, doc_id in enumerate(doc_ids)}
        standing = sorted(below, key=lambda one: order[one[0]])
        most = sorted(standing, key=lambda one: -len(below[one]))[:limit]
        return tuple(Topic(one[1], tuple(_sample_evenly(below[one], each))) for one in standing if one in most)

    def _towns(self, turn: Turn) -> tuple[str, ...]:
        """Return the same question of each town whose documents these are, where an answer to it names none."""
        named = turn.query is None or turn.query.scope.issuers or turn.query.scope.named
        cited = turn.draft is not None and turn.draft.sources
        if named or not cited or not 1 < len(self._issuers) <= _TOWNS:
            return ()
        return tuple(catalogue()["offered"]["there"].format(name=nfkc(town)) for town in self._issuers)

    def _most_similar(
        self, query: Query, cited: set[tuple[str, tuple[str, ...]]], of_subject: frozenset[str] | None
    ) -> tuple[str, ...]:
        """Return the likest questions; with the words of a subject such as are of that, and lie ahead."""
        known, day = self._known, query.scope.as_of
        if not known.questions:
            return ()
        cosines = known.vectors @ self._encoder.encode_query(query.text)
        found: list[str] = []
        for i in np.argsort(-cosines, kind="stable"):
            question, passage = known.questions[i], self._index.passages[self._index.passage_row(known.passages[i])]
            if (of_subject is not None and cosines[i] < _NEAR) or len(found) == _MOST:
                break
            if passage.doc_id not in query.scope.preferred or (passage.doc_id, passage.path) in cited:
                continue
            is_near = of_subject is None or (
                self._shared_term_weight(question, of_subject) >= _SHARED and not self._is_past(passage, day)
            )
            if is_near and question != query.text:
                found.append(question)
        return tuple(found)

    def _shared_term_weight(self, question: str, told: Collection[str]) -> float:
        """Return the part of a question's words, by rarity, that were `told`; the town's name counts for nothing."""
        own = subject_terms(words(question)) - self._of_towns
        rarity = {word: self._index.keyword.idf(word) for word in own}
        return sum(rarity[word] for word in own.intersection(told)) / max(sum(rarity.values()), 1e-6)

    def _is_past(self, passage: Passage, day: date) -> bool:
        return is_past(self._documents[passage.doc_id], [passage.text], day)


def _sample_evenly(questions: list[str], limit: int) -> list[str]:
    """Return up to `limit` of the questions from all over their document, not the first of them."""
    if len(questions) <= limit:
        return questions
    return [questions[round(place * (len(questions) - 1) / max(limit - 1, 1))] for place in range(limit)]


def _load(index: Index, encoder: Encoder, file: Path) -> _Known:
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
    return _Known(questions, tuple(passage for _, passage in pairs), vectors)
