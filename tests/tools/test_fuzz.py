"""`make fuzz` in short: what is called by the OpenAPI document is answered as it says."""

from pathlib import Path

from tests.bot.fixed_service import StandIn
from tests.bot.server_thread import served
from tests.tools.fuzz import Found, fuzz


def test_calls_from_the_document_are_answered_as_it_says(tmp_path: Path) -> None:
    """Two calls of each kind an operation: no 5xx, no status, type or form that is not told, nothing taken wrongly."""
    with served(StandIn(), pages=(), requests_per_minute=1_000_000) as url:
        found = fuzz(url, tmp_path, 2, None, ("examples", "fuzzing"))
    assert found.failures == ()
    assert found.well


def test_a_run_without_calls_is_not_well(tmp_path: Path) -> None:
    """Where nothing could be called, nothing is said to be right."""
    found = fuzz("http://127.0.0.1:9", tmp_path, 1, None, ("examples",))
    assert not found.well
    assert isinstance(found, Found)
