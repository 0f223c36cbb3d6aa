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

from bot.answering.question.text_limits import MAX_QUESTION_CHARS

QUESTIONS = (
    "計画の期間はいつからいつまでですか",
    "この計画の目標は何ですか",
    "オンラインで申請できる手続を教えてください",
    "職員の研修はどう進めますか",
    "会議ではどんな意見が出ましたか",
    "窓口で待つ時間を減らす取組はありますか",
    "取組の進み具合はどう確かめますか",
    "データはどう使われますか",
    "粗大ごみはいつ出せますか",
    "ありがとう",
)
# What one visitor sends who wants others to wait: each is a thousand characters, and slow in its own way.
WORST = tuple(
    (text * 1000)[:1000]
    for text in (
        "窓口の手続は何ですか。職員の研修はいつですか。データはどこですか。計画の目標はいくらですか。会議の意見は誰ですか。",
        "かなざわし",
        "火星の温泉はどこですか。木星の温泉はいくらですか。土星の温泉はいつですか。",
        "t3st 1s w0rld p4ss 令和5年度から7年度まで。",
        "検診と粗大ごみと職員の研修と窓口と",
        "「令和5年1月に3,000円から090-1234-5678まで",
    )
)
_JAPANESE = re.compile("[ぁ-ん]")
_NUMBERS = count()
PAGES = ("/", "/documents", "/api/documents")


@dataclass(slots=True)
class Seen:
    """What visitors saw.

    Attributes:
        asked: the questions.
        seconds: how long each that was answered took.
        answers: the answer id of each question that was answered, by the question.
        ends: how many requests ended how: 200, 503 (with `Retry-After` and Japanese text), or a failure by its name.
        refused_pages: how many of these were pages without a 200; no page here needs the records.
        longest_s: the longest wait.
        sent_again: requests whose connection was being closed or broke, sent once more, as browsers do.
    """

    asked: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
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

    They share an address of this machine, or are `forwarded` from an address for each question, as by a proxy.
    """

    def __init__(
        self,
        url: str,
        askers: int,
        readers: int,
        *pause_s: float,
        address: str = "127.0.0.1",
        forwarded: bool = False,
    ) -> None:
        self._url, self._askers, self._readers, self._pauses_s = url, askers, readers, pause_s
        self._address, self._forwarded = address, forwarded
        self.seen = Seen()
        self._stopped = False

    async def visit(self, seconds: float | None = None) -> None:
        """Visit until `stop`, or for so long."""
        if seconds is not None:
            asyncio.get_running_loop().call_later(seconds, self.stop)
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
        number = next(_NUMBERS)
        question = question[: MAX_QUESTION_CHARS - len(str(number)) - 3] + f"（{number}番）"
        self.seen.asked.append(question)
        headers = {"Idempotency-Key": uuid4().hex}
        if self._forwarded:
            headers["X-Forwarded-For"] = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        started = time.monotonic()
        response = await self._timed(partial(client.post, "/api/chat", json={"question": question}, headers=headers))
        if response is not None and response.status_code == httpx2.codes.OK:
            self.seen.answers[question] = response.json()["answer_id"]
            self.seen.seconds.append(time.monotonic() - started)

    async def _timed(
        self, send: Callable[[], Awaitable[httpx2.Response]], *, is_page: bool = False
    ) -> httpx2.Response | None:
        started, response = time.monotonic(), None
        try:
            try:
                response = await send()
            except (httpx2.RemoteProtocolError, httpx2.NetworkError):
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
