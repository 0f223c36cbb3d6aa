"""`make load`: many people ask at once for some minutes, over loopback, as they would through a proxy.

Each question has an address of its own, and people read for a while before they ask again. Nobody may see an error,
and who is let in must be answered in time. What people get beside a flood or slow questions is tried by `stack-test`.
"""

import argparse
import asyncio
import json
import os
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

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
from tests.stack.visitors import QUESTIONS, Visitors

# What is promised (docs/operations.ja.md).
MOST_P95_S = 2.0
# Processor seconds in a second of the clock below which a worker has nothing to do.
_IDLE_S = 0.1


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
    parser.add_argument("--pause", type=float, default=10, help="seconds between two questions of a person, on average")
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
            people = Visitors(server.url, options.people, 0, options.pause / 2, options.pause * 3 / 2, forwarded=True)
            asyncio.run(people.visit(options.seconds))
            memory = round(sum(one.memory_info().rss for one in workers_of(server)) / 1e6)
        finally:
            server.end()
    seen = people.seen
    p50, p95, most = (round(float(one) * 1000, 1) for one in np.quantile(seen.seconds or [0.0], (0.5, 0.95, 1)))
    return {
        "workers": workers,
        "answers_per_s": round(len(seen.seconds) / options.seconds, 1),
        "answered": len(seen.seconds),
        "told_to_come_again": seen.ends["503"],
        "sent_again": seen.sent_again,
        "failures": seen.failures,
        "p50_ms": p50,
        "p95_ms": p95,
        "most_ms": most,
        "people": options.people,
        "seconds": options.seconds,
        "pause_s": options.pause,
        "real": options.real,
        "rss_mb": memory,
        "load_before": round(load, 1),
        "cores": os.cpu_count(),
        "well": bool(seen.seconds) and not seen.failures and not seen.sent_again and p95 <= MOST_P95_S * 1000,
    }


if __name__ == "__main__":
    sys.exit(main())
