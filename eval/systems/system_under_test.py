"""The system that a run measures: how to ask it, its configuration, and diagnostics per answer."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any

from eval.storage.config import strip_credentials
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
