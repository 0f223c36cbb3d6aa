"""The system under test: a running server here, a service in this process in `local`."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any, Protocol

import httpx2

from eval.dataset.case import Case
from eval.errors import EvalError, RefusedError

TIMEOUT_S = 120
# How often a busy server is asked; it says how long to wait.
_MAX_ATTEMPTS = 20
_BUSY_STATUSES = {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}


class SystemUnderTest(Protocol):
    """The system that is asked; `in_process` tells whether it answers in the calling thread."""

    in_process: bool

    def ask(self, body: dict[str, Any]) -> dict[str, Any]:
        """Return the Answer to a body of POST /api/chat. Raises RefusedError if the question is refused."""

    def observations(self, answer: Mapping[str, Any]) -> dict[str, Any]:
        """Return JSON about the last answer."""


def ask_case(ask: Callable[[dict[str, Any]], dict[str, Any]], case: Case) -> dict[str, Any]:
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


class Server:
    """A running Shirube, whose settings are unknown."""

    in_process = False

    def __init__(self, url: str, client: httpx2.Client) -> None:
        self._url = url
        self._client = client

    def ask(self, body: dict[str, Any]) -> dict[str, Any]:
        """Return an answer, waiting as the server requests while it is busy.

        Raises RefusedError, and EvalError if there is no Shirube.
        """
        try:
            for _ in range(_MAX_ATTEMPTS):
                response = self._client.post("/api/chat", json=body)
                if response.status_code not in _BUSY_STATUSES:
                    break
                time.sleep(float(response.headers.get("Retry-After", 1)))
            answer = response.json()
        except (httpx2.HTTPError, httpx2.InvalidURL, ValueError) as error:
            raise EvalError(
                f"{self._url} から回答を受け取れません({error})。サーバーとURLを確かめてください。"
            ) from error
        if not isinstance(answer, dict) or not answer.keys() & {"answer_id", "detail"}:
            raise EvalError(f"{self._url} はしるべの API ではないようです。URLを確かめてください。")
        if response.is_error:
            raise RefusedError(f"HTTP {response.status_code}: {answer.get('detail')}")
        return answer

    def observations(self, _answer: Mapping[str, Any]) -> dict[str, Any]:
        """Return nothing: the API tells only the answer."""
        return {}


@contextmanager
def open_server(url: str) -> Iterator[Server]:
    """Open the server at `url`."""
    with httpx2.Client(base_url=url, timeout=TIMEOUT_S, trust_env=False) as client:
        yield Server(url, client)
