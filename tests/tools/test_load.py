"""Tests of a short run of `make load`, over a real service and real HTTP."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from bot.answering.question.text_limits import check_question
from bot.running.service.service import open_service
from ingest.configuration.settings import Settings
from tests.bot.fixed_service import StandIn
from tests.bot.server_thread import served
from tests.conftest import ROOT
from tests.stack.visitors import WORST, Visitors
from tests.tools.fuzz import fuzz


def test_the_slowest_questions_are_not_too_long() -> None:
    for question in WORST:
        check_question(question)


def test_a_crowd_is_answered_or_asked_to_retry(own_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.running.server.entrance._WAITING", 4)
    monkeypatch.setattr("bot.running.server.entrance._WAIT_S", 0.5)
    given: dict[str, Any] = {"data": own_data, "corpus": ROOT / "corpus", "trusted_proxies": "127.0.0.1"}
    with (
        open_service(Settings(_env_file=None, **given)) as service,
        served(service, pages=(), **given) as url,
    ):
        service.warm()
        visitors = Visitors(url, 60, 0, 0.5, 1.5, forwarded=True)
        asyncio.run(visitors.visit(3))
    assert not visitors.seen.failures
    assert visitors.seen.answers
    assert visitors.seen.ends["503"] > 0


def test_calls_from_the_document_are_answered_as_documented(tmp_path: Path) -> None:
    with served(StandIn(), pages=(), requests_per_minute_address=1_000_000) as url:
        assert fuzz(url, tmp_path, 2, "--phases", "examples,fuzzing") == 0, (tmp_path / "output.txt").read_text("utf-8")


def test_a_run_without_calls_fails(tmp_path: Path) -> None:
    assert fuzz("http://127.0.0.1:9", tmp_path, 1) != 0
