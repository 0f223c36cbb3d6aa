"""Tests of the deletion of old conversations while the server runs."""

import time
from threading import Event
from typing import TYPE_CHECKING, Any, cast

import pytest

from bot.storage.deletion import DeletedCounts
from bot.web.retention import delete_expired_records

if TYPE_CHECKING:
    from bot.service import Service


class Forgetful:
    """Counts how often it is asked to forget, and sets the clock ahead by a year after the first time."""

    def __init__(self) -> None:
        self.times, self.ahead_s = 0, 0.0
        self.again = Event()

    def forget_old(self, *_: Any) -> DeletedCounts:
        """Forget nothing."""
        self.times += 1
        self.ahead_s = 365 * 86400.0
        if self.times > 1:
            self.again.set()
        return DeletedCounts(0, 0, 0)

    def prune_originals(self, *_: Any) -> None:
        """Keep everything."""

    def clock(self) -> float:
        """Return the time of a clock that is set."""
        return time.time() + self.ahead_s


def test_no_record_is_deleted_after_a_jump_of_the_clock(caplog: pytest.LogCaptureFixture) -> None:
    service = Forgetful()
    with delete_expired_records(cast("Service", service), 30, service.clock, every_s=0.01):
        assert service.again.wait(5)
    assert "時計が3153" in caplog.text
    assert caplog.text.count("古い会話を消しません") == 1
