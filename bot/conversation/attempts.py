"""Attempts: variants of a question without an answer, tried one after another."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np

from bot.question.listed_things import find_listed_things
from bot.question.query_parser import QueryParser
from bot.question.subject_words import is_vague
from bot.retrieval.retrieve import MAX_HITS
from bot.splitting.noun_phrases import ask_for, is_noun_phrase
from bot.state import Hit, QuestionTexts, Turn
from ingest.index.index import Index


class Attempt(Protocol):
    """Makes variants of a turn without an answer."""

    def variants(self, turn: Turn, question_count: int) -> Sequence[Turn]:
        """Return the turns to answer instead of `turn`, one of `question_count`; none if not applicable."""


class OtherWordings:
    """Answers a question with names of the office's dictionary in the wordings that did not lead."""

    def variants(self, turn: Turn, question_count: int) -> Sequence[Turn]:
        """Return the question in each other wording."""
        del question_count
        others = [query for query in turn.wordings if query.text != turn.parsed_query.text]
        return [replace(turn, query=query, wordings=(), draft=None) for query in others if not turn.absent]


class AsTyped:
    """Asks a follow-up as it was typed, without the terms carried over from the conversation."""

    def __init__(self, parse: QueryParser) -> None:
        self._parse = parse

    def variants(self, turn: Turn, question_count: int) -> Sequence[Turn]:
        """Return the typed question if it names a subject of its own."""
        del question_count
        typed = turn.texts.typed_follow_up
        return [_ask(turn, typed, turn.texts.as_written)] if typed and self._names_subject(turn) else []

    def _names_subject(self, turn: Turn) -> bool:
        """Whether the typed text is neither only a town (青葉市では?) nor only an attribute (費用は?).

        A count names its subject however common that is (公園がいくつあるか).
        """
        query = self._parse(turn.texts.typed_follow_up, turn.requested_day)
        is_town = bool(query.scope.issuers) and query.topic == query.text
        listed = find_listed_things(turn.texts.typed_follow_up)
        return not is_town and (
            not is_vague(turn.texts.typed_follow_up) or bool(listed and listed.asks_count and listed.kind)
        )


class WithoutContext:
    """Asks one of several questions in its own words, without the topic or situation that the message states for it."""

    def variants(self, turn: Turn, question_count: int) -> Sequence[Turn]:
        """Return the question alone if its own words name a subject and the message has added others."""
        words = turn.texts.as_written.strip("、 ")
        if question_count == 1 or not words or turn.texts.typed_follow_up or is_vague(words):
            return []
        words = ask_for(words) if is_noun_phrase(words) else words
        if words.rstrip("?。") == turn.texts.searched.rstrip("?。"):
            return []
        return [_ask(turn, words, turn.texts.as_written)]


class CitedSections:
    """Searches the sections that the previous answer cites, because notices often omit the subject (無料).

    Of 59 follow-ups without an answer, these sections answer 46 (decision 028).
    """

    def __init__(self, index: Index) -> None:
        self._index = index

    def variants(self, turn: Turn, question_count: int) -> Sequence[Turn]:
        """Return the follow-up with the passages of those sections as its hits, the cited ones first."""
        del question_count
        previous = (
            turn.history[-1]
            if turn.texts.typed_follow_up and turn.texts.searched.endswith(turn.texts.typed_follow_up)
            else None
        )
        if previous is None or turn.absent:
            return []
        mask = self._index.document_mask(previous.documents & turn.parsed_query.scope.preferred)
        passages = [self._index.passages[row] for row in np.flatnonzero(mask).tolist()]
        sections = {(passage.doc_id, passage.path) for passage in passages if passage.id in previous.passages}
        passages = [passage for passage in passages if (passage.doc_id, passage.path) in sections]
        passages.sort(key=lambda passage: passage.id not in previous.passages)
        return [replace(turn, hits=tuple(Hit(passage, 1.0) for passage in passages[:MAX_HITS]), draft=None)]


def _ask(turn: Turn, text: str, as_written: str) -> Turn:
    return replace(turn, texts=QuestionTexts(text, as_written=as_written, understood=text), draft=None)
