"""A pool of worker processes that enforces limits on each item.

Starting a process per item takes longer than reading a small file.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from math import inf
from multiprocessing.connection import wait
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar

from ingest.sandbox.limited_process import (
    MORE_TIME,
    ChildEndedError,
    Limits,
    enable_time_extension,
    limit_memory,
    limit_time,
)
from ingest.sandbox.parallel import core_count, end_with_parent, ignore_interrupts, process_context

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

Item = TypeVar("Item")
_PAGE_BYTES = 4096
_READY = b"ready"
_RECYCLE = b"grown"
_REUSE = b"fit"
# Timeout for starting on a busy machine.
_START_TIMEOUT_S = 60
# Share of the memory limit above which a worker is replaced: OCR keeps half of it, and takes a second to start.
_RECYCLE_SHARE = 2 / 3


def map_in_workers(
    function: Callable[[Item], bytes], items: Sequence[Item], limits: Limits, workers: int | None = None
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
            idle.append(_Worker(limits, function))
        while queue or busy:
            while queue and len(busy) < worker_count:
                busy.append(idle.pop() if idle else _Worker(limits, function))
                busy[-1].start_item(*queue.popleft())
            for worker in _finished_workers(busy):
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


def _finished_workers(busy: Sequence["_Worker"]) -> list["_Worker"]:
    next_deadline = min(worker.deadline for worker in busy)
    wait([worker.pipe for worker in busy], max(0.0, next_deadline - monotonic()))
    now = monotonic()
    return [worker for worker in busy if worker.pipe.poll() or worker.deadline <= now]


class _Worker:
    """A process that works on one item after another, until it `is_spent`."""

    def __init__(self, limits: Limits, function: Callable[[Any], bytes]) -> None:
        context = process_context()
        self._limits = limits
        self._index = 0
        self._started = False
        self.deadline = inf
        self.is_spent = False
        self.pipe, other = context.Pipe()
        self._process = context.Process(target=_run_worker, args=(other, limits, function), daemon=True)
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


def _run_worker(pipe: "Connection[Any, Any]", limits: Limits, function: Callable[[Any], bytes]) -> None:
    end_with_parent()
    limit_memory(limits.memory_bytes)
    enable_time_extension(pipe, limits)
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
