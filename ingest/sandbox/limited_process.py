"""Runs functions in processes with limits on time, memory and result size, one or many items a process."""

import os
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from ctypes import CDLL
from dataclasses import dataclass
from functools import partial
from math import ceil, inf
from multiprocessing.connection import wait
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar

from ingest.sandbox.parallel import core_count, end_with_parent, ignore_interrupts, process_context

if sys.platform != "win32":
    import resource

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

MORE_TIME = b"goes on"
"""The message of a process that needs more time; no result equals it."""
# M_ARENA_MAX of glibc's malloc.h.
_M_ARENA_MAX = -8
# Niceness of limited processes, so that questions are answered first.
_NICENESS = 10

Item = TypeVar("Item")
_PAGE_BYTES = 4096
_READY = b"ready"
_RECYCLE = b"grown"
_REUSE = b"fit"
# Timeout for starting on a busy machine.
_START_TIMEOUT_S = 60
# Share of the memory limit above which a worker is replaced: OCR keeps half of it, and takes a second to start.
_RECYCLE_SHARE = 2 / 3


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of a process: CPU seconds, wall-clock seconds, bytes of memory and of its result."""

    cpu_s: int
    wall_s: float
    memory_bytes: int
    result_bytes: int


# In a limited process: its connection to the parent, and its limits.
_time_limited: list[tuple["Connection[Any, Any]", Limits]] = []


class ChildEndedError(Exception):
    """A process ended without a result: it reached a limit or crashed."""


def extend_time() -> None:
    """Restart the time limit of this process and of its parent; for work in pieces of bounded number.

    Without limits it does nothing.
    """
    for sender, limits in _time_limited:
        limit_time(limits.cpu_s)
        sender.send_bytes(MORE_TIME)


def limit_memory(max_bytes: int) -> None:
    """Limit the memory of this process for good, and disable core dumps."""
    if sys.platform != "win32":
        with suppress(OSError, AttributeError):  # glibc reserves 64 MB per thread, which would count
            CDLL(None).mallopt(_M_ARENA_MAX, 1)
        _set_limit(resource.RLIMIT_AS, max_bytes, max_bytes)
        _set_limit(resource.RLIMIT_CORE, 0, 0)


def limit_time(seconds: int) -> None:
    """Limit the CPU time of this process from now on; a later call replaces the limit."""
    if sys.platform != "win32":
        used = resource.getrusage(resource.RUSAGE_SELF)
        _set_limit(resource.RLIMIT_CPU, ceil(used.ru_utime + used.ru_stime) + seconds, resource.RLIM_INFINITY)


def _set_limit(resource_id: int, soft: int, hard: int) -> None:
    with suppress(ValueError, OSError):  # not supported, or a lower limit applies already
        resource.setrlimit(resource_id, (soft, hard))


def run_in_child(function: Callable[..., bytes], *arguments: object, limits: Limits) -> bytes:
    """Return `function(*arguments)` from a process of its own with limits and a low priority.

    `function` must be importable. Raises ChildEndedError. On Windows, and for memory on macOS, only the wall clock is
    limited.
    """
    ((_, result),) = map_in_workers(partial(_apply, function), [arguments], limits, workers=1, niceness=_NICENESS)
    if result is None:
        raise ChildEndedError
    return result


def _apply(function: Callable[..., bytes], arguments: Sequence[object]) -> bytes:
    return function(*arguments)


def map_in_workers(
    function: Callable[[Item], bytes],
    items: Sequence[Item],
    limits: Limits,
    workers: int | None = None,
    *,
    niceness: int = 0,
) -> Iterator[tuple[int, bytes | None]]:
    """Yield the index of each item with `function` of it, as soon as it is done, on all cores.

    The result is None for an item that exceeded `limits` or crashed its worker; another worker continues. Workers
    that use two thirds of the memory limit are replaced. `function` must be importable. Raises ChildEndedError if no
    process starts.
    """
    queue = deque(enumerate(items))
    worker_count = min(workers or core_count(), len(items))
    idle: list[_Worker] = []
    busy: list[_Worker] = []
    try:
        # All at once, to start in parallel.
        while len(idle) < worker_count:
            idle.append(_Worker(limits, function, niceness))
        while queue or busy:
            while queue and len(busy) < worker_count:
                busy.append(idle.pop() if idle else _Worker(limits, function, niceness))
                busy[-1].start_item(*queue.popleft())
            wait([worker.pipe for worker in busy], max(0.0, min(worker.deadline for worker in busy) - monotonic()))
            now = monotonic()
            for worker in [worker for worker in busy if worker.pipe.poll() or worker.deadline <= now]:
                result = worker.result()
                if result is None:
                    continue
                busy.remove(worker)
                if worker.is_spent:
                    worker.end()
                else:
                    idle.append(worker)
                yield result
    finally:
        for worker in (*idle, *busy):
            worker.end()


class _Worker:
    """A process that works on one item after another, until it `is_spent`."""

    def __init__(self, limits: Limits, function: Callable[[Any], bytes], niceness: int) -> None:
        context = process_context()
        self._limits = limits
        self._index = 0
        self._started = False
        self.deadline = inf
        self.is_spent = False
        self.pipe, other = context.Pipe()
        self._process = context.Process(target=_run_worker, args=(other, limits, function, niceness), daemon=True)
        try:
            with other, ignore_interrupts():
                self._process.start()
        except OSError as error:
            self.pipe.close()
            raise ChildEndedError from error

    def start_item(self, index: int, item: object) -> None:
        with suppress(EOFError, OSError):  # it died; `result` reports it
            if not self._started and self.pipe.poll(_START_TIMEOUT_S):
                self._started = self.pipe.recv_bytes() == _READY
            self.pipe.send(item)
        self._index = index
        self.deadline = monotonic() + self._limits.wall_s

    def result(self) -> tuple[int, bytes | None] | None:
        """Return the item's index and result, None for a result outside the limits.

        None if the worker asked for more time, which is granted.
        """
        try:
            if self.pipe.poll():
                output = self.pipe.recv_bytes(self._limits.result_bytes)
                if output == MORE_TIME:
                    self.deadline = monotonic() + self._limits.wall_s
                    return None
                self.is_spent = self.pipe.recv_bytes() == _RECYCLE
                return self._index, output
        except (EOFError, OSError):
            pass
        self.is_spent = True
        return self._index, None

    def end(self) -> None:
        self._process.kill()
        self._process.join()
        self._process.close()
        self.pipe.close()


def _run_worker(pipe: "Connection[Any, Any]", limits: Limits, function: Callable[[Any], bytes], niceness: int) -> None:
    end_with_parent()
    if niceness and hasattr(os, "nice"):
        os.nice(niceness)
    limit_memory(limits.memory_bytes)
    _time_limited.append((pipe, limits))
    with suppress(EOFError, MemoryError, BrokenPipeError):
        pipe.send_bytes(_READY)
        while True:
            item = pipe.recv()
            limit_time(limits.cpu_s)
            pipe.send_bytes(function(item))
            pipe.send_bytes(_RECYCLE if _memory_bytes() > limits.memory_bytes * _RECYCLE_SHARE else _REUSE)


def _memory_bytes() -> int:
    try:
        return int(Path("/proc/self/statm").read_text("ascii").split()[0]) * _PAGE_BYTES
    except (OSError, ValueError):
        return 0
