"""Ask the cases: one after the other, or several at once, with the same rows."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager, contextmanager, nullcontext
from multiprocessing import get_context
from typing import Any

from eval.asking.ask import Ask, converse
from eval.asking.late import Late
from eval.asking.subject import Subject
from eval.beside.looks import looked_at
from eval.dataset.case import Case
from eval.errors import BrokenRunError, RefusedError
from eval.runs.yardstick import Clock, Took, work_done
from eval.scoring.record import Row
from eval.scoring.score import failed, score
from ingest.parallel import deaf_to_interrupts, end_with_parent

Asked = tuple[str, Case]
"""A case with the name of its set."""
Do = Callable[[str, Case, Sequence[str]], Row]


def rows_of(asked: Sequence[Asked], subject: Subject, jobs: int = 1, looks: Sequence[str] = ()) -> Iterator[Row]:
    """Yield the scored row of each case, as it comes; with several `jobs` not in order.

    `looks` name what is looked at beside each answer.

    Raises UnreachableError, and BrokenRunError where a process of several was ended from outside.
    """
    if min(jobs, len(asked)) <= 1:
        yield from (row_of(name, case, subject, looks) for name, case in asked)
        return
    with _pool(subject, min(jobs, len(asked))) as (pool, do):
        # A process is started with the first cases that it is given.
        with deaf_to_interrupts() if subject.reopen else nullcontext():
            coming = [pool.submit(do, name, case, looks) for name, case in asked]
        yield from _results(coming)


def row_of(name: str, case: Case, subject: Subject, looks: Sequence[str] = ()) -> Row:
    """Ask and score one case of the set called `name`; a question that is refused fails alone.

    `beside` gets what the door saw, what is told by each of `looks`, and `timing`: milliseconds of the last turn (`ms`)
    and of the yardstick before the first one (`work_ms`). What answers in this process is also timed by the clock of
    its thread (`cpu_ms`, `work_cpu_ms`), which stands still while others have the machine.
    """
    work, timed = work_done(), Timed(subject.ask)
    try:
        answer = converse(timed, case)
    except RefusedError as error:
        return Row(case, None, failed(f"回答を受け取れない({error})"), name)
    timing = {"ms": timed.last.wall_ms, "work_ms": work.wall_ms}
    if subject.in_process:
        timing |= {"cpu_ms": timed.last.cpu_ms, "work_cpu_ms": work.cpu_ms}
    # First what the door saw: a look may ask through it again.
    seen = {"timing": timing} | subject.beside(answer)
    return Row(case, answer, score(case, answer), name, seen | looked_at(looks, subject.ask, case, answer))


class Timed:
    """A door with a clock: `last` is how long the last answer took."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self.last = Took(0.0, 0.0)

    def __call__(self, body: dict[str, Any]) -> dict[str, Any]:
        """Ask."""
        clock = Clock()
        answer = self._ask(body)
        self.last = clock.took()
        return answer


@contextmanager
def _pool(subject: Subject, jobs: int) -> Iterator[tuple[Executor, Do]]:
    if subject.reopen:
        pool: Executor = ProcessPoolExecutor(jobs, get_context("spawn"), _open_door, (subject.reopen,))
        do: Do = _row_here
    else:
        pool = ThreadPoolExecutor(jobs)

        def do(name: str, case: Case, looks: Sequence[str]) -> Row:
            return row_of(name, case, subject, looks)

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
_doors: list[Late] = []


def _open_door(reopen: Callable[[], AbstractContextManager[Subject]]) -> None:
    end_with_parent()
    _doors.append(Late(reopen))


def _row_here(name: str, case: Case, looks: Sequence[str]) -> Row:
    return row_of(name, case, _doors[0].subject(), looks)
