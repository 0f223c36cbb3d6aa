"""Decides whether two questions are equivalent, for one answer or one queue group.

Precision and recall on the own cases, on JSQuAD's questions and on a city's FAQ, and on questions in which one word was
changed for another, are in decision 030, with the models fitted to the same features that were no better.
"""

from collections.abc import Mapping

from bot.curation.question_signature import QuestionSignature
from bot.question.query import AnswerType

LEAST_COSINE = 0.6
"""Questions whose vectors are less alike than this never count as the same."""
# How much of what either says it does, by weight, the other may leave out where another kind of thing may be asked for.
_DOINGS_LEFT_OUT = 0.5
# How much of a question, by weight, may be things that the other one of its group does not name: people look at groups.
_THINGS_LEFT_OUT = 0.2


def can_share_answer(one: QuestionSignature, other: QuestionSignature, cosine: float) -> bool:
    """Whether what answers one of them answers the other too.

    A verb may be left out (is it decided, is it known how much) but not be another, and a thing may not be either.
    """
    if cosine < LEAST_COSINE or not may_be_equivalent(one, other):
        return False
    if _missing_share(one.things, other) or _missing_share(other.things, one):
        return False
    fewer, more = sorted((_missing_share(one.doings, other), _missing_share(other.doings, one)))
    return not fewer and (more <= _DOINGS_LEFT_OUT or one.answer_type is other.answer_type)


def can_share_group(one: QuestionSignature, other: QuestionSignature, cosine: float) -> bool:
    """Whether they belong into one group of the queue, where a person reads them: looser than for an answer."""
    if cosine < LEAST_COSINE or not may_be_equivalent(one, other):
        return False
    return max(_unnamed_share(one, other), _unnamed_share(other, one)) <= _THINGS_LEFT_OUT


def may_be_equivalent(one: QuestionSignature, other: QuestionSignature) -> bool:
    """Whether no fact tells them apart, and things of one kind, counted alike, may answer both."""
    kinds = {one.answer_type, other.answer_type}
    alike = len(kinds) == 1 or (AnswerType.OTHER in kinds and AnswerType.BOOLEAN not in kinds)
    counters = {one.counters, other.counters} - {frozenset()}
    return one.facts == other.facts and alike and len(counters) <= 1


def _unnamed_share(one: QuestionSignature, other: QuestionSignature) -> float:
    """Return the share (0 to 1) of a question, by weight, that is things which the other does not name."""
    things, doings = sum(one.things.values()), sum(one.doings.values())
    return _missing_share(one.things, other) * things / (things + doings) if things else 0.0


def _missing_share(terms: Mapping[str, float], other: QuestionSignature) -> float:
    """Return the share (0 to 1) of terms, by weight, that the other neither says nor writes (街路樹: 街路の樹)."""
    missing = [
        word for word in terms if not (word in other.things or word in other.doings or _has_letters(word, other))
    ]
    return sum(terms[word] for word in missing) / sum(terms.values()) if missing else 0.0


def _has_letters(word: str, other: QuestionSignature) -> bool:
    return all(letter in other.text for letter in word)
