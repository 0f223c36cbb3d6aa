"""Tests of the probability that an answer is correct."""

import pytest

from bot.relevance.calibration import calibrate, is_likely, is_sure
from bot.state import Reading, ScoredPassage, Turn
from tests.bot.answers.reading import scored_passage, text, turn_of

WHEN, MAY = "閉館は何時ですか", "犬を連れて入れますか"


def scored(*probabilities: float) -> tuple[ScoredPassage, ...]:
    """Return passages with these probabilities."""
    return tuple(scored_passage(text(f"wood-2#{n}", "閉館は午後5時です。"), p) for n, p in enumerate(probabilities))


def reading_of(question: str, confidence: float, *probabilities: float, by_model: bool = True) -> Reading:
    """Return the calibrated reading of a question."""
    turn: Turn = turn_of(question, *scored(*probabilities), confidence=confidence)
    assert turn.reading is not None
    reading = Reading(turn.reading.passages, confidence, by_model)
    calibrated = calibrate(
        Turn(turn.question, turn.effective_day, texts=turn.texts, query=turn.query, reading=reading)
    ).reading
    assert calibrated is not None
    return calibrated


@pytest.mark.parametrize("question", [WHEN, MAY])
def test_correctness_rises_with_confidence_and_margin(question: str) -> None:
    found = [
        reading_of(question, confidence, 0.9, other).correctness or 0.0
        for confidence, other in ((0.5, 0.85), (0.5, 0.1), (0.9, 0.1))
    ]
    assert found == sorted(found)
    assert found[0] < found[1] < found[2]


def test_a_question_for_a_figure_needs_more_confidence() -> None:
    assert is_likely(reading_of(MAY, 0.5, 0.5, 0.3))
    assert not is_likely(reading_of(WHEN, 0.5, 0.5, 0.3))


def test_a_sure_answer_is_likely() -> None:
    sure, unlikely = reading_of(WHEN, 0.97, 0.9, 0.1), reading_of(WHEN, 0.2, 0.2, 0.1)
    assert is_sure(sure)
    assert is_likely(sure)
    assert not is_sure(unlikely)
    assert not is_likely(unlikely)


def test_one_passage_alone_has_a_margin() -> None:
    assert is_sure(reading_of(WHEN, 0.95, 0.9))


def test_a_reading_without_models_keeps_its_thresholds() -> None:
    assert [is_sure(reading_of(WHEN, c, 0.9, by_model=False)) for c in (0.84, 0.85)] == [False, True]
    assert [is_likely(reading_of(WHEN, c, 0.9, by_model=False)) for c in (0.58, 0.59)] == [False, True]
