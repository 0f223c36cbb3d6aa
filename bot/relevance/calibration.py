"""Decides how sure an answer is: the calibrated probability that what is shown of the best passage is right."""

from collections.abc import Sequence
from dataclasses import replace
from math import exp, log

from bot.state import Reading, ScoredPassage, Turn, to_read_turn
from bot.state.query import AnswerType

LIKELY = 0.48
"""From this correctness, an answer is shown as unsure (decision 083)."""
# An answer is sure from this correctness (decision 083).
_SURE_CORRECTNESS = 0.86
# An answer is also sure from this correctness if its confidence is at least _SURE_CONFIDENCE (decision 083).
_SURE_CORRECTNESS_IF_CONFIDENT = 0.8
# An answer without a correctness is sure from this confidence (decision 015).
_SURE_CONFIDENCE = 0.85
# An answer without a correctness is likely from this confidence (decision 015).
_LIKELY_CONFIDENCE = 0.59
# The correctness is a logistic regression over 1,522 questions, 300 of them in spoken language at double weight
# (decision 083). The weight of the logit of the confidence:
_CONFIDENCE_WEIGHT = 1.09
# The weight of the difference between the logits of the best passage and the next:
_MARGIN_WEIGHT = 0.27
# The intercept for questions about a figure or day, whose near misses have another one:
_FIGURE_INTERCEPT = -0.93
# The intercept for questions that a whole passage answers:
_OPEN_INTERCEPT = -0.13
_OTHER_INTERCEPT = -0.67
_FIGURE_TYPES = frozenset({AnswerType.MONEY, AnswerType.DATE, AnswerType.QUANTITY})
_OPEN_TYPES = frozenset(
    {
        AnswerType.BOOLEAN,
        AnswerType.LIST,
        AnswerType.MANNER,
        AnswerType.REASON,
        AnswerType.CONTACT,
        AnswerType.DEFINITION,
    }
)
# Greater margins are as certain.
_MAX_MARGIN = 4.0
# Keeps logits finite.
_EPSILON = 1e-4


def calibrate(turn: Turn) -> Turn:
    """Return the turn with the correctness of its reading; unchanged if the models did not score the passages."""
    read_turn = to_read_turn(turn)
    reading = read_turn.reading
    if not reading.passages or not reading.by_model:
        return turn
    margin = min(_margin(reading.passages), _MAX_MARGIN)
    intercept = _intercept(read_turn.query.answer_type)
    logit = _CONFIDENCE_WEIGHT * _logit(reading.confidence) + _MARGIN_WEIGHT * margin + intercept
    return replace(turn, reading=replace(reading, correctness=1 / (1 + exp(-logit))))


def _intercept(answer_type: AnswerType) -> float:
    if answer_type in _FIGURE_TYPES:
        return _FIGURE_INTERCEPT
    return _OPEN_INTERCEPT if answer_type in _OPEN_TYPES else _OTHER_INTERCEPT


def is_sure(reading: Reading) -> bool:
    """Whether an answer from the best passages is called an answer."""
    is_confident = reading.confidence >= _SURE_CONFIDENCE
    if reading.correctness is None:
        return is_confident
    return reading.correctness >= (_SURE_CORRECTNESS_IF_CONFIDENT if is_confident else _SURE_CORRECTNESS)


def is_likely(reading: Reading) -> bool:
    """Whether an answer from the best passages is shown, at least as unsure."""
    if reading.correctness is None:
        return reading.confidence >= _LIKELY_CONFIDENCE
    return reading.correctness >= LIKELY


def _margin(passages: Sequence[ScoredPassage]) -> float:
    next_probability = passages[1].probability if len(passages) > 1 else 0.0
    return _logit(passages[0].probability) - _logit(next_probability)


def _logit(probability: float) -> float:
    clipped = min(max(probability, _EPSILON), 1 - _EPSILON)
    return log(clipped / (1 - clipped))
