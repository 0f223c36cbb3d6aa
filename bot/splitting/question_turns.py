"""Splits a message with several questions into turns."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain
from typing import NamedTuple

from bot.question.language import JAPANESE, detect_language
from bot.question.own_spelling import restore_spelling
from bot.question.subject_words import CONVERSATION_WORDS, has_no_subject
from bot.splitting.courtesy import strip_courtesy
from bot.splitting.message_sentences import is_information_request
from bot.splitting.message_splitting import split_message
from bot.state import Exchange, Status, Step, Turn
from ingest.japanese import normalise_without_spaces
from ingest.japanese.tokenise import morphemes

# Questions answered at once; each takes as long as a message of one question. The others are named in the answer.
MAX_QUESTIONS = 10
# Questions parsed; some of them turn out to belong to another.
_MAX_PARSED_QUESTIONS = 40


class SplitMessage(NamedTuple):
    """The turns to answer, one per question, and the questions that are too many to be answered with them."""

    turns: list[Turn]
    left_over: tuple[str, ...] = ()


def split_questions(turn: Turn, with_context: Step) -> SplitMessage:
    """Return one turn per question of the text, each completed from those before it.

    A repeated question is dropped.
    """
    questions = list[Turn]()
    message_parts = _split_turn(turn)[:_MAX_PARSED_QUESTIONS]
    for part in message_parts:
        if len(questions) >= MAX_QUESTIONS:
            questions.append(part)
            continue
        completed = _with_own_spelling(with_context(with_history(questions, part)))
        if questions and completed.texts.typed_follow_up and _restates(part.texts.searched):
            questions[-1] = _append(questions[-1], part)
            continue
        # つまり? after several questions repeats them all; what completes one of several is no question of its own.
        is_repeat = completed.texts.typed_follow_up and len(message_parts) == 1
        repeated = [_with_own_spelling(question) for question in _split_turn(completed)] if is_repeat else [completed]
        known_texts = {_comparable_text(question) for question in questions}
        questions += [question for question in repeated if _comparable_text(question) not in known_texts]
    left_over = tuple(question.texts.as_written or question.texts.searched for question in questions[MAX_QUESTIONS:])
    return SplitMessage(questions[:MAX_QUESTIONS], left_over)


def _comparable_text(turn: Turn) -> str:
    return normalise_without_spaces(turn.texts.searched)


def _split_turn(turn: Turn) -> list[Turn]:
    """Return one turn per question; the turn itself for a single question or other languages.

    Text without a subject (もしもし、聞こえますか) is joined to the question after it.
    """
    is_japanese = {detect_language(turn.texts.searched), turn.question.language or JAPANESE} == {JAPANESE}
    parts = split_message(turn.texts.searched) if is_japanese and turn.draft is None else ()
    if not parts[1:]:
        return [turn]
    first, second, *others = parts
    if has_no_subject(first.text) and not turn.history:
        parts = (replace(second, text=first.text + second.text), *others)
    split = [
        replace(turn, texts=replace(turn.texts, as_written=part.words, searched=strip_courtesy(part.text)))
        for part in parts
    ]
    return split if split[1:] else [turn]


def _restates(text: str) -> bool:
    nouns = {m.normal for m in morphemes(text) if m.is_content and m.pos[0] == "名詞"}
    has_demonstrative = any(m.pos[0] in {"連体詞", "代名詞"} for m in morphemes(text))
    return is_information_request(text) and nouns <= CONVERSATION_WORDS["restating"] and not has_demonstrative


def _append(turn: Turn, part: Turn) -> Turn:
    texts = turn.texts
    added = part.texts.as_written
    texts = replace(
        texts,
        searched=texts.searched + added,
        as_written=texts.as_written + added,
        understood=texts.understood + added,
    )
    return replace(turn, texts=texts)


def _with_own_spelling(turn: Turn) -> Turn:
    return replace(turn, texts=replace(turn.texts, understood=restore_spelling(turn.texts.searched, turn.respellings)))


def with_history(earlier: Sequence[Turn], turn: Turn) -> Turn:
    """Return the turn with `earlier` turns of the same text added to its history."""
    if not earlier:
        return turn
    respellings = chain.from_iterable(other.respellings for other in (*earlier, turn))
    return replace(
        turn,
        history=(*turn.history, *map(_exchange, earlier)),
        respellings=tuple(dict.fromkeys(respellings)),
    )


def _exchange(turn: Turn) -> Exchange:
    scope = turn.query.scope if turn.query else None
    documents = (scope.named or scope.preferred) if scope else frozenset[str]()
    status = turn.draft.status if turn.draft else Status.ANSWERED
    return Exchange(turn.texts.searched, subject="", parts=(), status=status, documents=documents, town=turn.town)
