"""A pool of worker processes that enforces limits on each item.

A process an item (`parallel.in_child`) costs longer to start than a small file to read.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from math import inf
from multiprocessing.connection import wait
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar

from ingest.sandbox.parallel import (
    GOES_ON,
    ChildEndedError,
    Limits,
    core_count,
    enable_time_extension,
    end_with_parent,
    ignore_interrupts,
    limit_memory,
    limit_time,
    process_context,
)

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

Item = TypeVar("Item")
_PAGE = 4096
_READY, _GROWN, _FIT = b"ready", b"grown", b"fit"
# Seconds that a process may take to start on a busy machine.
_START_S = 60
# Of its memory: what reads scans takes half for good, and a second to start anew.
_SPENT = 2 / 3


def map_in_workers(
    function: Callable[[Item], bytes], items: Sequence[Item], limits: Limits, workers: int | None = None
) -> Iterator[tuple[int, bytes | None]]:
    """Yield the place of each item and `function` of it, as soon as it is done, by one worker a core.

    None stands for an item that took more than `limits` or broke its worker; another worker goes on with the others.
    One that has grown to two thirds of the memory is replaced, too: no item pays much for those before it. `function`
    stands in a module. Raises ChildEndedError where no process can be started.
    """
    waiting = deque(enumerate(items))
    most = min(workers or core_count(), len(items))
    idle: list[_Worker] = []
    busy: list[_Worker] = []
    try:
        # All at once: they start side by side.
        while len(idle) < most:
            idle.append(_Worker(limits, function))
        while waiting or busy:
            while waiting and len(busy) < most:
                busy.append(idle.pop() if idle else _Worker(limits, function))
                busy[-1].take(*waiting.popleft())
            for worker in _ready(busy):
                done = worker.result()
                if done is None:
                    continue
                busy.remove(worker)
                if worker.is_spent:
                    worker.end()
                else:
                    idle.append(worker)
                yield done
    finally:
        for worker in (*idle, *busy):
            worker.end()


def _ready(busy: Sequence["_Worker"]) -> list["_Worker"]:
    """Wait until a worker has a result, has died or is over its time; return those."""
    soonest = min(worker.deadline for worker in busy)
    wait([worker.pipe for worker in busy], max(0.0, soonest - monotonic()))
    now = monotonic()
    return [worker for worker in busy if worker.pipe.poll() or worker.deadline <= now]


class _Worker:
    """A process that is given one item after another; `is_spent` where it can be given no more."""

    def __init__(self, limits: Limits, function: Callable[[Any], bytes]) -> None:
        context = process_context()
        self._limits = limits
        self._place = 0
        self._started = False
        self.deadline = inf
        self.is_spent = False
        self.pipe, other = context.Pipe()
        self._process = context.Process(target=_work, args=(other, limits, function), daemon=True)
        try:
            with other, ignore_interrupts():
                self._process.start()
        except OSError as error:
            self.pipe.close()
            raise ChildEndedError from error

    def take(self, place: int, item: object) -> None:
        """Begin with the item of this place, once the process has started, which is not of the item's time."""
        with suppress(EOFError, OSError):  # it has died: `result` tells
            if not self._started and self.pipe.poll(_START_S):
                self._started = self.pipe.recv_bytes() == _READY
            self.pipe.send(item)
        self._place, self.deadline = place, monotonic() + self._limits.clock_s

    def result(self) -> tuple[int, bytes | None] | None:
        """Return the item's place and what was made of it, None for that where it is not within the limits.

        None where the worker needs more time, which it has then.
        """
        try:
            if self.pipe.poll():
                made = self.pipe.recv_bytes(self._limits.result)
                if made == GOES_ON:
                    self.deadline = monotonic() + self._limits.clock_s
                    return None
                self.is_spent = self.pipe.recv_bytes() == _GROWN
                return self._place, made
        except (EOFError, OSError):
            pass
        self.is_spent = True
        return self._place, None

    def end(self) -> None:
        """Leave nothing of the process."""
        self._process.kill()
        self._process.join()
        self._process.close()
        self.pipe.close()


def _work(pipe: "Connection[Any, Any]", limits: Limits, function: Callable[[Any], bytes]) -> None:
    end_with_parent()
    limit_memory(limits.memory)
    enable_time_extension(pipe, limits)
    with suppress(EOFError, MemoryError, BrokenPipeError):
        pipe.send_bytes(_READY)
        while True:
            item = pipe.recv()
            limit_time(limits.cpu_s)
            pipe.send_bytes(function(item))
            pipe.send_bytes(_GROWN if _size() > limits.memory * _SPENT else _FIT)


def _size() -> int:
    """Return the bytes of memory that this process has, as its limit counts them; 0 where the system does not tell."""
    try:
        return int(Path("/proc/self/statm").read_text("ascii").split()[0]) * _PAGE
    except (OSError, ValueError):
        return 0
