"""`make load`: many people ask at once for some minutes, over loopback, as they would through a proxy.

Each has an address of their own, asks, reads for a while and asks again; who is told to come again comes again then.
Nobody may see an error, and who is let in must be answered in time.
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
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import psutil
from rich.console import Console
from rich.table import Table

from ingest.build import build
from ingest.settings import Settings
from tests.bot.running import Running
from tests.conftest import ROOT

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
_OK, _TOO_MANY, _BUSY = 200, 429, 503


@dataclass
class Crowd:
    """What became of what people asked: seconds of each that was answered, and how the others ended."""

    seconds: list[float] = field(default_factory=list)
    ends: Counter[str] = field(default_factory=Counter)

    def report(self) -> dict[str, Any]:
        """Return the figures."""
        ordered = sorted(self.seconds)
        return {
            "answered": len(ordered),
            "told_to_come_again": self.ends["503"],
            "limited": self.ends["429"],
            "errors": sum(self.ends.values()) - self.ends["503"] - self.ends["429"],
            "ends": dict(self.ends),
            "p50_ms": _quantile(ordered, 0.5),
            "p95_ms": _quantile(ordered, 0.95),
            "most_ms": _quantile(ordered, 1),
        }

    @property
    def well(self) -> bool:
        """Whether nobody saw an error, and who was let in was answered in time."""
        told = self.report()
        return bool(self.seconds) and not told["errors"] and told["p95_ms"] <= MOST_P95_S * 1000


def crowd(url: str, people: int, seconds: float, pause_s: float) -> Crowd:
    """Let `people` ask at `url` for so long; each reads for `pause_s` on average between two questions."""
    found = Crowd()
    asyncio.run(_crowd(url, people, seconds, pause_s, found))
    return found


async def _crowd(url: str, people: int, seconds: float, pause_s: float, found: Crowd) -> None:
    until = time.monotonic() + seconds
    limits = httpx2.Limits(max_connections=None)
    async with httpx2.AsyncClient(base_url=url, trust_env=False, timeout=60, limits=limits) as client:
        await asyncio.gather(*(_person(client, number, until, pause_s, found) for number in range(people)))


async def _person(client: httpx2.AsyncClient, number: int, until: float, pause_s: float, found: Crowd) -> None:
    drawn = random.Random(number)
    headers = {"x-forwarded-for": f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"}
    await asyncio.sleep(drawn.uniform(0, pause_s))
    while time.monotonic() < until:
        begun = time.monotonic()
        rest = drawn.expovariate(1 / pause_s)
        try:
            answer = await client.post("/api/chat", json={"question": drawn.choice(QUESTIONS)}, headers=headers)
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


def main() -> int:
    """Serve `corpus/` by a process of its own, let the crowd come, and report; 1 where it did not go well."""
    options = _options()
    with tempfile.TemporaryDirectory(prefix="load-") as folder, (Path(folder) / "log").open("wb") as log:
        data = Path(folder) / "data"
        build(Settings(_env_file=None, data=data, corpus=ROOT / "corpus"), [ROOT / "corpus"])
        more = ("--port", "0", "--data", data, "--workers", str(options.workers))
        server = Running(*more, log=log, SHIRUBE_TRUSTED_PROXIES="127.0.0.1")
        try:
            server.ask(QUESTIONS[0])
            load = os.getloadavg()[0]
            found = crowd(server.url, options.people, options.seconds, options.pause)
            memory = _memory_mb(server.process.pid)
        finally:
            server.end(signal.SIGTERM)
    told = found.report() | {"people": options.people, "seconds": options.seconds, "pause_s": options.pause}
    told |= {"workers": options.workers, "rss_mb": memory, "load_before": round(load, 1), "cores": os.cpu_count()}
    if options.json:
        sys.stdout.write(json.dumps(told, ensure_ascii=False, indent=2) + "\n")
    else:
        table = Table("", "", title="make load", show_header=False)
        for name, value in told.items():
            table.add_row(name, str(value))
        Console().print(table)
    return 0 if found.well else 1


def _memory_mb(pid: int) -> int:
    """Return the memory of a server and its workers."""
    server = psutil.Process(pid)
    return round(sum(one.memory_info().rss for one in (server, *server.children(recursive=True))) / 1e6)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.load", description=__doc__)
    parser.add_argument("--people", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--pause", type=float, default=10, help="seconds between two questions of a person, on average")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
