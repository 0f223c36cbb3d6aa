"""Tests of the fair queue."""

import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from threading import Event

import pytest

from bot.admission import Admission, Caller
from bot.errors import BusyError


class Waiting:
    """Callers who ask one after the other for a seat, each in a thread, and the order in which they are seated."""

    def __init__(self, admission: Admission, callers: Sequence[Caller]) -> None:
        self.seated: list[Caller] = []
        self._admission = admission
        self._threads = ThreadPoolExecutor(len(callers))
        self.results: list[Future[None]] = []
        for caller in callers:
            comes = Event()
            self.results.append(self._threads.submit(self._sit, caller, comes))
            comes.wait()
            time.sleep(0.02)

    def _sit(self, caller: Caller, comes: Event) -> None:
        comes.set()
        with self._admission.seat(caller):
            self.seated.append(caller)

    def refused(self) -> list[int]:
        """Wait until all have been seated or refused, and return the places of those refused."""
        self._threads.shutdown()
        return [place for place, result in enumerate(self.results) if isinstance(result.exception(), BusyError)]


A1, A2, B1, C1 = Caller("a", "1"), Caller("a", "2"), Caller("b", "1"), Caller("c", "1")


def test_who_is_alone_has_all_seats_and_one_more_is_for_another_address() -> None:
    admission = Admission(at_once=3, waiting=0, timeout_s=0.1)
    with ExitStack() as held:
        for _ in range(3):
            held.enter_context(admission.seat(A1))
        with pytest.raises(BusyError, match="混み合って"), admission.seat(A2):
            pass
        with admission.seat(B1), pytest.raises(BusyError), admission.seat(C1):
            pass
    with admission.seat(A2):
        pass


def test_addresses_take_turns_and_so_do_their_conversations() -> None:
    admission = Admission(at_once=1, waiting=16, timeout_s=30)
    with admission.seat(Caller("x")):  # so that one seat is left
        with admission.seat(Caller("y")):
            waiting = Waiting(admission, [A1, A1, A1, A2, B1, B1])
        assert waiting.refused() == []
    assert waiting.seated == [A1, B1, A2, B1, A1, A1]


def test_in_a_full_queue_the_newest_of_whom_most_is_waiting_gives_way() -> None:
    admission = Admission(at_once=1, waiting=4, timeout_s=30)
    with admission.seat(Caller("x")), admission.seat(Caller("y")):
        waiting = Waiting(admission, [A1, A1, A1, A2, B1, C1, C1])
        assert [place for place, result in enumerate(waiting.results) if result.done()] == [1, 2, 6]
    assert waiting.refused() == [1, 2, 6]


def test_nobody_waits_longer_than_the_limit_and_the_place_is_free_again() -> None:
    admission = Admission(at_once=1, waiting=1, timeout_s=0.05)
    with admission.seat(A1):
        for _ in range(2):
            with pytest.raises(BusyError), admission.seat(A1):
                pass
    with admission.seat(A1), admission.seat(B1):
        pass
