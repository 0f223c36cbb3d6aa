"""Whether two questions ask the same: no fact tells them apart, neither names what the other does not, both are alike.

Precision and recall on the own cases, on JSQuAD's questions and on a city's FAQ, and on questions in which one word was
changed for another, are in decision 030, with the models fitted to the same features that were no better.
"""

from collections.abc import Mapping

from bot.curated.sense import Sense
from bot.query.query import AnswerType

LEAST_COSINE = 0.6
"""Questions whose vectors are less alike than this never count as the same."""
# How much of what either says it does, by weight, the other may leave out where another kind of thing may be asked for.
_DOINGS_LEFT_OUT = 0.5
# How much of a question, by weight, may be things that the other one of its group does not name: people look at groups.
_THINGS_LEFT_OUT = 0.2


def one_answer(one: Sense, other: Sense, cosine: float) -> bool:
    """Whether what answers one of them answers the other too.

    A verb may be left out (is it decided, is it known how much) but not be another, and a thing may not be either.
    """
    if cosine < LEAST_COSINE or not may_ask_the_same(one, other):
        return False
    if _left_out(one.things, other) or _left_out(other.things, one):
        return False
    fewer, more = sorted((_left_out(one.doings, other), _left_out(other.doings, one)))
    return not fewer and (more <= _DOINGS_LEFT_OUT or one.answer_type is other.answer_type)


def one_group(one: Sense, other: Sense, cosine: float) -> bool:
    """Whether they belong into one group of the queue, where a person reads them: looser than for an answer."""
    if cosine < LEAST_COSINE or not may_ask_the_same(one, other):
        return False
    return max(_unnamed(one, other), _unnamed(other, one)) <= _THINGS_LEFT_OUT


def may_ask_the_same(one: Sense, other: Sense) -> bool:
    """Whether no fact tells them apart, and things of one kind, counted alike, may answer both."""
    kinds = {one.answer_type, other.answer_type}
    alike = len(kinds) == 1 or (AnswerType.OTHER in kinds and AnswerType.BOOLEAN not in kinds)
    counters = {one.counters, other.counters} - {frozenset()}
    return one.facts == other.facts and alike and len(counters) <= 1


def _unnamed(one: Sense, other: Sense) -> float:
    """Return the share (0 to 1) of a question, by weight, that is things which the other does not name."""
    things, doings = sum(one.things.values()), sum(one.doings.values())
    return _left_out(one.things, other) * things / (things + doings) if things else 0.0


def _left_out(terms: Mapping[str, float], other: Sense) -> float:
    """Return the share (0 to 1) of terms, by weight, that the other neither says nor writes (街路樹: 街路の樹)."""
    missing = [word for word in terms if not (word in other.things or word in other.doings or _written(word, other))]
    return sum(terms[word] for word in missing) / sum(terms.values()) if missing else 0.0


def _written(word: str, other: Sense) -> bool:
    return all(letter in other.text for letter in word)
