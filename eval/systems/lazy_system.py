"""A system under test that is opened when the first question is asked."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack
from threading import Lock
from typing import Any

from eval.systems.system_under_test import SystemUnderTest


class LazySystem:
    """The subject behind `reopen`, opened once, by whichever thread asks first; `close` it."""

    def __init__(self, reopen: Callable[[], AbstractContextManager[SystemUnderTest]]) -> None:
        self._reopen = reopen
        self._open = ExitStack()
        self._lock = Lock()
        self._subject: SystemUnderTest | None = None

    def ask(self, body: dict[str, Any]) -> dict[str, Any]:
        """Ask through the door. Raises what opening it raises, too."""
        return self.subject().ask(body)

    def beside(self, answer: Mapping[str, Any]) -> dict[str, Any]:
        """Return what the door saw beside the answer."""
        return self.subject().beside(answer)

    def subject(self) -> SystemUnderTest:
        """Return what is behind the door. Raises IngestError or BotError where it cannot be opened."""
        with self._lock:
            if self._subject is None:
                self._subject = self._open.enter_context(self._reopen())
            return self._subject

    def close(self) -> None:
        """Close the door, where it was opened."""
        self._open.close()
