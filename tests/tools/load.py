"""`make load`: many people ask at once for some minutes, over loopback, as they would through a proxy.

Each has an address of their own, asks, reads for a while and asks again; who is told to come again comes again then.
Nobody may see an error, and who is let in must be answered in time. A question whose connection breaks is sent once
more, as the proxy in `deploy/` does (and browsers do): that is counted, and fails the run.
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
from contextlib import ExitStack
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
# What is promised (docs/operations.md).
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
        ms = [round(value * 1000, 1) for value in np.quantile(self.seconds or [0.0], (0.5, 0.95, 1))]
        return {
            "answered": len(self.seconds),
            "told_to_come_again": self.ends["503"],
            "limited": self.ends["429"],
            "sent_again": self.again,
            "errors": self.ends.total() - self.ends["503"] - self.ends["429"],
            "ends": dict(self.ends),
            **dict(zip(("p50_ms", "p95_ms", "most_ms"), ms, strict=True)),
        }


def crowd(url: str, people: int, seconds: float, pause_s: float) -> Crowd:
    """Let `people` ask at `url` for so long; each reads for `pause_s` on average between two questions."""
    found = Crowd()

    async def visit() -> None:
        until = time.monotonic() + seconds
        async with _client(url) as client:
            await asyncio.gather(*(_person(client, number, until, pause_s, found) for number in range(people)))

    asyncio.run(visit())
    return found


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
            if answer.is_success and answer.json()["answer"]:
                found.seconds.append(time.monotonic() - begun)
            elif answer.status_code in {_TOO_MANY, _BUSY} and "retry-after" in answer.headers:
                found.ends[str(answer.status_code)] += 1
                rest = float(answer.headers["retry-after"])
            else:
                found.ends[f"status {answer.status_code}"] += 1
        await asyncio.sleep(min(rest, max(0.0, until - time.monotonic())))


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
            environment["SHIRUBE_REQUESTS_PER_MINUTE"] = "1000000"
        settings = Settings(_env_file=None, data=folder / "data", chroma_url=environment.get("SHIRUBE_CHROMA_URL"))
        build(settings, [ROOT / "corpus"])
        reports = [_measure(settings.data, workers, options, environment) for workers in options.workers]
    if options.json:
        sys.stdout.write(json.dumps(reports, ensure_ascii=False, indent=2) + "\n")
    else:
        table = Table("", *(f"{one['workers']} worker(s)" for one in reports), title="make load")
        for figure in reports[0]:
            table.add_row(figure, *(str(one[figure]) for one in reports))
        Console().print(table)
    return 0 if all(one["well"] for one in reports) else 1


def _measure(data: Path, workers: int, options: argparse.Namespace, environment: dict[str, str]) -> dict[str, Any]:
    with (data / f"log-{workers}").open("wb") as log:
        server = Running("--port", "0", "--data", data, "--workers", str(workers), log=log, **environment)
        try:
            server.ask(QUESTIONS[0])
            wait_until_idle(server)
            load = os.getloadavg()[0]
            found = crowd(server.url, options.people, options.seconds, options.pause)
            memory = round(sum(one.memory_info().rss for one in workers_of(server)) / 1e6)
        finally:
            server.end(signal.SIGTERM)
    figures = found.report()
    # Who asks without a rest waits for all the others: what is promised of time is not promised to them.
    in_time = not options.pause or figures["p95_ms"] <= MOST_P95_S * 1000
    return {
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


if __name__ == "__main__":
    sys.exit(main())
