"""Decides whether two questions are equivalent, for one answer or one queue group.

Decision 030 has the precision and recall on four sets of questions, and the trained models that were no better.
"""

from collections.abc import Mapping

from bot.curation.question_signature import QuestionSignature
from bot.question.query import AnswerType

MIN_COSINE = 0.6
"""Threshold of the cosine below which questions are never equivalent."""
# Largest share of predicates, by weight, that one question may lack if the answer types differ.
_MAX_MISSING_PREDICATES = 0.5
# Largest share of a question, by weight, that the other of its group need not name; staff review groups.
_MAX_UNNAMED_SHARE = 0.2


def can_share_answer(question: QuestionSignature, other: QuestionSignature, cosine: float) -> bool:
    """Whether an answer to one question also answers the other.

    One may lack a verb of the other but not have a different one; things must be the same in both.
    """
    if cosine < MIN_COSINE or not may_be_equivalent(question, other):
        return False
    if _missing_share(question.things, other) or _missing_share(other.things, question):
        return False
    fewer, more = sorted((_missing_share(question.doings, other), _missing_share(other.doings, question)))
    return not fewer and (more <= _MAX_MISSING_PREDICATES or question.answer_type is other.answer_type)


def can_share_group(question: QuestionSignature, other: QuestionSignature, cosine: float) -> bool:
    """Whether two questions belong to one group of the queue; looser than for an answer, since staff read groups."""
    if cosine < MIN_COSINE or not may_be_equivalent(question, other):
        return False
    return max(_unnamed_share(question, other), _unnamed_share(other, question)) <= _MAX_UNNAMED_SHARE


def may_be_equivalent(question: QuestionSignature, other: QuestionSignature) -> bool:
    """Whether two questions have equal facts, compatible answer types and the same counters."""
    types = {question.answer_type, other.answer_type}
    have_compatible_types = len(types) == 1 or (AnswerType.OTHER in types and AnswerType.BOOLEAN not in types)
    counters = {question.counters, other.counters} - {frozenset()}
    return question.facts == other.facts and have_compatible_types and len(counters) <= 1


def _unnamed_share(question: QuestionSignature, other: QuestionSignature) -> float:
    things = sum(question.things.values())
    doings = sum(question.doings.values())
    return _missing_share(question.things, other) * things / (things + doings) if things else 0.0


def _missing_share(terms: Mapping[str, float], other: QuestionSignature) -> float:
    missing = [
        word for word in terms if not (word in other.things or word in other.doings or _has_letters(word, other))
    ]
    return sum(terms[word] for word in missing) / sum(terms.values()) if missing else 0.0


def _has_letters(word: str, other: QuestionSignature) -> bool:
    return all(letter in other.text for letter in word)
