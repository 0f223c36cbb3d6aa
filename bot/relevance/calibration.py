"""Decides how sure an answer is: the calibrated probability that what is shown of the best passage is right."""

from collections.abc import Sequence
from dataclasses import replace
from math import exp, log

from bot.question.query import AnswerType
from bot.state import Reading, ScoredPassage, Turn

LIKELY = 0.48
"""From this correctness, an answer is shown as unsure (decision 083)."""
# Sure is a correctness from the first figure, or from the second with a confidence as without calibration.
_SURE, _SURE_IF_CONFIDENT = 0.86, 0.8
# Thresholds of the confidence where the models did not score the passages (decision 015).
_CONFIDENT, _LIKELY_CONFIDENCE = 0.85, 0.59
# Logistic regression over 1,522 questions, 300 of them in spoken language at double weight (decision 083): weights of
# the logit that any passage answers and of the margin between the best passage and the next, and an intercept by the
# kind of question. Where a figure or day is asked for, a near miss has another one.
_CONFIDENCE, _MARGIN = 1.09, 0.27
_FIGURE, _OPEN, _OTHER = -0.93, -0.13, -0.67
_INTERCEPTS = {
    AnswerType.MONEY: _FIGURE,
    AnswerType.DATE: _FIGURE,
    AnswerType.QUANTITY: _FIGURE,
    AnswerType.BOOLEAN: _OPEN,
    AnswerType.LIST: _OPEN,
    AnswerType.MANNER: _OPEN,
    AnswerType.REASON: _OPEN,
    AnswerType.CONTACT: _OPEN,
    AnswerType.DEFINITION: _OPEN,
}
_MAX_MARGIN, _EPSILON = 4.0, 1e-4


def calibrate(turn: Turn) -> Turn:
    """Return the turn with the correctness of its reading; unchanged where the models did not score the passages."""
    query, reading = turn.query, turn.reading
    if query is None or reading is None or not reading.passages or not reading.by_model:
        return turn
    margin = min(_margin(reading.passages), _MAX_MARGIN)
    intercept = _INTERCEPTS.get(query.answer_type, _OTHER)
    logit = _CONFIDENCE * _logit(reading.confidence) + _MARGIN * margin + intercept
    return replace(turn, reading=replace(reading, correctness=1 / (1 + exp(-logit))))


def is_sure(reading: Reading) -> bool:
    """Whether an answer from the best passages is called an answer."""
    is_confident = reading.confidence >= _CONFIDENT
    if reading.correctness is None:
        return is_confident
    return reading.correctness >= (_SURE_IF_CONFIDENT if is_confident else _SURE)


def is_likely(reading: Reading) -> bool:
    """Whether an answer from the best passages is shown, at least as unsure."""
    if reading.correctness is None:
        return reading.confidence >= _LIKELY_CONFIDENCE
    return reading.correctness >= LIKELY


def cap_at_partial(turn: Turn) -> Turn:
    """Return the turn with an answer that is unsure at most, for passages that were not retrieved for its question."""
    return replace(turn, reading=turn.reading and replace(turn.reading, correctness=LIKELY))


def _margin(passages: Sequence[ScoredPassage]) -> float:
    """Return the logit of the best passage less that of the next; of one passage alone, less the lowest."""
    best, *others = passages[:2]
    return _logit(best.probability) - (_logit(others[0].probability) if others else _logit(0))


def _logit(probability: float) -> float:
    clipped = min(max(probability, _EPSILON), 1 - _EPSILON)
    return log(clipped / (1 - clipped))
