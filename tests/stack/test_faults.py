"""Tests that a trial of the stack in which questions are not answered fails."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace

import httpx2
import pytest

from tests.stack import visitors
from tests.stack.faults import Outcome
from tests.stack.visitors import Visitors

WELL = Outcome("trial", 10, 0.95, 0.95, 0, 0, {}, 0, 0, 0, 1.0, 5.0)


@pytest.mark.parametrize(
    "change", [{"answered": 0.94}, {"unanswered": ("…",)}, {"failures": {"ReadTimeout": 1}}, {"longest_s": 5.1}]
)
def test_a_trial_without_answers_failed(change: dict[str, object]) -> None:
    assert WELL.is_well
    assert not replace(WELL, **change).is_well  # type: ignore[arg-type]


def _answer(request: httpx2.Request) -> httpx2.Response:
    return httpx2.Response(200, json={"answer_id": json.loads(request.content)["question"]})


def _busy(_: httpx2.Request) -> httpx2.Response:
    headers = {"retry-after": "1", "content-type": "application/problem+json"}
    return httpx2.Response(503, headers=headers, content='{"detail": "混み合っています"}'.encode())


def _timeout(request: httpx2.Request) -> httpx2.Response:
    raise httpx2.ReadTimeout("late", request=request)


@pytest.mark.parametrize(("respond", "unanswered"), [(_answer, 0), (_busy, 3), (_timeout, 3)])
def test_slow_questions_without_an_answer_are_counted(
    respond: Callable[[httpx2.Request], httpx2.Response], unanswered: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = httpx2.AsyncClient(base_url="http://stack", transport=httpx2.MockTransport(respond))
    monkeypatch.setattr(visitors, "_client", lambda *_: client)
    asking = Visitors("http://stack", 0, 0, 0)
    asyncio.run(asking.ask_worst(3))
    assert len(asking.seen.asked) == 3
    assert len(asking.seen.unanswered) == unanswered
