"""The system under test: a running server here, a service in this process in `local`."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import httpx2

from bot.errors import BotError
from bot.state import Answer, Question
from eval.dataset.case import Case
from eval.errors import RefusedError, UnreachableError

Ask = Callable[[dict[str, Any]], dict[str, Any]]
"""From the body of POST /api/chat to its Answer. Raises RefusedError if the question is refused."""

TIMEOUT_S = 120
# How often a busy server is asked; it says how long to wait.
_MAX_ATTEMPTS = 20
_BUSY_STATUSES = {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}


def ask_case(ask: Ask, case: Case) -> dict[str, Any]:
    """Ask the turns of `case` in one conversation and return the last answer."""
    answer: dict[str, Any] = {}
    for turn in case.turns:
        body: dict[str, Any] = {"question": turn, "style": case.style, "audience": case.audience}
        if case.as_of:
            body["as_of"] = case.as_of.isoformat()
        if answer:
            body["conversation_id"] = answer["conversation_id"]
        answer = ask(body)
    return answer


def ask_via_service(answer: Callable[[Question], Answer]) -> Ask:
    """Return what asks a service in this process, whose `ask` is `answer`."""

    def ask(body: dict[str, Any]) -> dict[str, Any]:
        try:
            return answer(Question.model_validate(body)).model_dump(mode="json")
        except BotError as error:
            raise RefusedError(str(error)) from error

    return ask


@contextmanager
def ask_via_http(url: str) -> Iterator[Ask]:
    """Ask the server at `url`, waiting as it requests while it is busy.

    Raises UnreachableError if there is no Shirube.
    """
    with httpx2.Client(base_url=url, timeout=TIMEOUT_S, trust_env=False) as client:

        def ask(body: dict[str, Any]) -> dict[str, Any]:
            try:
                response = post_with_retry(client, "/api/chat", body)
                answer = response.json()
            except (httpx2.HTTPError, httpx2.InvalidURL, ValueError) as error:
                raise UnreachableError(
                    f"{url} から回答を受け取れません({error})。サーバーとURLを確かめてください。"
                ) from error
            if not isinstance(answer, dict) or not answer.keys() & {"answer_id", "detail"}:
                raise UnreachableError(f"{url} はしるべの API ではないようです。URLを確かめてください。")
            if response.is_error:
                raise RefusedError(f"HTTP {response.status_code}: {answer.get('detail')}")
            return answer

        yield ask


def post_with_retry(client: httpx2.Client, path: str, body: dict[str, Any]) -> httpx2.Response:
    """Return the response to a POST, repeated after the time in Retry-After while the server is busy."""
    for _ in range(_MAX_ATTEMPTS):
        response = client.post(path, json=body)
        if response.status_code not in _BUSY_STATUSES:
            break
        time.sleep(float(response.headers.get("Retry-After", 1)))
    return response


@dataclass(frozen=True, slots=True)
class SystemUnderTest:
    """The system that is asked.

    `observations` returns JSON about the last answer. `in_process` tells whether the system answers in the calling
    thread.
    """

    ask: Ask
    observations: Callable[[Mapping[str, Any]], dict[str, Any]] = lambda _answer: {}
    in_process: bool = False


@contextmanager
def open_server(url: str) -> Iterator[SystemUnderTest]:
    """Open the server at `url`; its settings are unknown."""
    with ask_via_http(url) as ask:
        yield SystemUnderTest(ask)
