"""Asks the turns of a case, of a service in this process or of a server over HTTP."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from http import HTTPStatus
from typing import Any, Protocol

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


def ask_turns(ask: Ask, turns: Sequence[str], as_of: date | None, **fields: str) -> dict[str, Any]:
    """Ask the turns in one conversation and return the last answer; each request has `as_of` and the `fields`."""
    answer: dict[str, Any] = {}
    for turn in turns:
        body: dict[str, Any] = {"question": turn, **fields}
        if as_of:
            body["as_of"] = as_of.isoformat()
        if answer:
            body["conversation_id"] = answer["conversation_id"]
        answer = ask(body)
    return answer


def ask_case(ask: Ask, case: Case) -> dict[str, Any]:
    """Ask the turns of `case` in one conversation and return the last answer."""
    return ask_turns(ask, case.turns, case.as_of, style=case.style, audience=case.audience)


class Answerer(Protocol):
    """What answers questions: `bot.service.Service`."""

    def ask(self, question: Question) -> Answer:
        """Answer one question; raises BotError if it cannot be asked."""
        ...


def ask_via_service(service: Answerer) -> Ask:
    """Ask `service` directly."""

    def ask(body: dict[str, Any]) -> dict[str, Any]:
        try:
            return service.ask(Question.model_validate(body)).model_dump(mode="json")
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
