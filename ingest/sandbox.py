"""Runs functions in threads and processes; in processes with limits where a file may take all time and memory."""

import os
import pickle
import resource
import signal
import sys
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor, as_completed
from contextlib import suppress
from ctypes import CDLL
from dataclasses import dataclass
from itertools import islice
from math import ceil
from multiprocessing import get_context, parent_process
from pathlib import Path
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
# Niceness of what reads single files, so that questions are answered first.
_NICENESS = 10
# Share of the memory limit above which a process is replaced: OCR keeps half of it, and takes a second to start.
_SPENT_SHARE = 2 / 3
# M_ARENA_MAX of glibc's malloc.h.
_M_ARENA_MAX = -8
_PAGE_BYTES = 4096


def core_count() -> int:
    """Return the number of cores available to this process, at most 8."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(_MAX_WORKERS, allowed)


def _process_context() -> "ForkServerContext | SpawnContext":
    if sys.platform != "linux":  # macOS libraries do not support forking
        return get_context("spawn")
    context = get_context("forkserver")
    context.set_forkserver_preload(["ingest.build.sandboxed_reading"])  # importing it takes most of a start
    return context


def begin_worker() -> None:
    """Leave Ctrl+C to the parent of this process, and end when it dies."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_wait_for_parent, daemon=True).start()


def _wait_for_parent() -> None:
    if parent := parent_process():
        parent.join()
        os._exit(1)


def map_in_threads(function: Callable[[Sequence[Item]], Result], items: Iterable[Item], size: int) -> Iterator[Result]:
    """Yield `function` of each batch of `size` items in order, in threads; for functions that release the GIL.

    Items are taken as workers, a thread a core, become free. The first error ends the iteration.
    """
    pool = ThreadPoolExecutor(core_count())
    iterator = iter(items)
    running: deque[Future[Result]] = deque()
    try:
        while batch := list(islice(iterator, size)):
            running.append(pool.submit(function, batch))
            if len(running) >= _BATCHES_PER_WORKER * core_count():
                yield running.popleft().result()
        while running:
            yield running.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of a process: CPU seconds, wall-clock seconds, bytes of memory (not on macOS) and of its result."""

    cpu_s: int
    wall_s: float
    memory_bytes: int
    result_bytes: int


class ChildEndedError(Exception):
    """A process ended without a result, because it reached a limit or failed, or could not be started."""


def run_in_child(function: Callable[..., Result], *arguments: object, limits: Limits) -> Result:
    """Return `function(*arguments)`, never None, from a process with limits and a low priority.

    `function` must be importable. Raises ChildEndedError.
    """
    ((_, result),) = map_in_workers(function, [arguments], limits, niceness=_NICENESS)
    if result is None:
        raise ChildEndedError
    return result


def map_in_workers(
    function: Callable[..., Result], items: Sequence[Sequence[object]], limits: Limits, *, niceness: int = 0
) -> Generator[tuple[int, Result | None], None, None]:
    """Yield the index of each item with `function(*item)`, as soon as it is done, on all cores.

    The result is None where it exceeds `limits`, fails or crashes its process; another one does the rest. `function`
    must be importable. Raises ChildEndedError if no process starts.
    """
    idle: deque[ProcessPoolExecutor] = deque()  # of one process each: its death breaks an executor
    started: list[ProcessPoolExecutor] = []
    stopped = Event()

    def run(index: int) -> tuple[int, Result | None]:
        try:
            pool = idle.pop()
        except IndexError:
            started.append(
                pool := ProcessPoolExecutor(1, _process_context(), _begin_limited_worker, (limits, niceness))
            )
        try:
            future = pool.submit(_run_limited, function, items[index])
        except OSError as error:
            raise ChildEndedError from error
        if stopped.is_set():  # while the process was started
            _kill(pool)
        result, is_spent = None, True
        with suppress(Exception):  # of the function, or of its broken process
            pickled, is_spent = future.result()
            result = pickle.loads(pickled)  # noqa: S301 -- of our own process
        if is_spent:
            pool.shutdown()
        else:
            idle.append(pool)
        return index, result

    threads = ThreadPoolExecutor(core_count())
    try:
        for done in as_completed([threads.submit(run, index) for index in range(len(items))]):
            yield done.result()
    finally:
        threads.shutdown(wait=False, cancel_futures=True)
        stopped.set()
        for pool in [*started]:
            _kill(pool)
        threads.shutdown()
        for pool in started:
            pool.shutdown()


def _kill(pool: ProcessPoolExecutor) -> None:
    for process in [*(pool._processes or {}).values()]:  # noqa: SLF001 -- Python 3.14 has a method for it
        process.kill()


# The limits of this process, if it has any.
_own_limits: list[Limits] = []


def extend_time() -> None:
    """Restart the time limits of this process; for work in pieces of bounded number. Without limits it does nothing.

    The operating system ends a process at either of them.
    """
    for limits in _own_limits:
        used = resource.getrusage(resource.RUSAGE_SELF)
        seconds = ceil(used.ru_utime + used.ru_stime) + limits.cpu_s
        _set_limit(resource.RLIMIT_CPU, seconds, resource.RLIM_INFINITY)
        signal.setitimer(signal.ITIMER_REAL, limits.wall_s)


def _begin_limited_worker(limits: Limits, niceness: int) -> None:
    begin_worker()
    os.nice(niceness)
    with suppress(OSError, AttributeError):  # glibc reserves 64 MB per thread, which would count
        CDLL(None).mallopt(_M_ARENA_MAX, 1)
    _set_limit(resource.RLIMIT_AS, limits.memory_bytes, limits.memory_bytes)
    _set_limit(resource.RLIMIT_CORE, 0, 0)
    _own_limits.append(limits)


def _set_limit(resource_id: int, soft: int, hard: int) -> None:
    with suppress(ValueError, OSError):  # not supported, or a lower limit applies already
        resource.setrlimit(resource_id, (soft, hard))


def _run_limited(function: Callable[..., object], arguments: Sequence[object]) -> tuple[bytes, bool]:
    """Return the pickled result, and whether this process uses so much memory that it should not go on."""
    extend_time()
    result = pickle.dumps(function(*arguments))
    signal.setitimer(signal.ITIMER_REAL, 0)
    (limits,) = _own_limits
    if len(result) > limits.result_bytes:
        raise ValueError(len(result))
    memory = Path("/proc/self/statm")
    used = int(memory.read_text("ascii").split()[0]) * _PAGE_BYTES if memory.exists() else 0
    return result, used > limits.memory_bytes * _SPENT_SHARE
