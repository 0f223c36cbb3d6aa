"""Tests of a short run of `make fuzz`."""

from pathlib import Path

from tests.bot.fixed_service import StandIn
from tests.bot.server_thread import served
from tests.tools.fuzz import fuzz


def test_calls_from_the_document_are_answered_as_documented(tmp_path: Path) -> None:
    with served(StandIn(), pages=(), requests_per_minute_address=1_000_000) as url:
        assert fuzz(url, tmp_path, 2, "--phases", "examples,fuzzing") == 0, (tmp_path / "output.txt").read_text("utf-8")


def test_a_run_without_calls_fails(tmp_path: Path) -> None:
    assert fuzz("http://127.0.0.1:9", tmp_path, 1) != 0
