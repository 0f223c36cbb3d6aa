"""Runs work in threads and processes."""

import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import chain, islice
from multiprocessing import get_context, parent_process, resource_tracker
from threading import Event, Thread
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from multiprocessing.context import ForkServerContext, SpawnContext

Item = TypeVar("Item")
Result = TypeVar("Result")

# More would be limited by memory bandwidth.
_MAX_WORKERS = 8
# Batches queued per worker, so that none waits for the next.
_BATCHES_PER_WORKER = 3
# Batches for which no pool is started.
_MAX_LOCAL_BATCHES = 2
# Modules preloaded by the fork server; importing them takes most of a start.
_PRELOADED = ("ingest.build.sandboxed_reading", "ingest.minutes.compiled")


def core_count() -> int:
    """Return the number of cores available to this process, at most 8."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(_MAX_WORKERS, allowed)


def process_context() -> "ForkServerContext | SpawnContext":
    """Return the context for starting clean processes.

    On Linux a fork server with preloaded modules starts them a hundred times faster; macOS libraries do not support
    forking.
    """
    if sys.platform != "linux":
        return get_context("spawn")
    context = get_context("forkserver")
    context.set_forkserver_preload(list(_PRELOADED))
    return context


def map_in_threads(
    function: Callable[[Sequence[Item]], Result], items: Iterable[Item], batch: int, workers: int | None = None
) -> Iterator[Result]:
    """Yield `function` of each batch in order, in threads; for functions that release the GIL.

    Items are taken as workers become free. The first error ends the iteration.
    """
    pool = ThreadPoolExecutor(workers or core_count())
    try:
        yield from _prefetch(pool, function, _batches(items, batch), workers or core_count(), deque())
    finally:
        pool.shutdown(cancel_futures=True)


def map_in_processes(
    function: Callable[[Sequence[Item]], Result], items: Iterable[Item], batch: int, workers: int | None = None
) -> Iterator[Result]:
    """Yield `function` of each batch in order, in processes; for pure Python functions.

    `function` must be importable. Starting a pool may take a second, so up to two batches run in this process, as does
    the rest if workers die or cannot be started.
    """
    workers = workers or core_count()
    remaining = _batches(items, batch)
    first = list(islice(remaining, _MAX_LOCAL_BATCHES + 1))
    batches = chain(first, remaining)
    pending: deque[Sequence[Item]] = deque()
    if workers > 1 and len(first) > _MAX_LOCAL_BATCHES:
        pool = ProcessPoolExecutor(workers, process_context(), end_with_parent)
        try:
            yield from _prefetch(pool, function, batches, workers, pending)
        except (BrokenProcessPool, OSError):
            pass
        finally:
            pool.shutdown(cancel_futures=True)
    yield from map(function, chain(pending, batches))


def _prefetch(
    pool: Executor,
    function: Callable[[Sequence[Item]], Result],
    batches: Iterator[Sequence[Item]],
    workers: int,
    pending: deque[Sequence[Item]],
) -> Iterator[Result]:
    """Yield results in order; workers have batches queued. `pending` holds batches without a result yet."""
    running: deque[Future[Result]] = deque()
    while True:
        for batch in islice(batches, _BATCHES_PER_WORKER * workers - len(running)):
            pending.append(batch)
            with ignore_interrupts():
                running.append(pool.submit(function, batch))
        if not running:
            return
        result = running.popleft().result()
        pending.popleft()
        yield result


class StoppedError(Exception):
    """The body of `run_in_background` failed or was interrupted."""


@contextmanager
def run_in_background(work: Callable[[Callable[[], None]], Result]) -> Iterator[Future[Result]]:
    """Run `work` in a thread during the body of the `with`, and wait for it at the end.

    `work` gets a function to call regularly, which raises StoppedError once the body has failed. Errors of `work` are
    raised at the end of the body.
    """
    stop = Event()

    def check() -> None:
        if stop.is_set():
            raise StoppedError

    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(work, check)
        try:
            yield running
            running.result()
        except BaseException:
            stop.set()
            raise


def _batches(items: Iterable[Item], size: int) -> Iterator[Sequence[Item]]:
    iterator = iter(items)
    return iter(lambda: list(islice(iterator, size)), [])


@contextmanager
def ignore_interrupts() -> Iterator[None]:
    """Start processes that ignore Ctrl+C; their parent ends them."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    # It would start with the first process and undo this.
    resource_tracker.ensure_running()
    previous_mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, previous_mask)


def end_with_parent() -> None:
    """End this worker when its parent dies."""
    Thread(target=_wait_for_parent, daemon=True).start()


def _wait_for_parent() -> None:
    parent = parent_process()
    if parent:
        parent.join()
        os._exit(1)
