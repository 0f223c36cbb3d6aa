"""Runs a function in a process with limits on time, memory and result size."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from ctypes import CDLL
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Any

from ingest.sandbox.parallel import end_with_parent, ignore_interrupts, process_context

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

MORE_TIME = b"goes on"
"""The message of a process that needs more time; no result equals it."""
# M_ARENA_MAX of glibc's malloc.h.
_M_ARENA_MAX = -8
# Niceness of limited processes, so that questions are answered first.
_NICENESS = 10


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


def run_in_child(function: Callable[..., bytes], *arguments: object, limits: Limits) -> bytes:
    """Return `function(*arguments)` from a child process with limits and a low priority.

    `function` must be importable. Raises ChildEndedError. On Windows, and for memory on macOS, only the wall clock is
    limited.
    """
    context = process_context()
    receiver, sender = context.Pipe(duplex=False)
    child = context.Process(target=_run_limited, args=(sender, limits, function, arguments), daemon=True)
    with receiver:
        try:
            with sender, ignore_interrupts():
                child.start()
        except OSError as error:
            raise ChildEndedError from error
        try:
            deadline = time.monotonic() + limits.wall_s
            while receiver.poll(max(0.0, deadline - time.monotonic())):
                if (message := receiver.recv_bytes(limits.result_bytes)) != MORE_TIME:
                    return message
                deadline += limits.wall_s
        except (EOFError, OSError) as error:
            raise ChildEndedError from error
        finally:
            child.kill()
            child.join()
            child.close()
    raise ChildEndedError


def _run_limited(
    sender: "Connection[bytes, bytes]", limits: Limits, function: Callable[..., bytes], arguments: Sequence[object]
) -> None:
    end_with_parent()
    if hasattr(os, "nice"):
        os.nice(_NICENESS)
    limit_memory(limits.memory_bytes)
    limit_time(limits.cpu_s)
    enable_time_extension(sender, limits)
    with suppress(MemoryError):
        sender.send_bytes(function(*arguments))


def enable_time_extension(sender: "Connection[Any, Any]", limits: Limits) -> None:
    """Let `extend_time` work in this process, which sends its result through `sender`."""
    _time_limited.append((sender, limits))


def extend_time() -> None:
    """Restart the time limit of this process and of its parent; for work in pieces of bounded number.

    Without limits it does nothing.
    """
    for sender, limits in _time_limited:
        limit_time(limits.cpu_s)
        sender.send_bytes(MORE_TIME)


@contextmanager
def raise_before_limit(error: Exception) -> Iterator[None]:
    """Raise `error` in the body at four fifths of the process's limit on CPU time, so that a result can still be sent.

    Without limits, and on Windows, it does nothing.
    """
    if not _time_limited or sys.platform == "win32":
        yield
        return

    def raise_error(_signal: int, _frame: object) -> None:
        raise error

    previous = signal.signal(signal.SIGPROF, raise_error)
    signal.setitimer(signal.ITIMER_PROF, _time_limited[-1][1].cpu_s * 0.8)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, previous)


def limit_memory(max_bytes: int) -> None:
    """Limit the memory of this process for good, and disable core dumps."""
    if sys.platform != "win32":
        import resource  # noqa: PLC0415 -- not on Windows

        with suppress(OSError, AttributeError):  # glibc reserves 64 MB per thread, which would count
            CDLL(None).mallopt(_M_ARENA_MAX, 1)
        _set_limit(resource.RLIMIT_AS, max_bytes, max_bytes)
        _set_limit(resource.RLIMIT_CORE, 0, 0)


def limit_time(seconds: int) -> None:
    """Limit the CPU time of this process from now on; a later call replaces the limit."""
    if sys.platform != "win32":
        import resource  # noqa: PLC0415 -- not on Windows

        used = resource.getrusage(resource.RUSAGE_SELF)
        _set_limit(resource.RLIMIT_CPU, ceil(used.ru_utime + used.ru_stime) + seconds, resource.RLIM_INFINITY)


def _set_limit(resource_id: int, soft: int, hard: int) -> None:
    import resource  # noqa: PLC0415 -- not on Windows

    with suppress(ValueError, OSError):  # not supported, or a lower limit applies already
        resource.setrlimit(resource_id, (soft, hard))
