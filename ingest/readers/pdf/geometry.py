"""Boxes and glyphs on a page, in points from its lower left corner."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

# Points that a side may be off.
SLANT = 0.7


class Box(NamedTuple):
    """A rectangle on the page."""

    left: float
    bottom: float
    right: float
    top: float

    @property
    def area(self) -> float:
        """Its surface."""
        return (self.right - self.left) * (self.top - self.bottom)

    @property
    def middle(self) -> float:
        """Its middle along the line."""
        return (self.left + self.right) / 2

    @property
    def height(self) -> float:
        """The middle of its height on the page."""
        return (self.bottom + self.top) / 2

    def around(self, other: "Box") -> bool:
        """Whether all of `other` lies inside, or hardly outside."""
        return (
            self.left - SLANT <= other.left
            and other.right <= self.right + SLANT
            and self.bottom - SLANT <= other.bottom
            and other.top <= self.top + SLANT
        )

    def holds(self, other: "Box | Glyph") -> bool:
        """Whether the middle of `other` lies inside."""
        x, y = (other.left + other.right) / 2, (other.bottom + other.top) / 2
        return self.left <= x <= self.right and self.bottom <= y <= self.top

    def held(self, glyphs: "Iterable[Glyph]") -> "list[Glyph]":
        """Return the characters of which the middle lies inside, without CR and LF."""
        left, bottom, right, top = 2 * self.left, 2 * self.bottom, 2 * self.right, 2 * self.top
        return [
            g
            for g in glyphs
            if left <= g.left + g.right <= right and bottom <= g.bottom + g.top <= top and g.char not in "\r\n"
        ]


class Placed(Protocol):
    """What has a place on the page."""

    @property
    def left(self) -> float: ...  # noqa: D102
    @property
    def bottom(self) -> float: ...  # noqa: D102
    @property
    def right(self) -> float: ...  # noqa: D102
    @property
    def top(self) -> float: ...  # noqa: D102


def bounding_box(placed: Sequence[Placed]) -> Box:
    """Return the box around what stands on the page."""
    return Box(
        min(one.left for one in placed),
        min(one.bottom for one in placed),
        max(one.right for one in placed),
        max(one.top for one in placed),
    )


class Glyph(NamedTuple):
    """A UTF-16 code unit with its box and its place `at` in the text layer.

    White space has no width and stands where the character before it ends.
    """

    char: str
    left: float
    bottom: float
    right: float
    top: float
    at: int
