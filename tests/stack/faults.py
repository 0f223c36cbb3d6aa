"""`make stack-test`: what visitors of the whole service see while its parts fail; `make load` has many people.

Nobody may see anything but an answer or a 503 that says in Japanese when to come again, no answer may be missing from
the records, no question may be recorded twice, and nobody may wait longer than five seconds.
"""

import argparse
import asyncio
import json
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

import chromadb
import pytest
from rich.console import Console
from rich.table import Table
from sqlalchemy import func, select

from bot.storage.database import database_url, engine_at
from bot.storage.tables import turns
from ingest.build.build import build
from ingest.configuration.settings import Settings
from ingest.configuration.tenants import read_tenants
from ingest.index.index import current_name
from tests.bot.server_process import Running
from tests.stack.stack import Stack, stack
from tests.stack.visitors import Visitors

LONGEST_S = 5.0
# Time before and after a fault in which the visitors are there.
_AROUND_S = 4.0
# Time in which answers that waited for the database are recorded.
_RECORDS_S = 15.0

Fault = Callable[[Stack, float], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the requests of one trial.

    Attributes:
        answered: the share of the questions that were answered, with its `floor`.
        busy: requests that got a proper 503.
        pages: of these, pages that need neither records nor vectors.
        failures: requests that got neither an answer nor a proper 503, by how they ended.
        lost: answers that visitors got and the records do not have.
        twice: questions that were recorded more than once.
        sent_again: requests whose connection nginx was just closing, sent once more.
    """

    name: str
    requests: int
    answered: float
    floor: float
    busy: int
    pages: int
    failures: dict[str, int]
    lost: int
    twice: int
    sent_again: int
    longest_s: float

    @property
    def is_well(self) -> bool:
        """Return whether the trial passed."""
        in_time = self.longest_s <= LONGEST_S
        is_wrong = self.pages or self.failures or self.lost or self.twice
        return not is_wrong and in_time and self.answered >= self.floor


def stop_database(running: Stack, seconds: float) -> None:
    """Stop PostgreSQL for a while, as for an upgrade."""
    running.database.stop()
    time.sleep(seconds)
    running.database.start()


def kill_database(running: Stack, seconds: float) -> None:
    """Kill all processes of PostgreSQL."""
    running.database.kill()
    time.sleep(seconds)
    running.database.start()


def freeze_database(running: Stack, seconds: float) -> None:
    """Stop all processes of PostgreSQL; their connections stay open."""
    running.database.signal(signal.SIGSTOP)
    time.sleep(seconds)
    running.database.signal(signal.SIGCONT)


def stop_chroma(running: Stack, seconds: float) -> None:
    """Stop the vector store."""
    running.chroma.stop()
    time.sleep(seconds)
    running.chroma.start()


def empty_chroma(running: Stack, seconds: float) -> None:
    """Delete every collection, and build the indexes again after a while."""
    server = urlsplit(running.chroma.it)
    client = chromadb.HttpClient(host=server.hostname or "", port=server.port or 0)
    for office in _offices(running.settings):
        client.delete_collection(str(current_name(office)))
    time.sleep(seconds)
    for office in _offices(running.settings):
        build(office, [office.corpus], full=True)


def kill_worker(running: Stack, seconds: float) -> None:
    """Kill a worker, and start it again after a while."""
    worker = running.workers[0]
    worker.it.process.kill()
    worker.it.process.wait()
    time.sleep(seconds)
    worker.stop()
    worker.start()


def reload_proxy(running: Stack, seconds: float) -> None:
    """Reload nginx, as after a change of its configuration, again and again."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        running.proxy.process.send_signal(signal.SIGHUP)
        time.sleep(1)


# The least share of the questions that is answered.
FAULTS: Mapping[Fault, float] = {
    # Answers wait in memory to be recorded (decision 092); what is being read in the moment of the fault is refused.
    stop_database: 0.9,
    kill_database: 0.9,
    freeze_database: 0.9,
    # Indexes as small as these compute all cosines themselves; larger ones answer only while Chroma does.
    stop_chroma: 0.9,
    empty_chroma: 0.9,
    # nginx asks the other worker.
    kill_worker: 0.95,
    reload_proxy: 0.95,
}


def try_fault(running: Stack, fault: Fault, seconds: float) -> Outcome:
    """Return what visitors saw of a fault."""
    visitors = Visitors(running.proxy.https, 6, 4, 0.5)

    async def visit() -> None:
        visiting = asyncio.create_task(visitors.visit())
        await asyncio.sleep(_AROUND_S)
        await asyncio.to_thread(fault, running, seconds)
        await asyncio.sleep(_AROUND_S)
        visitors.stop()
        await visiting

    asyncio.run(visit())
    return _outcome(running, fault.__name__, visitors, FAULTS[fault])


def _outcome(running: Stack, name: str, visitors: Visitors, floor: float) -> Outcome:
    seen = visitors.seen
    for worker in running.workers:
        _wait_for_records(worker.it)
    recorded: set[str] = set()
    twice = 0
    for office in _offices(running.settings):
        with closing(engine_at(database_url(office)).connect()) as connection:
            recorded.update(connection.scalars(select(turns.c.answer_id)))
            repeated = select(turns.c.question).group_by(turns.c.question).having(func.count() > 1)
            twice += sum("番）" in question for question in connection.scalars(repeated))
    return Outcome(
        name,
        seen.ends.total(),
        round(len(seen.answers) / max(1, len(seen.asked)), 3),
        floor,
        seen.ends["503"],
        seen.refused_pages,
        seen.failures,
        len(set(seen.answers.values()) - recorded),
        twice,
        seen.sent_again,
        round(seen.longest_s, 1),
    )


def _wait_for_records(worker: Running) -> None:
    """Wait until a worker has recorded what waited, as whatever watches `/ready` makes it do."""
    until = time.monotonic() + _RECORDS_S
    while time.monotonic() < until and worker.get("/ready").json()["records"] != "ok":
        time.sleep(0.5)


def _offices(settings: Settings) -> list[Settings]:
    return [office.settings for office in read_tenants(settings)]


def main() -> int:
    """Start the stack, run all trials, print a table, and return 1 if a trial failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.stack.faults", description=__doc__)
    parser.add_argument("--fault-seconds", type=float, default=30, help="how long each part is away")
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME", choices=[fault.__name__ for fault in FAULTS])
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="stack-") as folder:
        try:
            with stack(Path(folder), SHIRUBE_REQUESTS_PER_MINUTE_ADDRESS="1000000") as running:
                outcomes = [
                    try_fault(running, fault, options.fault_seconds)
                    for fault in FAULTS
                    if not options.only or fault.__name__ in options.only
                ]
        except pytest.skip.Exception as missing:
            sys.stderr.write(f"{missing}\n")
            return 2
    _print(outcomes, as_json=options.json)
    return 0 if all(outcome.is_well for outcome in outcomes) else 1


def _print(outcomes: list[Outcome], *, as_json: bool) -> None:
    if as_json:
        rows = [asdict(outcome) | {"well": outcome.is_well} for outcome in outcomes]
        sys.stdout.write(json.dumps(rows, ensure_ascii=False, indent=2) + "\n")
        return
    names = ("", "requests", "answered", "floor", "503", "pages", "failures", "lost", "twice", "again", "longest s", "")
    table = Table(*names, title="make stack-test")
    for one in outcomes:
        figures = (one.requests, one.answered, one.floor, one.busy, one.pages, one.failures or 0, one.lost, one.twice)
        row = (*figures, one.sent_again, one.longest_s)
        table.add_row(one.name, *map(str, row), "well" if one.is_well else "BAD")
    Console(width=120).print(table)


if __name__ == "__main__":
    sys.exit(main())
