"""Matrix products on one thread: what calls this runs on several already, and processes share the cores."""

from threading import Lock
from typing import Any


class OneThread:
    """A context in which NumPy's matrix library uses one thread; several threads may be in it at once.

    The library has one setting for the whole process: who enters first makes it, and who leaves last takes it back.
    """

    def __init__(self) -> None:
        from threadpoolctl import ThreadpoolController  # noqa: PLC0415 -- looks through the libraries that are loaded

        self._controller: Any = ThreadpoolController()  # type: ignore[no-untyped-call]
        self._lock = Lock()
        self._inside = 0
        self._limit: Any = None

    def __enter__(self) -> None:
        with self._lock:
            if not self._inside:
                self._limit = self._controller.limit(limits=1, user_api="blas")
            self._inside += 1

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._inside -= 1
            if not self._inside:
                self._limit.restore_original_limits()
