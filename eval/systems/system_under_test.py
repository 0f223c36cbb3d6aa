"""The system under test, which answers the questions of a run."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import Any

from eval.storage.provenance import strip_credentials
from eval.systems.asking import Ask, ask_via_http
from eval.systems.cited_passages import CitedPassages


def _no_diagnostics(_answer: Mapping[str, Any]) -> dict[str, Any]:
    return {}


@dataclass(frozen=True, slots=True)
class SystemUnderTest:
    """The system that is asked; `config` describes it in config.json.

    `observations` returns JSON about the last answer in the calling thread. With `reopen`, concurrent questions are
    asked in several processes, each with its own instance, because threads do not speed up Python. `in_process` tells
    whether the system answers in the calling thread.
    """

    ask: Ask
    config: dict[str, Any]
    observations: Callable[[Mapping[str, Any]], dict[str, Any]] = _no_diagnostics
    reopen: "Callable[[], AbstractContextManager[SystemUnderTest]] | None" = None
    in_process: bool = False


@contextmanager
def open_server(url: str) -> Iterator[SystemUnderTest]:
    """Open the server at `url`; its settings are unknown, its cited passages are read over the API."""
    with ask_via_http(url) as ask, CitedPassages.at(url) as sources:
        yield SystemUnderTest(ask, {"url": strip_credentials(url)}, sources.observations)


class LazySystem:
    """A system that the first question opens; `close` it."""

    def __init__(self, reopen: Callable[[], AbstractContextManager[SystemUnderTest]]) -> None:
        self._reopen = reopen
        self._open = ExitStack()
        self._lock = Lock()
        self._subject: SystemUnderTest | None = None

    def ask(self, body: dict[str, Any]) -> dict[str, Any]:
        """Ask the system. Also raises what opening it raises."""
        return self.subject().ask(body)

    def observations(self, answer: Mapping[str, Any]) -> dict[str, Any]:
        """Return the system's observations about the answer."""
        return self.subject().observations(answer)

    def subject(self) -> SystemUnderTest:
        """Return the opened system. Raises IngestError or BotError if it cannot be opened."""
        with self._lock:
            if self._subject is None:
                self._subject = self._open.enter_context(self._reopen())
            return self._subject

    def close(self) -> None:
        """Close the system if it was opened."""
        self._open.close()
