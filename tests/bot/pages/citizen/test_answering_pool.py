"""Waiting for an answer beside the page."""

from threading import Event

import pytest

from bot.http.problems import ReaderError
from bot.pages.citizen.answering_pool import AnsweringPool, Progress
from bot.runtime.service_interface import OnStage, OnText
from bot.state import Answer, Question
from tests.bot.stand_in import StandIn


def answer(on_stage: OnStage, on_text: OnText) -> Answer:
    service = StandIn()
    service.told = "期間は令和8(2026)年度からです[1]。"
    return service.ask(Question(question="期間は"), on_stage, on_text)


def test_a_quick_answer_shows_no_stage() -> None:
    """What is there at once is shown at once."""
    assert list(AnsweringPool().answer(answer, str)) == []


def test_a_slow_answer_tells_how_far_it_has_come() -> None:
    """The first step is empty, nothing has been told yet; then stages and certain sentences come as they are told."""
    go = Event()

    def slow(on_stage: OnStage, on_text: OnText) -> Answer:
        go.wait()
        return answer(on_stage, on_text)

    steps = AnsweringPool().answer(slow, lambda progress: progress)
    shown = [next(steps)]
    go.set()
    assert [*shown, *steps] == [
        Progress(),
        Progress("探しています"),
        Progress("確かめています"),
        Progress("確かめています", "期間は令和8(2026)年度からです[1]。"),
    ]


def test_who_finds_no_seat_is_told_so_and_a_seat_becomes_free_again() -> None:
    """One question too many is turned away at once, until another has been answered."""
    go = Event()

    def slow(on_stage: OnStage, on_text: OnText) -> Answer:
        go.wait()
        return answer(on_stage, on_text)

    pool = AnsweringPool(max_questions=1)
    seated = pool.answer(slow, str)
    next(seated)
    with pytest.raises(ReaderError, match="混み合っています"):
        list(pool.answer(answer, str))
    go.set()
    list(seated)
    assert list(pool.answer(answer, str)) == []
