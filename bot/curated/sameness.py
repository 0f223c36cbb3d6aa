"""Whether two questions ask the same: by what they name and deny, and by their words and their meaning.

Measured on the own cases (608 questions of one turn, three sets of documents; two ask the same where the same words
must be in their answers) and on localgovfaq (409 citizens' questions against the wordings of 1,786 entries):
eval/LOG.md, 2026-11-20.
"""

from bot.check.opposites import opposed
from bot.curated.sense import Sense

# From here on two questions wait in one group: both the cosine and the share of words that they have in common.
SAME_GROUP = 0.6
# From here on, by the cosine, and where neither names a thing that the other does not, one answer is for both.
SAME_QUESTION = 0.7


def may_ask_the_same(one: Sense, other: Sense) -> bool:
    """Whether nothing tells them apart: document, plan, year, figure, name, denial, or the kind of answer asked for."""
    if one.facts != other.facts or len({one.asked.unit, other.asked.unit} - {""}) > 1:
        return False
    if one.asked_by and other.asked_by and one.asked_by.isdisjoint(other.asked_by):
        return False
    return not (opposed(one.text, other.text) or opposed(other.text, one.text))


def name_the_same(one: Sense, other: Sense) -> bool:
    """Whether neither of them names a thing that the other neither says nor means."""
    return bool(one.weights) and not (one.lacks_thing(other) or other.lacks_thing(one))


def one_answer(one: Sense, other: Sense) -> bool:
    """Whether what answers one of them answers the other too, where their cosine is `SAME_QUESTION` or more."""
    return name_the_same(one, other) and may_ask_the_same(one, other)


def one_group(one: Sense, other: Sense, cosine: float) -> float:
    """Return how alike they are (0 to 1) where they belong into one group of the queue, else 0."""
    if cosine < SAME_GROUP or not may_ask_the_same(one, other):
        return 0.0
    alike = min(cosine, shared(one, other))
    return alike if alike >= SAME_GROUP else 0.0


def shared(one: Sense, other: Sense) -> float:
    """Return the share (0 to 1) of the words of each, by weight, that the other says or means: the smaller one."""
    return min(_covered(one, other), _covered(other, one))


def _covered(one: Sense, by: Sense) -> float:
    total = sum(one.weights.values())
    return 1 - sum(by.lacks(one).values()) / total if total else 0.0
