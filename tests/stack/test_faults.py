"""Tests that a trial of the stack in which questions are not answered fails."""

from dataclasses import replace

import pytest

from tests.stack.faults import Outcome

WELL = Outcome("trial", 10, 0.95, 0.95, 0, 0, {}, 0, 0, 0, 1.0)


@pytest.mark.parametrize("change", [{"answered": 0.94}, {"failures": {"ReadTimeout": 1}}, {"longest_s": 5.1}])
def test_a_trial_without_answers_failed(change: dict[str, object]) -> None:
    assert WELL.is_well
    assert not replace(WELL, **change).is_well  # type: ignore[arg-type]
