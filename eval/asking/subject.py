"""What a run measures, and the way to a running server."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any

from eval.asking.ask import Ask, over_http
from eval.asking.sources import Sources
from eval.runs.config import without_user


def _nothing(_answer: Mapping[str, Any]) -> dict[str, Any]:
    return {}


@dataclass(frozen=True, slots=True)
class Subject:
    """The door to ask through, and what describes it in config.json.

    `beside` returns what the door saw beside the answer that it gave this thread last, as JSON. Where `reopen` is
    given, several are asked in as many processes, each with a door of its own: what answers is Python, which threads
    do not speed up. `in_process` tells that what answers does so in the thread that asks.
    """

    ask: Ask
    config: dict[str, Any]
    beside: Callable[[Mapping[str, Any]], dict[str, Any]] = _nothing
    reopen: "Callable[[], AbstractContextManager[Subject]] | None" = None
    in_process: bool = False


@contextmanager
def server(url: str) -> Iterator[Subject]:
    """Ask the server at `url`, which keeps its settings to itself; its sources are read over the API too."""
    with over_http(url) as ask, Sources.at(url) as sources:
        yield Subject(ask, {"url": without_user(url)}, sources.beside)
