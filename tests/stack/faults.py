"""`make stack-test`: what visitors of the whole service see under load and while its parts fail.

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
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import chromadb
import pytest
from rich.console import Console
from rich.table import Table
from sqlalchemy import func, select

from bot.running.storage.database import database_url, engine_at
from bot.running.storage.tables import turns
from ingest.build.build import build
from ingest.index.index import current_name
from tests.bot.server_process import Running
from tests.stack.stack import Stack, stack
from tests.stack.visitors import Visitors

LONGEST_S = 5.0
# Time before and after a fault in which the visitors are there.
_AROUND_S = 4.0
_SLOW_QUESTIONS = 6
# Of people at a person's pace nearly all are answered, whatever others do; the rest is for a machine with other work.
_CROWD_FLOOR = 0.95
# Time in which answers that waited for the database are recorded.
_RECORDS_S = 15.0
# Characters of an unanswered question that are shown.
_SHOWN_CHARS = 40

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
        unanswered: beginnings of questions that had to be answered and were not.
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
    limit_s: float
    unanswered: tuple[str, ...] = ()

    @property
    def is_well(self) -> bool:
        """Return whether the trial passed."""
        in_time = self.longest_s <= self.limit_s
        is_wrong = self.pages or self.failures or self.lost or self.twice or self.unanswered
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
    """Delete the collection, and build the index again after a while."""
    server = urlsplit(running.chroma.it)
    client = chromadb.HttpClient(host=server.hostname or "", port=server.port or 0)
    client.delete_collection(str(current_name(running.settings)))
    time.sleep(seconds)
    build(running.settings, [running.settings.corpus], full=True)


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
    return _outcome(running, fault.__name__, visitors, LONGEST_S, FAULTS[fault])


def try_crowd(running: Stack, people: int, seconds: float) -> Outcome:
    """Return what so many people behind one address see, each with a question every 3 to 7 s."""
    visitors = Visitors(running.proxy.https, people, 0, 3, 7)
    asyncio.run(visitors.visit(seconds))
    return _outcome(running, f"{people} people", visitors, LONGEST_S, _CROWD_FLOOR)


def try_flood(running: Stack, people: int, seconds: float) -> Outcome:
    """Return what ten people see while more than can be answered is asked without a pause at another address."""
    others = Visitors(running.proxy.https, 10, 0, 3, 7)
    flood = Visitors(running.proxy.https, people, 0, 0, address="127.0.0.2")

    async def visit() -> None:
        await asyncio.gather(others.visit(seconds), flood.visit(seconds))

    asyncio.run(visit())
    return _outcome(running, f"beside a flood of {people}", others, LONGEST_S, _CROWD_FLOOR)


def try_slow_questions(running: Stack, seconds: float) -> Outcome:
    """Return what others see while one visitor sends slow questions, which have to be answered, too."""
    others = Visitors(running.proxy.https, 1, 4, 0.5)
    slow = Visitors(running.proxy.https, 0, 0, 0, address="127.0.0.2")

    async def visit() -> None:
        await asyncio.gather(others.visit(seconds), slow.ask_worst(_SLOW_QUESTIONS))

    asyncio.run(visit())
    unanswered = tuple(question[:_SHOWN_CHARS] for question in slow.seen.unanswered)
    return replace(_outcome(running, "slow questions", others, LONGEST_S, _CROWD_FLOOR), unanswered=unanswered)


def _outcome(running: Stack, name: str, visitors: Visitors, limit_s: float, floor: float) -> Outcome:
    seen = visitors.seen
    for worker in running.workers:
        _wait_for_records(worker.it)
    with closing(engine_at(database_url(running.settings)).connect()) as connection:
        recorded = set(connection.scalars(select(turns.c.answer_id)))
        repeated = select(turns.c.question).group_by(turns.c.question).having(func.count() > 1)
        twice = sum("番）" in question for question in connection.scalars(repeated))
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
        limit_s,
    )


def _wait_for_records(worker: Running) -> None:
    """Wait until a worker has recorded what waited, as whatever watches `/ready` makes it do."""
    until = time.monotonic() + _RECORDS_S
    while time.monotonic() < until and worker.get("/ready").json()["records"] != "ok":
        time.sleep(0.5)


def main() -> int:
    """Start the stack, run all trials, print a table, and return 1 if a trial failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.stack.faults", description=__doc__)
    parser.add_argument("--people", type=int, default=60, help="how many ask at once")
    parser.add_argument("--seconds", type=float, default=60, help="how long they ask")
    parser.add_argument("--fault-seconds", type=float, default=30, help="how long each part is away")
    parser.add_argument(
        "--only",
        nargs="+",
        default=[],
        metavar="NAME",
        help="trials: crowd, flood, slow, or faults",
    )
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    trials: dict[str, Callable[[Stack], Outcome]] = {
        "crowd": partial(try_crowd, people=options.people, seconds=options.seconds),
        "flood": partial(try_flood, people=options.people, seconds=options.seconds / 2),
        "slow": partial(try_slow_questions, seconds=15),
        **{fault.__name__: partial(try_fault, fault=fault, seconds=options.fault_seconds) for fault in FAULTS},
    }
    with tempfile.TemporaryDirectory(prefix="stack-") as folder:
        try:
            with stack(Path(folder), SHIRUBE_REQUESTS_PER_MINUTE_ADDRESS="1000000") as running:
                outcomes = [trials[name](running) for name in options.only or trials]
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
    console = Console(width=120)
    console.print(table)
    for one in outcomes:
        for question in one.unanswered:
            console.print(f"{one.name}: not answered: {question}…")


if __name__ == "__main__":
    sys.exit(main())
