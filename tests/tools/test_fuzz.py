"""Tests of a short run of `make fuzz`."""

from pathlib import Path

from tests.bot.fixed_service import StandIn
from tests.bot.server_thread import served
from tests.tools.fuzz import Found, fuzz


def test_calls_from_the_document_are_answered_as_documented(tmp_path: Path) -> None:
    with served(StandIn(), pages=(), requests_per_minute_address=1_000_000) as url:
        found = fuzz(url, tmp_path, 2, None, ("examples", "fuzzing"))
    assert found.failures == ()
    assert found.well


def test_a_run_without_calls_fails(tmp_path: Path) -> None:
    found = fuzz("http://127.0.0.1:9", tmp_path, 1, None, ("examples",))
    assert not found.well
    assert isinstance(found, Found)
