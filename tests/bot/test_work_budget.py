"""Tests of the budget of work that one request has."""

from threading import Thread

import pytest

from bot.work_budget import LIMITS, WorkExceededError, charge_work, open_work_budget, take_work


def test_work_is_granted_up_to_the_limit() -> None:
    with open_work_budget() as budget:
        assert take_work("names", LIMITS["names"] - 1) == LIMITS["names"] - 1
        assert not budget.is_exceeded
        assert take_work("names", 5) == 1
        assert budget.is_exceeded


def test_work_that_cannot_be_done_in_part_is_refused_with_advice() -> None:
    with open_work_budget(), pytest.raises(WorkExceededError, match="分けて"):
        charge_work("cells", LIMITS["cells"] + 1)


def test_no_request_uses_the_budget_of_another() -> None:
    granted = []
    with open_work_budget():
        take_work("terms", LIMITS["terms"])
        thread = Thread(target=lambda: granted.append(take_work("terms", 1)))
        thread.start()
        thread.join()
        with open_work_budget() as inner:
            assert take_work("terms", 1) == 1
        assert not inner.is_exceeded
        assert take_work("terms", 1) == 0
    assert granted == [1]
    assert take_work("terms", 10**9) == 10**9
