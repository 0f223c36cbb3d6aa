"""Asks and scores cases, one after another or in parallel."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager, contextmanager, nullcontext
from multiprocessing import get_context
from typing import Any

from eval.dataset.case import Case
from eval.errors import BrokenRunError, RefusedError
from eval.robustness import run_looks
from eval.scoring.run_record import Row
from eval.scoring.score import failed_score, score_answer
from eval.storage.reference_work import ElapsedTime, Stopwatch, time_reference_work
from eval.systems.ask import Ask, ask_case
from eval.systems.system_under_test import LazySystem, SystemUnderTest
from ingest.sandbox.parallel import end_with_parent, ignore_interrupts

Asked = tuple[str, Case]
"""A case with the name of its set."""
Do = Callable[[str, Case, Sequence[str]], Row]


def ask_cases(
    asked: Sequence[Asked], subject: SystemUnderTest, jobs: int = 1, looks: Sequence[str] = ()
) -> Iterator[Row]:
    """Yield the scored row of each case, as it comes; with several `jobs` not in order.

    `looks` name what is looked at beside each answer.

    Raises UnreachableError, and BrokenRunError where a process of several was ended from outside.
    """
    if min(jobs, len(asked)) <= 1:
        yield from (ask_and_score(name, case, subject, looks) for name, case in asked)
        return
    with _worker_pool(subject, min(jobs, len(asked))) as (pool, do):
        # A process is started with the first cases that it is given.
        with ignore_interrupts() if subject.reopen else nullcontext():
            coming = [pool.submit(do, name, case, looks) for name, case in asked]
        yield from _results(coming)


def ask_and_score(name: str, case: Case, subject: SystemUnderTest, looks: Sequence[str] = ()) -> Row:
    """Ask and score one case of the set called `name`; a question that is refused fails alone.

    `beside` gets what the door saw, what is told by each of `looks`, and `timing`: milliseconds of the last turn (`ms`)
    and of the yardstick before the first one (`work_ms`). What answers in this process is also timed by the clock of
    its thread (`cpu_ms`, `work_cpu_ms`), which stands still while others have the machine.
    """
    work, timed = time_reference_work(), TimedAsk(subject.ask)
    try:
        answer = ask_case(timed, case)
    except RefusedError as error:
        return Row(case, None, failed_score(f"回答を受け取れない({error})"), name)
    timing = {"ms": timed.last.wall_ms, "work_ms": work.wall_ms}
    if subject.in_process:
        timing |= {"cpu_ms": timed.last.cpu_ms, "work_cpu_ms": work.cpu_ms}
    # First what the door saw: a look may ask through it again.
    seen = {"timing": timing} | subject.beside(answer)
    return Row(case, answer, score_answer(case, answer), name, seen | run_looks(looks, subject.ask, case, answer))


class TimedAsk:
    """A door with a clock: `last` is how long the last answer took."""

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
def _worker_pool(subject: SystemUnderTest, jobs: int) -> Iterator[tuple[Executor, Do]]:
    if subject.reopen:
        pool: Executor = ProcessPoolExecutor(jobs, get_context("spawn"), _open_worker_system, (subject.reopen,))
        do: Do = _ask_in_worker
    else:
        pool = ThreadPoolExecutor(jobs)

        def do(name: str, case: Case, looks: Sequence[str]) -> Row:
            return ask_and_score(name, case, subject, looks)

    try:
        yield pool, do
    finally:
        pool.shutdown(cancel_futures=True)


def _results(coming: Sequence[Future[Row]]) -> Iterator[Row]:
    try:
        yield from (future.result() for future in as_completed(coming))
    except BrokenProcessPool as error:
        raise BrokenRunError(
            "評価のプロセスが途中で終わりました(メモリー不足かもしれません)。"
            "--jobs を減らして、もう一度実行してください。"
        ) from error


# The door of this worker process, opened when it starts and open until it ends.
_doors: list[LazySystem] = []


def _open_worker_system(reopen: Callable[[], AbstractContextManager[SystemUnderTest]]) -> None:
    end_with_parent()
    _doors.append(LazySystem(reopen))


def _ask_in_worker(name: str, case: Case, looks: Sequence[str]) -> Row:
    return ask_and_score(name, case, _doors[0].subject(), looks)
