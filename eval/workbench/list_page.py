"""Splits a long list into pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")
# Some three screens of a desktop.
LENGTH = 25


@dataclass(frozen=True, slots=True)
class ListPage(Generic[T]):
    """`shown` is the part `number` (from 1) of `parts`, its first item the `first`th (from 1) of `n`."""

    shown: tuple[T, ...]
    number: int
    parts: int
    first: int
    n: int


def slice_page(items: Sequence[T], number: int) -> ListPage[T]:
    """Return a part of a list; a number beyond either end means the part there. An empty list has one empty part."""
    parts = max(1, -(-len(items) // LENGTH))
    number = min(max(number, 1), parts)
    start = (number - 1) * LENGTH
    return ListPage(tuple(items[start : start + LENGTH]), number, parts, start + 1, len(items))
