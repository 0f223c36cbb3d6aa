"""A door that lets in one at a time of those with the same name."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock


class OneAtATime:
    """Lets in one at a time of those with the same name, and tells who had to wait. Safe to share between threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._doors: dict[str, tuple[Lock, int]] = {}

    @contextmanager
    def __call__(self, name: str) -> Iterator[bool]:
        """Go in when nobody of this name is inside; yield whether one had to wait."""
        with self._lock:
            door, before = self._doors.get(name, (Lock(), 0))
            self._doors[name] = door, before + 1
        try:
            with door:
                yield before > 0
        finally:
            with self._lock:
                door, here = self._doors.pop(name)
                if here > 1:
                    self._doors[name] = door, here - 1
