"""What a run measures, and the way to a running server."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from eval.ask import Ask, over_http
from eval.config import without_user


@dataclass(frozen=True, slots=True)
class Subject:
    """The door to ask through, and what describes it in config.json."""

    ask: Ask
    config: dict[str, Any]


@contextmanager
def server(url: str) -> Iterator[Subject]:
    """Ask the server at `url`, which keeps its settings to itself."""
    with over_http(url) as ask:
        yield Subject(ask, {"url": without_user(url)})
