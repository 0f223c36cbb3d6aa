"""Visitors of the stack, who ask and look at pages at the same time, and what they saw."""

import asyncio
import json
import re
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from uuid import uuid4

import httpx2

from ingest.configuration.settings import Settings
from tests.stack.stack import OFFICES
from tests.tools.load import QUESTIONS

_JAPANESE = re.compile("[ぁ-ん]")
_NUMBERS = count()
MAX_QUESTION_CHARS = Settings.model_fields["max_question_chars"].default
PAGES = ("/", "/documents", "/api/documents")


@dataclass(slots=True)
class Seen:
    """What visitors saw.

    Attributes:
        asked: the questions.
        answers: the answer id of each question that was answered, by the question.
        ends: how many requests ended how: 200, 503 (with `Retry-After` and Japanese text), or a failure by its name.
        refused_pages: how many of these were pages without a 200; no page here needs the records.
        longest_s: the longest wait.
        sent_again: requests on a connection that was just being closed, sent once more on another one, as browsers do.
    """

    asked: list[str] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    ends: Counter[str] = field(default_factory=Counter)
    refused_pages: int = 0
    longest_s: float = 0.0
    sent_again: int = 0

    @property
    def failures(self) -> dict[str, int]:
        """Return the number of requests that ended neither with 200 nor with a proper 503."""
        return {end: number for end, number in self.ends.items() if end not in {"200", "503"}}


class Visitors:
    """Visitors behind one address until they are stopped; each asks a question or opens a page after `pause_s`."""

    def __init__(self, url: str, askers: int, readers: int, pause_s: float) -> None:
        self._url, self._askers, self._readers, self._pause_s = url, askers, readers, pause_s
        self.seen = Seen()
        self._stopped = False

    async def visit(self) -> None:
        """Visit until `stop`."""
        async with _client(self._url) as client:
            await asyncio.gather(
                *(self._visit(client, number, asks=True) for number in range(self._askers)),
                *(self._visit(client, number, asks=False) for number in range(self._readers)),
            )

    def stop(self) -> None:
        """Let everybody leave after the request that they wait for."""
        self._stopped = True

    async def _visit(self, client: httpx2.AsyncClient, number: int, *, asks: bool) -> None:
        office = list(OFFICES)[number % len(OFFICES)]
        while not self._stopped:
            if asks:
                await self._ask(client, office, QUESTIONS[next(_NUMBERS) % len(QUESTIONS)])
            else:
                page = f"/{office}{PAGES[next(_NUMBERS) % len(PAGES)]}"
                await self._timed(partial(client.get, page), is_page=True)
            await asyncio.sleep(self._pause_s)

    async def _ask(self, client: httpx2.AsyncClient, office: str, question: str) -> None:
        number = f"（{next(_NUMBERS)}番）"
        question = question[: MAX_QUESTION_CHARS - len(number)] + number
        self.seen.asked.append(question)
        headers = {"Idempotency-Key": uuid4().hex}
        response = await self._timed(
            partial(client.post, f"/{office}/api/chat", json={"question": question}, headers=headers)
        )
        if response is not None and response.status_code == httpx2.codes.OK:
            self.seen.answers[question] = response.json()["answer_id"]

    async def _timed(
        self, send: Callable[[], Awaitable[httpx2.Response]], *, is_page: bool = False
    ) -> httpx2.Response | None:
        started, response = time.monotonic(), None
        try:
            try:
                response = await send()
            except httpx2.RemoteProtocolError:
                self.seen.sent_again += 1
                response = await send()
            end = _end(response)
        except httpx2.HTTPError as error:
            end = type(error).__name__
        self.seen.longest_s = max(self.seen.longest_s, time.monotonic() - started)
        self.seen.ends[end] += 1
        self.seen.refused_pages += is_page and end != "200"
        return response


def _client(url: str) -> httpx2.AsyncClient:
    limits = httpx2.Limits(max_connections=None, max_keepalive_connections=None)
    transport = httpx2.AsyncHTTPTransport(verify=False, trust_env=False, limits=limits)
    return httpx2.AsyncClient(base_url=url, transport=transport, trust_env=False, timeout=90)


def _end(response: httpx2.Response) -> str:
    if response.status_code != httpx2.codes.SERVICE_UNAVAILABLE:
        return str(response.status_code)
    text = response.text
    if response.headers["content-type"].startswith("application/problem+json"):
        text = json.loads(text)["detail"]
    is_proper = "retry-after" in response.headers and _JAPANESE.search(text)
    return "503" if is_proper else "503 without Retry-After or Japanese text"
