"""Attempts: variants of a question without an answer, tried one after another."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np

from bot.conversation import is_vague
from bot.conversation.asked_part import ask_for
from bot.conversation.multiple_questions import MAX_QUESTIONS
from bot.conversation.noun_phrases import is_noun_phrase
from bot.question.listed_things import find_listed_things
from bot.question.query_parser import QueryParser
from bot.question.question_splitting import find_subjects
from bot.retrieval.retrieve import MAX_HITS
from bot.state import Hit, Turn
from ingest.index.index import Index


class Attempt(Protocol):
    """Makes variants of a turn without an answer."""

    def variants(self, turn: Turn, questions: int) -> Sequence[Turn]:
        """Return the turns to answer instead of `turn`, which is one of `questions` turns; none if not applicable."""


class OtherWordings:
    """Answers a question with names of the office's dictionary in the wordings that did not lead."""

    def variants(self, turn: Turn, questions: int) -> Sequence[Turn]:
        """Return the question in each other wording."""
        del questions
        others = [query for query in turn.wordings if turn.query is None or query.text != turn.query.text]
        return [replace(turn, query=query, wordings=(), draft=None) for query in others if not turn.absent]


class AsTyped:
    """Asks a follow-up as it was typed, without the terms carried over from the conversation."""

    def __init__(self, parse: QueryParser) -> None:
        self._parse = parse

    def variants(self, turn: Turn, questions: int) -> Sequence[Turn]:
        """Return the typed question where it names a subject of its own."""
        del questions
        return [with_text(turn, turn.typed)] if turn.typed and self._names_subject(turn) else []

    def _names_subject(self, turn: Turn) -> bool:
        """Whether the typed text is neither only a town (青葉市では?) nor only an attribute (費用は?).

        A count names its subject however common that is (公園がいくつあるか).
        """
        query = self._parse(turn.typed, turn.as_of)
        is_town = bool(query.scope.issuers) and query.topic == query.text
        listed = find_listed_things(turn.typed)
        return not is_town and (not is_vague(turn.typed) or bool(listed and listed.asks_count and listed.kind))


class WithoutContext:
    """Asks one of several questions in its own words, without the topic or situation that the message states for it."""

    def variants(self, turn: Turn, questions: int) -> Sequence[Turn]:
        """Return the question alone where its own words name a subject and the message has added others."""
        words = turn.own_words.strip("、 ")
        if questions == 1 or not words or turn.typed or is_vague(words):
            return []
        words = ask_for(words) if is_noun_phrase(words) else words
        if words.rstrip("?。") == turn.text.rstrip("?。"):
            return []
        return [with_text(turn, words)]


class PerSubject:
    """Asks about each subject of a question separately (検診と、ごみの日を教えて)."""

    def variants(self, turn: Turn, questions: int) -> Sequence[Turn]:
        """Return a question for each subject; one of several questions is not split further."""
        if questions > 1:
            return []
        subjects = find_subjects(turn.understood or turn.text)[:MAX_QUESTIONS]
        return [replace(with_text(turn, text), own_words=text) for text in subjects]


class CitedSections:
    """Searches the sections that the previous answer cites, because notices often omit the subject (無料).

    Of 59 follow-ups without an answer, these sections answer 46 (decision 028).
    """

    def __init__(self, index: Index) -> None:
        self._index = index

    def variants(self, turn: Turn, questions: int) -> Sequence[Turn]:
        """Return the follow-up with the passages of those sections as its hits, the cited ones first."""
        del questions
        previous = turn.history[-1] if turn.typed and turn.text.endswith(turn.typed) else None
        if previous is None or turn.query is None or turn.absent:
            return []
        mask = self._index.document_mask(previous.documents & turn.query.scope.preferred)
        passages = [self._index.passages[row] for row in np.flatnonzero(mask).tolist()]
        sections = {(passage.doc_id, passage.path) for passage in passages if passage.id in previous.passages}
        passages = [passage for passage in passages if (passage.doc_id, passage.path) in sections]
        passages.sort(key=lambda passage: passage.id not in previous.passages)
        return [replace(turn, hits=tuple(Hit(passage, 1.0) for passage in passages[:MAX_HITS]), draft=None)]


def with_text(turn: Turn, text: str) -> Turn:
    """Return the turn with another text and without a draft."""
    return replace(turn, text=text, understood=text, typed="", alternative_text="", proposed_texts=(), draft=None)
