"""Boxes and glyphs on a page, in points from its lower left corner."""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, TypeVar

# Tolerance of coordinates in points.
TOLERANCE = 0.7


Placed = TypeVar("Placed")


class Glyph(NamedTuple):
    """A UTF-16 code unit with its box and its `position` in the text layer.

    White space has no width and is placed at the right end of the character before it.
    """

    char: str
    left: float
    bottom: float
    right: float
    top: float
    position: int


class Box(NamedTuple):
    """A rectangle on the page."""

    left: float
    bottom: float
    right: float
    top: float

    @property
    def area(self) -> float:
        return (self.right - self.left) * (self.top - self.bottom)

    def encloses(self, other: "Box") -> bool:
        return (
            self.left - TOLERANCE <= other.left
            and other.right <= self.right + TOLERANCE
            and self.bottom - TOLERANCE <= other.bottom
            and other.top <= self.top + TOLERANCE
        )

    def contains_centre(self, other: "Box | Glyph") -> bool:
        x = (other.left + other.right) / 2
        y = (other.bottom + other.top) / 2
        return self.left <= x <= self.right and self.bottom <= y <= self.top

    def glyphs_inside(self, glyphs: Iterable[Glyph]) -> list[Glyph]:
        """Return the characters whose centre is inside, without CR and LF."""
        left = 2 * self.left
        bottom = 2 * self.bottom
        right = 2 * self.right
        top = 2 * self.top
        return [
            glyph
            for glyph in glyphs
            if left <= glyph.left + glyph.right <= right
            and bottom <= glyph.bottom + glyph.top <= top
            and glyph.char not in "\r\n"
        ]


def bounding_box(boxes: Sequence[Box | Glyph]) -> Box:
    """Return the box around all boxes."""
    return Box(
        min(box.left for box in boxes),
        min(box.bottom for box in boxes),
        max(box.right for box in boxes),
        max(box.top for box in boxes),
    )


def group_by_place(
    items: Iterable[Placed], coordinate: Callable[[Placed], float], distance: float
) -> list[list[Placed]]:
    """Return the items by ascending coordinate, in groups that extend over `distance` at most."""
    groups: list[list[Placed]] = []
    for item in sorted(items, key=coordinate):
        if groups and coordinate(item) - coordinate(groups[-1][0]) <= distance:
            groups[-1].append(item)
        else:
            groups.append([item])
    return groups
