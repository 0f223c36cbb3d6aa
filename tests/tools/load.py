"""`make load`: many people ask at once for some minutes, over loopback, as they would through a proxy.

Each has an address of their own, asks, reads for a while and asks again; who is told to come again comes again then.
Nobody may see an error, and who is let in must be answered in time. A question whose connection breaks is sent once
more, as the proxy in `deploy/` does (and browsers do): that is counted, and may happen where a worker is killed alone.
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
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from threading import Timer
from typing import Any

import httpx2
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
# What one client sends that wants others to wait: each is a thousand characters, and slow in its own way.
WORST = tuple(
    (text * 1000)[:1000]
    for text in (
        "\ufdfa",
        "かなざわし",
        "火星の温泉はどこですか。木星の温泉はいくらですか。土星の温泉はいつですか。",
        "t3st 1s w0rld p4ss 令和5年度から7年度まで。",
        "検診と粗大ごみと職員の研修と窓口と",
        "「令和5年1月に3,000円から090-1234-5678まで",
    )
)
# What is promised (docs/operations.md).
MOST_P95_S = 2.0
# Processor seconds in a second of the clock below which a worker has nothing to do.
_IDLE_S = 0.1
_OK, _TOO_MANY, _BUSY = 200, 429, 503


@dataclass
class Crowd:
    """The results of a crowd: seconds of each answered question, and the outcomes of the others."""

    seconds: list[float] = field(default_factory=list)
    ends: Counter[str] = field(default_factory=Counter)
    again: int = 0

    def report(self) -> dict[str, Any]:
        """Return the figures."""
        ordered = sorted(self.seconds)
        return {
            "answered": len(ordered),
            "told_to_come_again": self.ends["503"],
            "limited": self.ends["429"],
            "sent_again": self.again,
            "errors": sum(self.ends.values()) - self.ends["503"] - self.ends["429"],
            "ends": dict(self.ends),
            "p50_ms": _quantile(ordered, 0.5),
            "p95_ms": _quantile(ordered, 0.95),
            "most_ms": _quantile(ordered, 1),
        }

    @property
    def well(self) -> bool:
        """Return whether there was no error and each accepted question was answered in time."""
        told = self.report()
        return bool(self.seconds) and not told["errors"] and told["p95_ms"] <= MOST_P95_S * 1000


def crowd(url: str, people: int, seconds: float, pause_s: float, worst_per_s: float = 0) -> Crowd:
    """Let `people` ask at `url` for so long; each reads for `pause_s` on average between two questions.

    One more client sends `WORST` so many times a second; what becomes of it is left out of the figures.
    """
    return asyncio.run(_crowd(url, people, seconds, pause_s, worst_per_s))


async def _crowd(url: str, people: int, seconds: float, pause_s: float, worst_per_s: float) -> Crowd:
    found = Crowd()
    until = time.monotonic() + seconds
    async with _client(url) as client:
        asking = [_person(client, number, until, pause_s, found) for number in range(people)]
        if worst_per_s:
            asking.append(_attack(client, until, 1 / worst_per_s))
        await asyncio.gather(*asking)
    return found


async def _attack(client: httpx2.AsyncClient, until: float, every_s: float) -> None:
    """Send the worst questions one after the other, without waiting for what comes of them."""
    sent = []
    for text in cycle(WORST):
        if time.monotonic() > until:
            break
        question = client.post("/api/chat", json={"question": text}, headers={"x-forwarded-for": "203.0.113.9"})
        sent.append(asyncio.create_task(question))
        await asyncio.sleep(every_s)
    await asyncio.gather(*sent, return_exceptions=True)


def _client(url: str) -> httpx2.AsyncClient:
    limits = httpx2.Limits(max_connections=None)
    return httpx2.AsyncClient(base_url=url, trust_env=False, timeout=60, limits=limits)


async def _person(client: httpx2.AsyncClient, number: int, until: float, pause_s: float, found: Crowd) -> None:
    drawn = random.Random(number)
    headers = {"x-forwarded-for": f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"}
    await asyncio.sleep(drawn.uniform(0, pause_s))

    async def ask(by: httpx2.AsyncClient) -> httpx2.Response:
        return await by.post("/api/chat", json={"question": question}, headers=headers)

    while time.monotonic() < until:
        begun = time.monotonic()
        rest = drawn.expovariate(1 / pause_s) if pause_s else 0.0
        question = drawn.choice(QUESTIONS)
        try:
            try:
                answer = await ask(client)
            except httpx2.TransportError:
                found.again += 1
                # By a connection of its own: others that are kept may lead to the same dead process.
                async with _client(str(client.base_url)) as anew:
                    answer = await ask(anew)
        except httpx2.HTTPError as error:
            found.ends[type(error).__name__] += 1
        else:
            if answer.status_code == _OK and answer.json()["answer"]:
                found.seconds.append(time.monotonic() - begun)
            elif answer.status_code in {_TOO_MANY, _BUSY} and "retry-after" in answer.headers:
                found.ends[str(answer.status_code)] += 1
                rest = float(answer.headers["retry-after"])
            else:
                found.ends[f"status {answer.status_code}"] += 1
        await asyncio.sleep(min(rest, max(0.0, until - time.monotonic())))


def _quantile(ordered: list[float], share: float) -> float:
    return round(ordered[min(int(share * len(ordered)), len(ordered) - 1)] * 1000, 1) if ordered else 0.0


@dataclass(frozen=True, slots=True)
class Parts:
    """The services of the workers: the data folder with its index, and the addresses of other servers."""

    data: Path
    environment: dict[str, str]


@contextmanager
def parts(folder: Path, *, real: bool, safe: bool = True) -> Iterator[Parts]:
    """Yield what serves `corpus/`: files alone or, where they shall be `real`, PostgreSQL and a Chroma server.

    A `safe` PostgreSQL waits for the disk. Skips, as a test does, where it is not installed.
    """
    with ExitStack() as running:
        environment = {"SHIRUBE_TRUSTED_PROXIES": "127.0.0.1"}
        if real:
            environment["SHIRUBE_DATABASE_URL"] = running.enter_context(postgresql(safe=safe))
            (folder / "chroma").mkdir()
            environment["SHIRUBE_CHROMA_URL"] = running.enter_context(chroma_server(folder / "chroma"))
        settings = Settings(_env_file=None, data=folder / "data", chroma_url=environment.get("SHIRUBE_CHROMA_URL"))
        build(settings, [ROOT / "corpus"])
        yield Parts(settings.data, environment)


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
    options = _options()
    with tempfile.TemporaryDirectory(prefix="load-") as folder:
        try:
            with parts(Path(folder), real=options.real) as found:
                told = [_measured(found, workers, options, Path(folder)) for workers in options.workers]
        except pytest.skip.Exception as missing:
            sys.stderr.write(f"{missing}\n")
            return 2
    if options.json:
        sys.stdout.write(json.dumps(told, ensure_ascii=False, indent=2) + "\n")
    else:
        table = Table("", *(f"{one['workers']} worker(s)" for one in told), title="make load")
        for name in told[0]:
            table.add_row(name, *(str(one[name]) for one in told))
        Console().print(table)
    return 0 if all(one["well"] for one in told) else 1


def _measured(on: Parts, workers: int, options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Return the figures of a crowd with so many workers; one worker is killed half-way if requested."""
    more = {} if options.pause else {"SHIRUBE_REQUESTS_PER_MINUTE": "1000000"}
    with (folder / f"log-{workers}").open("wb") as log:
        started = ("--port", "0", "--data", on.data, "--workers", str(workers))
        server = Running(*started, log=log, **on.environment, **more)
        killed = bool(options.kill and workers > 1)
        try:
            server.ask(QUESTIONS[0])
            wait_until_idle(server)
            load = os.getloadavg()[0]
            death = Timer(options.seconds / 2, workers_of(server)[0].kill)
            if killed:
                death.start()
            found = crowd(server.url, options.people, options.seconds, options.pause, options.worst)
            death.cancel()
            memory = round(sum(one.memory_info().rss for one in {*workers_of(server)}) / 1e6)
        finally:
            server.end(signal.SIGTERM)
    told = {"workers": workers, "answers_per_s": round(len(found.seconds) / options.seconds, 1)} | found.report()
    told |= {
        "people": options.people,
        "seconds": options.seconds,
        "pause_s": options.pause,
        "worst_per_s": options.worst,
        "real": options.real,
    }
    told |= {"killed": killed, "rss_mb": memory, "load_before": round(load, 1), "cores": os.cpu_count()}
    # Who asks without a rest waits for all the others: what is promised of time is not promised to them.
    well = found.well if options.pause else bool(found.seconds) and not told["errors"]
    return told | {"well": well and (killed or not found.again)}


def _options() -> argparse.Namespace:
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
    parser.add_argument("--kill", action="store_true", help="kill one of several workers half-way (SIGKILL)")
    parser.add_argument(
        "--worst", type=float, default=0, help="one client more sends its worst questions, so many a second"
    )
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
