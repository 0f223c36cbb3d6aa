import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from ingest.sandbox import ChildEndedError, Limits, map_in_threads, map_in_workers, run_in_child
from tests.ingest.worker_functions import (
    TEXTS,
    all_words,
    die,
    flood,
    go_wrong,
    hoard,
    refuse,
    sleep_on,
    spin,
    take_pieces,
    work_on,
)
from tests.ingest.worker_processes import workers

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def _two_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.sandbox.core_count", lambda: 2)


def test_several_workers_give_the_results_of_one_in_order() -> None:
    assert [found for batch in map_in_threads(all_words, TEXTS, 3) for found in batch] == all_words(TEXTS)


def test_only_a_few_batches_are_held_in_memory() -> None:
    taken: list[str] = []
    results = map_in_threads(all_words, (taken.append(text) or text for text in TEXTS * 25), 5)  # type: ignore[func-returns-value]
    assert next(results) == all_words(TEXTS[:5])
    assert len(taken) <= 5 * 8
    results.close()  # type: ignore[attr-defined]


def test_an_error_in_a_worker_is_raised_in_the_parent() -> None:
    done: list[str] = []
    with pytest.raises(ValueError, match="the twentieth"):
        done.extend(text for batch in map_in_threads(refuse, TEXTS, 5) for text in batch)
    assert done == TEXTS[:20]


AMPLE = Limits(cpu_s=30, wall_s=60, memory_bytes=2 << 30, result_bytes=1 << 20)


@pytest.mark.parametrize(
    ("work", "limits"),
    [
        (spin, replace(AMPLE, cpu_s=1)),
        (sleep_on, replace(AMPLE, wall_s=2)),
        (hoard, replace(AMPLE, memory_bytes=512 << 20)),
        (flood, AMPLE),
        (die, AMPLE),
        (go_wrong, AMPLE),
    ],
)
def test_a_child_over_its_limits_is_stopped(work: Callable[[], bytes], limits: Limits) -> None:
    with pytest.raises(ChildEndedError):
        run_in_child(work, limits=limits)
    assert workers() == []


# What runs the tests may ignore interrupts, and so would its children: a terminal's do not.
WAITING = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
from ingest.sandbox import Limits, map_in_workers
from tests.ingest.worker_functions import sleep_on
if __name__ == "__main__":
    list(map_in_workers(sleep_on, [()] * 9, Limits(60, 60, 2 << 30, 1)))
"""


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGINT])
def test_no_worker_outlives_its_parent(tmp_path: Path, end: signal.Signals) -> None:
    script = tmp_path / "waiting.py"
    script.write_text(WAITING, encoding="utf-8")
    parent = subprocess.Popen(
        [sys.executable, str(script)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    working = started_workers(parent.pid)
    started = psutil.Process(parent.pid).children(recursive=True)
    if end == signal.SIGINT:  # as Ctrl+C does, to the parent and its workers alike
        os.killpg(parent.pid, end)
    else:
        parent.kill()
    _, stderr = parent.communicate(timeout=120)
    psutil.wait_procs(started, timeout=120)
    assert working
    assert not [process for process in started if process.is_running()]
    assert stderr.count("Traceback") <= 1
    assert parent.returncode == -end


def started_workers(parent: int) -> list[psutil.Process]:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        working = workers(parent)
        if len(working) == 2 and all(p.num_threads() > 1 for p in working):
            return working
        time.sleep(0.1)
    pytest.fail("no workers were started")


EACH = Limits(cpu_s=20, wall_s=60, memory_bytes=1 << 30, result_bytes=1 << 20)


def worker_results(items: list[str], limits: Limits = EACH) -> list[tuple[str, str] | None]:
    found: list[tuple[str, str] | None] = [None] * len(items)
    for place, result in map_in_workers(work_on, [(item,) for item in items], limits):
        if result:
            item, process = result.decode().split()
            found[place] = item, process
    return found


@pytest.mark.parametrize(
    ("item", "limits"),
    [("die", EACH), ("spin", replace(EACH, cpu_s=1)), ("sleep", replace(EACH, wall_s=3)), ("hoard", EACH)],
)
def test_an_item_over_its_limits_does_not_affect_others(item: str, limits: Limits) -> None:
    found = worker_results(["a", item, "b", "c"], limits)
    assert [done and done[0] for done in found] == ["a", None, "b", "c"]


def test_the_time_limit_applies_to_each_piece_of_an_item() -> None:
    limits = replace(EACH, wall_s=5)
    assert [done and done[0] for done in worker_results(["patient", "a"], limits)] == ["patient", "a"]
    assert run_in_child(take_pieces, limits=limits) == b"whole"


def test_a_worker_with_much_memory_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.sandbox.core_count", lambda: 1)
    before, grown, after = worker_results(["a", "grow", "b"])
    assert before
    assert grown
    assert after
    assert before[1] == grown[1] != after[1]


def test_work_that_nobody_waits_for_ends_at_once() -> None:
    start = time.monotonic()
    results = map_in_workers(work_on, [("a",), ("sleep",)], EACH)
    assert next(results)[0] == 0
    results.close()
    assert time.monotonic() - start < 30
    assert workers() == []
