"""The turn that the steps of the pipeline pass on."""

from dataclasses import replace
from datetime import date

import pytest

from bot.question.query import AnswerType, Query, Scope
from bot.state import CURATED, EXTRACTIVE, Draft, Question, Reading, Turn, to_read_turn
from bot.state.turn import StepOrderError

REQUESTED, NAMED = date(2026, 8, 1), date(2025, 4, 1)
QUERY = Query("定員は?", "定員は?", "ja", AnswerType.OTHER, Scope(NAMED, frozenset(), frozenset()))
TURN = Turn(Question(question="定員は？"), REQUESTED)


def test_the_day_in_the_question_replaces_that_of_the_request() -> None:
    assert TURN.effective_day == REQUESTED
    assert replace(TURN, query=QUERY).effective_day == NAMED


def test_a_completed_follow_up_keeps_what_was_typed() -> None:
    texts = TURN.with_completed_text("和室の定員は?", typed="定員は?", alternative="茶室の定員は?").texts
    assert (texts.searched, texts.typed_follow_up, texts.alternative) == ("和室の定員は?", "定員は?", "茶室の定員は?")


@pytest.mark.parametrize(
    ("turn", "message"),
    [
        pytest.param(TURN, "has not been parsed", id="without query"),
        pytest.param(replace(TURN, query=QUERY), "have not been scored", id="without scores"),
    ],
)
def test_an_answerer_gets_no_unread_turn(turn: Turn, message: str) -> None:
    with pytest.raises(StepOrderError, match=message):
        to_read_turn(turn)


def test_a_read_turn_has_all_of_the_turn() -> None:
    reading = Reading((), 0.5)
    read = to_read_turn(replace(TURN, query=QUERY, reading=reading))
    assert (read.question, read.query, read.reading) == (TURN.question, QUERY, reading)


@pytest.mark.parametrize(
    ("generator", "is_extractive", "is_curated"),
    [
        pytest.param(EXTRACTIVE, True, False, id="quotes"),
        pytest.param(CURATED, False, True, id="staff"),
        pytest.param("若葉モデル", False, False, id="language model"),
    ],
)
def test_a_draft_says_who_wrote_it(generator: str, *, is_extractive: bool, is_curated: bool) -> None:
    draft = Draft(generator=generator)
    assert (draft.is_extractive, draft.is_curated) == (is_extractive, is_curated)
