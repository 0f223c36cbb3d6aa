"""`make load`: many people ask at once for some minutes, over loopback, as they would through a proxy.

Each has an address of their own, asks, reads for a while and asks again; who is told to come again comes again then.
Nobody may see an error, and who is let in must be answered in time. A question whose connection breaks is sent once
more, as the proxy in `deploy/` does (and browsers do): that is counted, and fails the run.

With `--shared`, people share an address, or the service with one who floods it: what those at a person's pace get.
"""

import argparse
import asyncio
import json
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import numpy as np
import psutil
import pytest
from rich.console import Console
from rich.table import Table

from ingest.build.build import build
from ingest.configuration.settings import Settings
from tests.bot.postgresql import postgresql
from tests.bot.server_process import Running
from tests.conftest import ROOT
from tests.ingest.chroma_server import chroma_server

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
# What is promised (docs/operations.ja.md).
MOST_P95_S = 2.0
# Processor seconds in a second of the clock below which a worker has nothing to do.
_IDLE_S = 0.1
_TOO_MANY, _BUSY = 429, 503


@dataclass
class Crowd:
    """The results of a crowd: seconds of each answered question, the outcomes of the others, and those sent again."""

    seconds: list[float] = field(default_factory=list)
    ends: Counter[str] = field(default_factory=Counter)
    again: int = 0

    def report(self) -> dict[str, Any]:
        """Return the figures."""
        ms = [round(float(value) * 1000, 1) for value in np.quantile(self.seconds or [0.0], (0.5, 0.95, 1))]
        return {
            "answered": len(self.seconds),
            "told_to_come_again": self.ends["503"],
            "limited": self.ends["429"],
            "sent_again": self.again,
            "errors": self.ends.total() - self.ends["503"] - self.ends["429"],
            "ends": dict(self.ends),
            **dict(zip(("p50_ms", "p95_ms", "most_ms"), ms, strict=True)),
        }


Pause = Callable[[random.Random], float]


def read_for(pause_s: float) -> Pause:
    """Return pauses of so many seconds on average, exponentially distributed."""
    return lambda drawn: drawn.expovariate(1 / pause_s) if pause_s else 0.0


def at_a_persons_pace(drawn: random.Random) -> float:
    """Return the 3 to 7 s in which a person reads an answer and types the next question."""
    return drawn.uniform(3, 7)


def crowd(url: str, people: int, seconds: float, pause_s: float) -> Crowd:
    """Let `people` ask at `url` for so long; each reads for `pause_s` on average between two questions."""
    found = Crowd()
    asyncio.run(visit_for(seconds, [Person(url, number, read_for(pause_s), found) for number in range(people)]))
    return found


async def visit_for(seconds: float, people: "Sequence[Person]", *others: Awaitable[None]) -> None:
    """Let all ask for so long, each by a connection of their own."""
    until = time.monotonic() + seconds
    await asyncio.gather(*(person.visit(until) for person in people), *others)


@dataclass
class Person:
    """One who asks at `url`, reads, and asks again, from an address that is his or her own by default."""

    url: str
    number: int
    pause: Pause
    found: Crowd
    address: str = ""
    questions: Sequence[str] = QUESTIONS
    talks: bool = False
    """Whether all questions belong to one conversation, as those at the chat's page."""
    conversation_id: str | None = None

    async def visit(self, until: float) -> None:
        """Ask until this time (`time.monotonic`)."""
        drawn = random.Random(self.number)
        async with _client(self.url) as client:
            await asyncio.sleep(self.pause(drawn) * drawn.random())
            while time.monotonic() < until:
                rest = self.pause(drawn)
                told_s = await self.ask(client, drawn.choice(self.questions))
                await asyncio.sleep(min(told_s or rest, max(0.0, until - time.monotonic())))

    async def ask(self, client: httpx2.AsyncClient, question: str) -> float:
        """Ask and note the result; return in how many seconds to come again, 0 if that was not said."""
        number = self.number
        address = self.address or f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"

        async def send(by: httpx2.AsyncClient) -> httpx2.Response:
            asked = {"question": question, "conversation_id": self.conversation_id}
            return await by.post("/api/chat", json=asked, headers={"x-forwarded-for": address})

        begun = time.monotonic()
        try:
            try:
                answer = await send(client)
            except httpx2.TransportError:
                self.found.again += 1
                # By a connection of its own: others that are kept may lead to the same dead process.
                async with _client(self.url) as anew:
                    answer = await send(anew)
        except httpx2.HTTPError as error:
            self.found.ends[type(error).__name__] += 1
            return 0
        if answer.is_success and answer.json()["answer"]:
            self.found.seconds.append(time.monotonic() - begun)
            self.conversation_id = answer.json()["conversation_id"] if self.talks else None
        elif answer.status_code in {_TOO_MANY, _BUSY} and "retry-after" in answer.headers:
            self.found.ends[str(answer.status_code)] += 1
            return float(answer.headers["retry-after"])
        else:
            self.found.ends[f"status {answer.status_code}"] += 1
        return 0


def _client(url: str) -> httpx2.AsyncClient:
    limits = httpx2.Limits(max_connections=None)
    # Reading the machine's certificates for each of many clients takes longer than the questions.
    return httpx2.AsyncClient(base_url=url, verify=False, trust_env=False, timeout=60, limits=limits)


def share_an_address(url: str, seconds: float) -> dict[str, Any]:
    """Return what 60 people behind one address get, as in a town hall."""
    found = Crowd()
    people = [Person(url, number, at_a_persons_pace, found, "192.0.2.1", talks=True) for number in range(60)]
    asyncio.run(visit_for(seconds, people))
    return _row("60 people behind one address", found, answered=0.99, p95_s=1.0)


def share_with_a_flood(url: str, seconds: float) -> dict[str, Any]:
    """Return what 20 people get while one behind the same address asks ten times a second."""
    found, flood = Crowd(), Crowd()
    people = [Person(url, number, at_a_persons_pace, found, "192.0.2.2", talks=True) for number in range(20)]

    async def ask_ten_times_a_second() -> None:
        one = Person(url, 20, read_for(0), flood, "192.0.2.2", talks=True)
        async with _client(url) as client, asyncio.TaskGroup() as asked:
            for number in range(int(seconds * 10)):
                asked.create_task(one.ask(client, QUESTIONS[number % len(QUESTIONS)]))
                await asyncio.sleep(0.1)

    asyncio.run(visit_for(seconds, people, ask_ten_times_a_second()))
    return _row("20 people, one more asks ten times a second", found, answered=0.95)


def share_with_slow_questions(url: str, seconds: float) -> dict[str, Any]:
    """Return what one person gets while another address asks what is slowest over four connections without pause."""
    found, flood = Crowd(), Crowd()
    slow = [Person(url, number, read_for(0), flood, "192.0.2.3", WORST) for number in range(4)]
    asyncio.run(visit_for(seconds, [Person(url, 4, read_for(0.5), found, "192.0.2.4"), *slow]))
    return _row("slowest questions over four connections, another address", found, answered=1.0, p95_s=0.3)


def leave_in_the_middle(url: str, seconds: float) -> dict[str, Any]:
    """Return what one person gets after 60 clients that left before their answer, and whether their seats are free."""
    found, left = Crowd(), Crowd()

    async def leave() -> None:
        async with asyncio.timeout(0.2), _client(url) as client:
            await Person(url, 0, read_for(0), left, "192.0.2.5").ask(client, WORST[0])

    async def visit() -> None:
        await asyncio.gather(*(leave() for _ in range(60)), return_exceptions=True)
        await visit_for(seconds, [Person(url, 1, read_for(0.5), found, "192.0.2.6")])

    asyncio.run(visit())
    metrics = httpx2.get(f"{url}/metrics", trust_env=False).text
    row = _row("after 60 clients that left", found, answered=1.0)
    return row | {"well": row["well"] and "\nshirube_answers_in_progress 0.0\n" in metrics}


SHARED = (share_an_address, share_with_a_flood, share_with_slow_questions, leave_in_the_middle)


def _row(name: str, found: Crowd, answered: float, p95_s: float = MOST_P95_S) -> dict[str, Any]:
    figures = found.report()
    share = figures["answered"] / max(1, figures["answered"] + found.ends.total())
    well = bool(share >= answered and figures["p95_ms"] <= p95_s * 1000)
    return {"measured": name, "share": round(share, 3), "floor": answered, "most_p95_ms": p95_s * 1000, **figures} | {
        "load": round(os.getloadavg()[0], 1),
        "well": well,
    }


def workers_of(server: Running) -> list[psutil.Process]:
    """Return the processes that answer."""
    process = psutil.Process(server.process.pid)
    return [one for one in process.children() if "spawn_main" in " ".join(one.cmdline())] or [process]


def wait_until_idle(server: Running, patience_s: float = 120) -> None:
    """Return when no worker is busy: a server prints its address when the first worker answers."""
    until = time.monotonic() + patience_s
    before = -1.0
    while time.monotonic() < until:
        spent = sum(sum(one.cpu_times()[:2]) for one in workers_of(server))
        if spent - before < _IDLE_S:
            return
        before = spent
        time.sleep(1)


def main() -> int:
    """Serve `corpus/` by each number of workers and report; return 1 if one number failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.tools.load", description=__doc__)
    parser.add_argument("--people", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument(
        "--pause",
        type=float,
        default=10,
        help="seconds between two questions of a person, on average; 0: none, and no limit to how much one may ask",
    )
    parser.add_argument("--workers", type=int, nargs="+", default=[1], help="one measurement for each number")
    parser.add_argument("--real", action="store_true", help="over PostgreSQL and a Chroma server, not over files")
    parser.add_argument(
        "--shared", action="store_true", help="people who share an address, or the service with a flood"
    )
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="load-") as name, ExitStack() as running:
        folder = Path(name)
        environment = {"SHIRUBE_TRUSTED_PROXIES": "127.0.0.1"}
        if options.real:
            (folder / "chroma").mkdir()
            try:
                environment["SHIRUBE_DATABASE_URL"] = running.enter_context(postgresql(safe=True))
                environment["SHIRUBE_CHROMA_URL"] = running.enter_context(chroma_server(folder / "chroma"))
            except pytest.skip.Exception as missing:
                sys.stderr.write(f"{missing}\n")
                return 2
        if not options.pause:
            environment["SHIRUBE_REQUESTS_PER_MINUTE_ADDRESS"] = "1000000"
        settings = Settings(_env_file=None, data=folder / "data", chroma_url=environment.get("SHIRUBE_CHROMA_URL"))
        build(settings, [ROOT / "corpus"])
        measure = _measure_shared if options.shared else _measure
        reports = [
            report for workers in options.workers for report in measure(settings.data, workers, options, environment)
        ]
    if options.json:
        sys.stdout.write(json.dumps(reports, ensure_ascii=False, indent=2) + "\n")
    else:
        titles = (one.get("measured") or f"{one['workers']} worker(s)" for one in reports)
        table = Table("", *titles, title="make load")
        for figure in reports[0]:
            table.add_row(figure, *(str(one[figure]) for one in reports))
        Console().print(table)
    return 0 if all(one["well"] for one in reports) else 1


def _measure(
    data: Path, workers: int, options: argparse.Namespace, environment: dict[str, str]
) -> list[dict[str, Any]]:
    with _serving(data, workers, environment) as server:
        load = os.getloadavg()[0]
        found = crowd(server.url, options.people, options.seconds, options.pause)
        memory = round(sum(one.memory_info().rss for one in workers_of(server)) / 1e6)
    figures = found.report()
    # Who asks without a rest waits for all the others: what is promised of time is not promised to them.
    in_time = not options.pause or figures["p95_ms"] <= MOST_P95_S * 1000
    report = {
        "workers": workers,
        "answers_per_s": round(len(found.seconds) / options.seconds, 1),
        **figures,
        "people": options.people,
        "seconds": options.seconds,
        "pause_s": options.pause,
        "real": options.real,
        "rss_mb": memory,
        "load_before": round(load, 1),
        "cores": os.cpu_count(),
        "well": bool(found.seconds) and not figures["errors"] and not found.again and in_time,
    }
    return [report]


def _measure_shared(
    data: Path, workers: int, options: argparse.Namespace, environment: dict[str, str]
) -> list[dict[str, Any]]:
    with _serving(data, workers, environment) as server:
        return [measure(server.url, options.seconds) for measure in SHARED]


@contextmanager
def _serving(data: Path, workers: int, environment: dict[str, str]) -> Iterator[Running]:
    with (data / f"log-{workers}").open("wb") as log:
        server = Running("--port", "0", "--data", data, "--workers", str(workers), log=log, **environment)
        try:
            server.ask(QUESTIONS[0])
            wait_until_idle(server)
            yield server
        finally:
            server.end(signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(main())
