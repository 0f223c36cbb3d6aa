"""`make chaos`, second half: a process is killed at random over and over, and what it had acknowledged must be there.

Each one asks, votes, signs people up, lets staff answer, and adds, removes and builds documents, and says of each thing
when it is done. Then it is killed (SIGKILL), and another process looks: nothing that was said may be missing, and the
index in service must be whole and be of one build.
"""

import logging
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.progress import track

from bot.answering.state import Question
from bot.running.auth.sign_in import SignIn
from bot.running.service.service import Service, open_service
from bot.running.storage.database import database_url
from bot.running.storage.record_store import Store
from ingest.build.build import build
from ingest.configuration.settings import Settings
from ingest.index.index import open_index
from tests.ingest.small_corpus import PLAN, REPORT, make_corpus

_TODAY = date(2026, 11, 21)
_ASKED = "計画の期間は何年間ですか"
# A process lives so long at most, counted from when it begins to work.
_LONGEST_S = 2.5
_SEED = 17

Acknowledge = Callable[[str, str], None]


@dataclass(frozen=True, slots=True)
class Life:
    """A process that was killed: what it had acknowledged, by kind, and what of it was not there then."""

    acknowledged: Counter[str]
    lost: tuple[str, ...]


def _work(settings: Settings, corpus: Path, number: int, done: Acknowledge) -> None:
    chance = random.Random(_SEED + number)
    with open_service(settings, lambda: _TODAY) as service:
        service.warm()
        done("begun", "")
        for step in range(1_000):
            act = chance.choice((_ask, _ask, _vote, _sign_up, _build))
            act(service, settings, corpus, f"{number}-{step}", done)


def _ask(service: Service, _settings: Settings, _corpus: Path, name: str, done: Acknowledge) -> None:
    done("answer", service.ask(Question(question=f"{_ASKED}。{name}番")).answer_id)


def _vote(service: Service, _settings: Settings, _corpus: Path, name: str, done: Acknowledge) -> None:
    answer_id = service.ask(Question(question=_ASKED)).answer_id
    service.feedback(answer_id, "down", comment=name)
    done("vote", answer_id)


def _sign_up(_service: Service, settings: Settings, _corpus: Path, name: str, done: Acknowledge) -> None:
    sign_in = SignIn(settings)
    sign_in.accounts.add(name, "じゅうもじいじょうのことば", "staff")
    sign_in.close()
    done("account", name)


def _build(service: Service, settings: Settings, corpus: Path, name: str, done: Acknowledge) -> None:
    # The documents have the same number, so that an index of two builds shows.
    texts = {"plan": f"{PLAN}\n計画の版は{name}です。\n", "report": f"{REPORT}\n報告の版は{name}です。\n"}
    make_corpus(corpus, **texts)
    build(settings, [corpus], full=name.endswith("3"))
    service.follow()
    done("build", name)


def _begin(settings: Settings, corpus: Path, _done: Acknowledge) -> None:
    build(settings, [corpus])


def _look(settings: Settings, said: Sequence[tuple[str, str]], lost: Acknowledge) -> None:
    store = Store(database_url(settings))
    with store.engine.connect() as connection:
        known = {
            "answer": set(connection.exec_driver_sql("SELECT answer_id FROM turns").scalars()),
            "vote": set(connection.exec_driver_sql("SELECT answer_id FROM feedback").scalars()),
            "account": set(connection.exec_driver_sql("SELECT name FROM accounts").scalars()),
        }
    store.close()
    for kind, name in said:
        if kind == "failed" or name not in known.get(kind, {name}):
            lost(kind, name)
    with open_index(settings) as index:
        text = "\n".join(passage.text for passage in index.passages)
    versions = {line.split("版は")[1] for line in text.splitlines() if "版は" in line}
    if len(versions) > 1:
        lost("mixed", f"an index of several builds: {sorted(versions)}")
    with open_service(settings, lambda: _TODAY) as service:
        if "4年間" not in service.ask(Question(question=_ASKED)).answer:
            lost("wrong", "an answer that is not right")
        service.open_questions.all()


def lives(folder: Path, count: int) -> Iterator[Life]:
    """Yield `count` processes that were killed over one data folder, each after some time by chance."""
    corpus = make_corpus(folder / "corpus", plan=PLAN, report=REPORT)
    settings = Settings(_env_file=None, data=folder / "data", corpus=corpus)
    _in_a_process(partial(_begin, settings, corpus), None)
    chance = random.Random(_SEED)
    for number in range(count):
        said = _in_a_process(partial(_work, settings, corpus, number), chance.uniform(0, _LONGEST_S))
        lost = _in_a_process(partial(_look, settings, said), None)
        yield Life(Counter(kind for kind, _ in said), tuple(" ".join(what) for what in lost))


def _in_a_process(work: Callable[[Acknowledge], None], killed_after: float | None) -> list[tuple[str, str]]:
    """Return the output of a copy of this process, which may be killed some time after its first line."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            work(lambda kind, name: _say(writing, kind, name))
            code = 0
        except BaseException as error:  # noqa: BLE001 -- whatever it is, the one who waits is told
            _say(writing, "failed", repr(error).replace("\n", " "))
        finally:
            os._exit(code)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        heard = pipe.readline()
        if killed_after is not None:
            time.sleep(killed_after)
            os.kill(child, signal.SIGKILL)
        lines = [heard, *pipe]
    _, status = os.waitpid(child, 0)
    if killed_after is None and status != 0:
        lines.append(f"failed\tprocess ended with {status}\n".encode())
    # What was cut in the middle of a line was not acknowledged.
    whole = [line.decode().rstrip("\n").split("\t", 1) for line in lines if line.endswith(b"\n")]
    return [(kind, name) for kind, name in whole if kind != "begun"]


def _say(pipe: int, kind: str, name: str) -> None:
    os.write(pipe, f"{kind}\t{name}\n".encode())


def main(count: int = 300) -> int:
    """Kill `count` processes, print the fate of their acknowledged records, and return 1 if any is missing."""
    console = Console(width=120)
    logging.disable()
    with tempfile.TemporaryDirectory() as folder:
        done = list(track(lives(Path(folder), count), "kills", total=count, console=Console(stderr=True)))
    acknowledged: Counter[str] = sum((life.acknowledged for life in done), Counter())
    lost = [what for life in done for what in life.lost]
    for what in lost:
        console.print(what)
    console.print(f"{len(done)} kills, acknowledged {dict(acknowledged)}, lost or wrong {len(lost)}")
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
