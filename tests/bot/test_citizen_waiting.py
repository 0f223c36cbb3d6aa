"""Waiting for an answer beside the page."""

from threading import Event

import pytest

from bot.answer import Answer, Question
from bot.answering import OnStage
from bot.ui.waiting import WaitingRoom
from bot.web.problems import ReaderError
from tests.bot.stand_in import StandIn


def answer(on_stage: OnStage) -> Answer:
    return StandIn().ask(Question(question="期間は"), on_stage)


def test_a_quick_answer_shows_no_stage() -> None:
    """What is there at once is shown at once."""
    assert list(WaitingRoom().answer(answer, str)) == []


def test_a_slow_answer_tells_its_stages_in_order() -> None:
    """The first is empty, for nothing has been told yet; the others come as the service tells them."""
    go = Event()

    def slow(on_stage: OnStage) -> Answer:
        go.wait()
        return answer(on_stage)

    stages = WaitingRoom().answer(slow, str)
    shown = [next(stages)]
    go.set()
    assert [*shown, *stages] == ["", "探しています", "確かめています"]


def test_who_finds_no_seat_is_told_so_and_a_seat_becomes_free_again() -> None:
    """One question too many is turned away at once, until another has been answered."""
    go = Event()

    def slow(on_stage: OnStage) -> Answer:
        go.wait()
        return answer(on_stage)

    room = WaitingRoom(most=1)
    seated = room.answer(slow, str)
    next(seated)
    with pytest.raises(ReaderError, match="混み合っています"):
        list(room.answer(answer, str))
    go.set()
    list(seated)
    assert list(room.answer(answer, str)) == []
