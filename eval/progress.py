"""A bar for work that goes over the questions one by one."""

import sys
from collections.abc import Iterable, Sequence
from typing import TypeVar

from rich.console import Console
from rich.progress import track

T = TypeVar("T")


def tracked(items: Sequence[T], doing: str) -> Iterable[T]:
    """Return `items` to go over; meanwhile a bar that is called `doing` shows on stderr, where that is a terminal."""
    return track(items, doing, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty())
