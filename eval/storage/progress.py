"""Progress bars on a terminal."""

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from rich.console import Console
from rich.progress import Progress, track

T = TypeVar("T")


def with_progress_bar(items: Sequence[T], doing: str) -> Iterable[T]:
    """Return `items` to go over; meanwhile a bar that is called `doing` shows on stderr, where that is a terminal."""
    return track(items, doing, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty())


@contextmanager
def progress_bar(total: int) -> Iterator[Callable[[str, int], None]]:
    """Show a bar on stderr, where that is a terminal; yield what tells it what is being done and how much is."""
    with Progress(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as shown:
        task = shown.add_task("", total=total)

        def told(doing: str, done: int) -> None:
            shown.update(task, description=doing, completed=done)

        yield told
