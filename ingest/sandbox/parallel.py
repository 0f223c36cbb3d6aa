"""Runs work in threads and processes, with limits on time, memory and result size."""

import os
import signal
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from ctypes import CDLL
from dataclasses import dataclass
from itertools import chain, islice
from math import ceil
from multiprocessing import get_context, parent_process, resource_tracker
from threading import Event, Thread
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.context import ForkServerContext, SpawnContext

Item = TypeVar("Item")
Result = TypeVar("Result")

# More would only wait for memory.
_MOST = 8
# Batches that are handed out for each worker before their turn, so that none waits.
_AHEAD = 3
# Batches for which no processes are started.
_FEW = 2
# What processes mostly need, which takes most of the time that it takes to start one.
_LOADED = ("ingest.build.sandboxed_reading",)
# M_ARENA_MAX of glibc's malloc.h.
_MOST_ARENAS = -8
# What a process with limits adds to its niceness: half of what there is, so that who asks a question comes first.
_GIVING_WAY = 10


def core_count() -> int:
    """Return how many cores this process may use, 8 at most."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(_MOST, allowed)


def process_context() -> "ForkServerContext | SpawnContext":
    """Return what starts processes that know nothing of this one.

    On Linux they are copies of one that has only loaded what they need, made in a hundredth of the time; it ends with
    this process. Others start from nothing: a mac's libraries do not bear to be copied.
    """
    if sys.platform != "linux":
        return get_context("spawn")
    context = get_context("forkserver")
    context.set_forkserver_preload(list(_LOADED))
    return context


def map_in_threads(
    function: Callable[[Sequence[Item]], Result], items: Iterable[Item], batch: int, workers: int | None = None
) -> Iterator[Result]:
    """Yield `function` of each `batch` of items in order; for functions that let other threads run (NumPy's do).

    No more items are taken than are worked on. The first error ends it: what was not begun is left.
    """
    workers, batches = _useful_workers(workers or core_count(), _batches(items, batch))
    if workers <= 1:
        yield from map(function, batches)
        return
    pool = ThreadPoolExecutor(workers)
    try:
        yield from _prefetch(pool, function, batches, workers, deque())
    finally:
        pool.shutdown(cancel_futures=True)


def map_in_processes(
    function: Callable[[Sequence[Item]], Result], items: Iterable[Item], batch: int, workers: int | None = None
) -> Iterator[Result]:
    """Yield `function` of each `batch` of items in order; for Python code, which threads do not speed up.

    `function` stands in a module. No more items are taken than are worked on. A pool may cost a second: up to two
    batches are done here, and so is the rest where worker processes die or cannot be started.
    """
    few, batches = _useful_workers(_FEW + 1, _batches(items, batch))
    workers, batches = _useful_workers(workers or core_count(), batches)
    given: deque[Sequence[Item]] = deque()
    if workers > 1 and few > _FEW:
        pool = ProcessPoolExecutor(workers, process_context(), end_with_parent)
        try:
            yield from _prefetch(pool, function, batches, workers, given)
        except (BrokenProcessPool, OSError):
            pass
        finally:
            pool.shutdown(cancel_futures=True)
    yield from map(function, chain(given, batches))


def _prefetch(
    pool: Executor,
    function: Callable[[Sequence[Item]], Result],
    batches: Iterator[Sequence[Item]],
    workers: int,
    given: deque[Sequence[Item]],
) -> Iterator[Result]:
    """Yield the results in order; each worker has a batch before it beside the one that it works on.

    `given` holds the batches whose result was not yielded yet.
    """
    running: deque[Future[Result]] = deque()
    while True:
        for one in islice(batches, _AHEAD * workers - len(running)):
            given.append(one)
            with ignore_interrupts():
                running.append(pool.submit(function, one))
        if not running:
            return
        result = running.popleft().result()
        given.popleft()
        yield result


@dataclass(frozen=True, slots=True)
class Limits:
    """What a process may take: seconds of a core and by the clock, bytes of memory, bytes of its result."""

    cpu_s: int
    clock_s: float
    memory: int
    result: int


# What a process says that needs more time; no result is like it.
GOES_ON = b"goes on"
# In a process with limits: by what it speaks to who waits, and what it may take.
_heeding: list[tuple["Connection[Any, Any]", Limits]] = []


class ChildEndedError(Exception):
    """A process ended without a result: it reached a limit, or it broke."""


def run_in_child(function: Callable[..., bytes], *arguments: object, limits: Limits) -> bytes:
    """Return `function(*arguments)` from a process of its own, for what cannot be trusted to end or to keep its memory.

    `function` stands in a module. Raises ChildEndedError. Who waits holds up no other thread, and the process gives way
    to all others. Where the system knows no such limits (Windows), and for memory on a mac, the clock alone counts.
    """
    context = process_context()
    receiving, sending = context.Pipe(duplex=False)
    child = context.Process(target=_run_limited, args=(sending, limits, function, arguments), daemon=True)
    with receiving:
        try:
            with sending, ignore_interrupts():
                child.start()
        except OSError as error:
            raise ChildEndedError from error
        try:
            ends = time.monotonic() + limits.clock_s
            while receiving.poll(max(0.0, ends - time.monotonic())):
                if (said := receiving.recv_bytes(limits.result)) != GOES_ON:
                    return said
                ends += limits.clock_s
        except (EOFError, OSError) as error:
            raise ChildEndedError from error
        finally:
            child.kill()
            child.join()
            child.close()
    raise ChildEndedError


def _run_limited(
    sending: "Connection[bytes, bytes]", limits: Limits, function: Callable[..., bytes], given: Sequence[object]
) -> None:
    end_with_parent()
    if hasattr(os, "nice"):
        os.nice(_GIVING_WAY)
    limit_memory(limits.memory)
    limit_time(limits.cpu_s)
    enable_time_extension(sending, limits)
    with suppress(MemoryError):
        sending.send_bytes(function(*given))


def enable_time_extension(sending: "Connection[Any, Any]", limits: Limits) -> None:
    """Let `need_more` have an effect in this process, which sends its result by `sending`."""
    _heeding.append((sending, limits))


def extend_time() -> None:
    """Begin the time of this process anew, and tell who waits for it: for work of known length, piece by piece.

    In a process without limits it does nothing. Who calls it bounds how often.
    """
    for sending, limits in _heeding:
        limit_time(limits.cpu_s)
        sending.send_bytes(GOES_ON)


def limit_memory(most: int) -> None:
    """Let this process have `most` bytes of memory, and leave no core file; for good."""
    if sys.platform != "win32":
        import resource  # noqa: PLC0415 -- not on Windows

        with suppress(OSError, AttributeError):  # glibc sets 64 MB aside for each thread, which the limit would count
            CDLL(None).mallopt(_MOST_ARENAS, 1)
        _limit(resource.RLIMIT_AS, most, most)
        _limit(resource.RLIMIT_CORE, 0, 0)


def limit_time(more_s: int) -> None:
    """Let this process have `more_s` seconds of a core from now on, and end it then; another call allows others."""
    if sys.platform != "win32":
        import resource  # noqa: PLC0415 -- not on Windows

        used = resource.getrusage(resource.RUSAGE_SELF)
        _limit(resource.RLIMIT_CPU, ceil(used.ru_utime + used.ru_stime) + more_s, resource.RLIM_INFINITY)


def _limit(what: int, soft: int, hard: int) -> None:
    import resource  # noqa: PLC0415 -- not on Windows

    with suppress(ValueError, OSError):  # what the system does not count, or allows less of already
        resource.setrlimit(what, (soft, hard))


class StoppedError(Exception):
    """What is done beside it failed, or somebody pressed Ctrl+C."""


@contextmanager
def run_in_background(work: Callable[[Callable[[], None]], Result]) -> Iterator[Future[Result]]:
    """Run `work` in a thread while the body of the `with` runs; it has ended when the `with` does.

    `work` is given what to call now and then: it raises StoppedError once the body failed. An error of `work` is raised
    at the end of the body.
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
    each = iter(items)
    return iter(lambda: list(islice(each, size)), [])


def _useful_workers(most: int, batches: Iterator[Sequence[Item]]) -> tuple[int, Iterator[Sequence[Item]]]:
    """Return `most` or, where they are fewer, how many batches there are; and these batches, none taken."""
    first = list(islice(batches, most))
    return len(first), chain(first, batches)


@contextmanager
def ignore_interrupts() -> Iterator[None]:
    """Start processes that Ctrl+C does not reach: they are ended by this one, without words of their own."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    # Starting with the first process, it would undo this here.
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def end_with_parent() -> None:
    """Let a worker process end when its parent is killed, which nobody tells a worker that waits for work."""
    Thread(target=_wait_for_parent, daemon=True).start()


def _wait_for_parent() -> None:
    parent = parent_process()
    if parent:
        parent.join()
        os._exit(1)
