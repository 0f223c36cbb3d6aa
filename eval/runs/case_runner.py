"""Asks and scores cases, one after another or in parallel."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager, contextmanager, nullcontext
from multiprocessing import get_context
from typing import Any

from eval.dataset.case import Case
from eval.errors import BrokenRunError, RefusedError
from eval.robustness import repeat_case
from eval.scoring.run_record import RunRow
from eval.scoring.score import failed_score, score_answer
from eval.storage.reference_work import ElapsedTime, Stopwatch, time_reference_work
from eval.systems.asking import Ask, ask_case
from eval.systems.system_under_test import LazySystem, SystemUnderTest
from ingest.sandbox.parallel import end_with_parent, ignore_interrupts

_AskAndScore = Callable[[str, Case, Sequence[str]], RunRow]


def ask_cases(
    cases: Sequence[tuple[str, Case]], subject: SystemUnderTest, jobs: int = 1, repetitions: Sequence[str] = ()
) -> Iterator[RunRow]:
    """Yield the scored row of each (set name, case); in order of completion if there are several `jobs`.

    `repetitions` name how each question is asked again. Raises UnreachableError, and BrokenRunError if a worker process
    was killed.
    """
    if min(jobs, len(cases)) <= 1:
        yield from (ask_and_score(name, case, subject, repetitions) for name, case in cases)
        return
    with _worker_pool(subject, min(jobs, len(cases))) as (pool, ask):
        # Processes start when the first cases are submitted, and inherit how interrupts are handled.
        with ignore_interrupts() if subject.reopen else nullcontext():
            futures = [pool.submit(ask, name, case, repetitions) for name, case in cases]
        yield from _results(futures)


def ask_and_score(name: str, case: Case, subject: SystemUnderTest, repetitions: Sequence[str] = ()) -> RunRow:
    """Ask and score one case of the set `name`; a refused question fails, without an exception.

    The row's `observations` are those of the system, of the `repetitions`, and `timing`: milliseconds of the last turn
    (`ms`) and of the reference work before the first one (`work_ms`); if the system answers in this process also by the
    clock of the thread (`cpu_ms`, `work_cpu_ms`), which is not affected by other processes.
    """
    work = time_reference_work()
    timed = TimedAsk(subject.ask)
    try:
        answer = ask_case(timed, case)
    except RefusedError as error:
        return RunRow(case, None, failed_score(f"回答を受け取れない({error})"), name)
    timing = {"ms": timed.last.wall_ms, "work_ms": work.wall_ms}
    if subject.in_process:
        timing |= {"cpu_ms": timed.last.cpu_ms, "work_cpu_ms": work.cpu_ms}
    # Read before any repetition, which replaces what the system observed last.
    observed = {"timing": timing} | subject.observations(answer)
    return RunRow(
        case, answer, score_answer(case, answer), name, observed | repeat_case(repetitions, subject.ask, case, answer)
    )


class TimedAsk:
    """Asks, and keeps the duration of the `last` answer."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self.last = ElapsedTime(0.0, 0.0)

    def __call__(self, body: dict[str, Any]) -> dict[str, Any]:
        """Ask."""
        clock = Stopwatch()
        answer = self._ask(body)
        self.last = clock.elapsed()
        return answer


@contextmanager
def _worker_pool(subject: SystemUnderTest, jobs: int) -> Iterator[tuple[Executor, _AskAndScore]]:
    if subject.reopen:
        pool: Executor = ProcessPoolExecutor(jobs, get_context("spawn"), _open_worker_system, (subject.reopen,))
        ask: _AskAndScore = _ask_in_worker
    else:
        pool = ThreadPoolExecutor(jobs)

        def ask(name: str, case: Case, repetitions: Sequence[str]) -> RunRow:
            return ask_and_score(name, case, subject, repetitions)

    try:
        yield pool, ask
    finally:
        pool.shutdown(cancel_futures=True)


def _results(futures: Sequence[Future[RunRow]]) -> Iterator[RunRow]:
    try:
        yield from (future.result() for future in as_completed(futures))
    except BrokenProcessPool as error:
        raise BrokenRunError(
            "評価のプロセスが途中で終わりました(メモリー不足かもしれません)。"
            "--jobs を減らして、もう一度実行してください。"
        ) from error


# The system of this worker process, open until it ends.
_systems: list[LazySystem] = []


def _open_worker_system(reopen: Callable[[], AbstractContextManager[SystemUnderTest]]) -> None:
    end_with_parent()
    _systems.append(LazySystem(reopen))


def _ask_in_worker(name: str, case: Case, repetitions: Sequence[str]) -> RunRow:
    return ask_and_score(name, case, _systems[0].subject(), repetitions)
