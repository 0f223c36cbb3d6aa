"""Progress bars on a terminal."""

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from rich.console import Console
from rich.progress import Progress, track

T = TypeVar("T")


def with_progress_bar(items: Sequence[T], doing: str) -> Iterable[T]:
    """Iterate over `items` with a progress bar called `doing` on stderr, if that is a terminal."""
    return track(items, doing, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty())


@contextmanager
def progress_bar(total: int) -> Iterator[Callable[[str, int], None]]:
    """Show a progress bar on stderr, if that is a terminal; yields a function of (description, number done)."""
    with Progress(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task("", total=total)

        def update(doing: str, done: int) -> None:
            bar.update(task, description=doing, completed=done)

        yield update
