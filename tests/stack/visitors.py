"""Visitors of the stack, who ask and look at pages at the same time, and what they saw."""

import asyncio
import json
import random
import re
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from uuid import uuid4

import httpx2

from bot.question.text_limits import MAX_QUESTION_CHARS
from tests.tools.load import QUESTIONS, WORST

_JAPANESE = re.compile("[ぁ-ん]")
_NUMBERS = count()
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
    def unanswered(self) -> list[str]:
        """Return the questions without an answer."""
        return [question for question in self.asked if question not in self.answers]

    @property
    def failures(self) -> dict[str, int]:
        """Return the number of requests that ended neither with 200 nor with a proper 503."""
        return {end: number for end, number in self.ends.items() if end not in {"200", "503"}}


class Visitors:
    """Visitors until they are stopped; each asks a question or opens a page after `pause_s`, or one between two.

    They share an address of this machine.
    """

    def __init__(self, url: str, askers: int, readers: int, *pause_s: float, address: str = "127.0.0.1") -> None:
        self._url, self._askers, self._readers, self._address = url, askers, readers, address
        self._pauses_s = pause_s
        self.seen = Seen()
        self._stopped = False

    async def visit(self) -> None:
        """Visit until `stop`."""
        async with _client(self._url, self._address) as client:
            await asyncio.gather(
                *(self._visit(client, asks=True) for _ in range(self._askers)),
                *(self._visit(client, asks=False) for _ in range(self._readers)),
            )

    async def ask_worst(self, number: int) -> None:
        """Ask so many of the questions that take longest, all at once, as one visitor may."""
        async with _client(self._url, self._address) as client:
            await asyncio.gather(*(self._ask(client, WORST[one % len(WORST)]) for one in range(number)))

    def stop(self) -> None:
        """Let everybody leave after the request that they wait for."""
        self._stopped = True

    async def _visit(self, client: httpx2.AsyncClient, *, asks: bool) -> None:
        if len(self._pauses_s) > 1:  # people do not come in the same moment
            await asyncio.sleep(random.uniform(0, self._pauses_s[-1]))
        while not self._stopped:
            if asks:
                await self._ask(client, QUESTIONS[next(_NUMBERS) % len(QUESTIONS)])
            else:
                page = PAGES[next(_NUMBERS) % len(PAGES)]
                await self._timed(partial(client.get, page), is_page=True)
            await asyncio.sleep(random.uniform(self._pauses_s[0], self._pauses_s[-1]))

    async def _ask(self, client: httpx2.AsyncClient, question: str) -> None:
        number = f"（{next(_NUMBERS)}番）"
        question = question[: MAX_QUESTION_CHARS - len(number)] + number
        self.seen.asked.append(question)
        headers = {"Idempotency-Key": uuid4().hex}
        response = await self._timed(partial(client.post, "/api/chat", json={"question": question}, headers=headers))
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


def _client(url: str, address: str) -> httpx2.AsyncClient:
    limits = httpx2.Limits(max_connections=None, max_keepalive_connections=None)
    transport = httpx2.AsyncHTTPTransport(verify=False, trust_env=False, limits=limits, local_address=address)
    return httpx2.AsyncClient(base_url=url, transport=transport, trust_env=False, timeout=90)


def _end(response: httpx2.Response) -> str:
    if response.status_code != httpx2.codes.SERVICE_UNAVAILABLE:
        return str(response.status_code)
    text = response.text
    if response.headers["content-type"].startswith("application/problem+json"):
        text = json.loads(text)["detail"]
    is_proper = "retry-after" in response.headers and _JAPANESE.search(text)
    return "503" if is_proper else "503 without Retry-After or Japanese text"
