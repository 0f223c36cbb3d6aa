"""Progress bars on a terminal."""

import sys
from collections.abc import Iterable, Sequence
from typing import TypeVar

from rich.console import Console
from rich.progress import track

T = TypeVar("T")


def with_progress_bar(items: Sequence[T], doing: str) -> Iterable[T]:
    """Iterate over `items` with a progress bar called `doing` on stderr, if that is a terminal."""
    return track(items, doing, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty())
