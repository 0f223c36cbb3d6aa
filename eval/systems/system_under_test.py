"""The system under test: what answers the questions of a run."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import Any

from eval.storage.provenance import strip_credentials
from eval.systems.ask import Ask, ask_via_http
from eval.systems.cited_passages import CitedPassages


def _no_diagnostics(_answer: Mapping[str, Any]) -> dict[str, Any]:
    return {}


@dataclass(frozen=True, slots=True)
class SystemUnderTest:
    """The door to ask through, and what describes it in config.json.

    `beside` returns what the door saw beside the answer that it gave this thread last, as JSON. Where `reopen` is
    given, several are asked in as many processes, each with a door of its own: what answers is Python, which threads
    do not speed up. `in_process` tells that what answers does so in the thread that asks.
    """

    ask: Ask
    config: dict[str, Any]
    beside: Callable[[Mapping[str, Any]], dict[str, Any]] = _no_diagnostics
    reopen: "Callable[[], AbstractContextManager[SystemUnderTest]] | None" = None
    in_process: bool = False


@contextmanager
def open_server(url: str) -> Iterator[SystemUnderTest]:
    """Ask the server at `url`, which keeps its settings to itself; its sources are read over the API too."""
    with ask_via_http(url) as ask, CitedPassages.at(url) as sources:
        yield SystemUnderTest(ask, {"url": strip_credentials(url)}, sources.beside)


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
