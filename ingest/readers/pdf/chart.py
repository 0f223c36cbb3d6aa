"""Names and figures that stand beside or above each other without lines: unruled lists, bars with their values."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from ingest.readers.pdf.page import Cell, Row
from ingest.readers.pdf.place import Box
from ingest.readers.pdf.table import Table

# Fewer names with a figure may stand so by chance.
_FEWEST = 3
# In sizes of a character: how level a line is, and how straight a column of names.
_LEVEL, _STRAIGHT = 0.5, 1.0
# Points: names of bars stand no further below their figures.
_HIGHEST = 260.0
# A legend stands no more lines from its bars.
_LEGEND = 4
_AMOUNT = re.compile(
    r"[▲△+\-－−]?\s?[\d０-９][\d０-９,，]*(?:[.．][\d０-９]+)?\s?[^\d\s０-９]{0,2}(?:[(（][^()（）]{1,4}[)）])?"
)
_NAME = re.compile(r"[A-Za-zＡ-Ｚａ-ｚ\u3041-\u30ff\u3400-\u9fff]")
_LEADER = re.compile(r"[.．・…‥]{3}")


class _Part(NamedTuple):
    """A name, a figure or other text with its place; `row` is the line of which it is a part."""

    text: str
    box: Box
    row: int

    @property
    def middle(self) -> float:
        return (self.box.left + self.box.right) / 2

    @property
    def is_amount(self) -> bool:
        return bool(_AMOUNT.fullmatch(self.text))

    @property
    def is_name(self) -> bool:
        return bool(_NAME.search(self.text)) and not self.is_amount and not _LEADER.search(self.text)


def charts(rows: Sequence[Row]) -> tuple[list[tuple[Table, int]], list[Row]]:
    """Return the tables that names and figures make by their places, each with its place in the text layer.

    The second value is the lines that are in none. A line of which only a part would be in a table makes none.
    """
    parts = [part for at, row in enumerate(rows) for part in _parts(row, at)]
    levels = _levels(parts)
    found: list[tuple[Table, int]] = []
    taken: set[int] = set()
    for table, used in [*_beside(levels), *_above(levels, parts)]:
        lines = {part.row for part in used}
        whole = sum(part.row in lines for part in parts) == len(used)
        if whole and not lines & taken:
            taken |= lines
            found.append((table, min(rows[line].at for line in lines)))
    return found, [row for at, row in enumerate(rows) if at not in taken]


def _parts(row: Row, at: int) -> Iterator[_Part]:
    for cell in row.cells or (Cell(row.text, row.left, row.right),):
        yield _Part(cell.text, Box(cell.left, row.bottom, cell.right, row.top), at)


def _levels(parts: Sequence[_Part]) -> list[list[_Part]]:
    """Return what stands on one level, from top to bottom, each from left to right."""
    levels: list[list[_Part]] = []
    for part in sorted(parts, key=lambda part: -(part.box.bottom + part.box.top)):
        if levels and _is_level(levels[-1][0].box, part.box):
            levels[-1].append(part)
        else:
            levels.append([part])
    return [sorted(level, key=lambda part: part.box.left) for level in levels]


def _is_level(one: Box, other: Box) -> bool:
    return abs(one.bottom + one.top - other.bottom - other.top) / 2 < _LEVEL * (one.top - one.bottom)


def _beside(levels: Sequence[Sequence[_Part]]) -> Iterator[tuple[Table, list[_Part]]]:
    """Yield the tables of names at the left with as many figures each beside them."""
    run: list[Sequence[_Part]] = []
    for at, level in enumerate([*levels, ()]):
        told = len(level) > 1 and level[0].is_name and all(part.is_amount for part in level[1:])
        if told and (not run or _goes_on(run[-1], level)):
            run.append(level)
            continue
        if len(run) >= _FEWEST and not _counts_pages(run):
            names = _legend(levels, range(at - len(run), at), len(run[0]) - 1)
            if names is not None:
                yield _table([[part.text for part in row] for row in run], names, [p for row in run for p in row])
        run = [level] if told else []


def _goes_on(above: Sequence[_Part], level: Sequence[_Part]) -> bool:
    """Whether a level has as many figures as the one above it, and its name stands straight below."""
    one, other = above[0].box, level[0].box
    straight = _STRAIGHT * (one.top - one.bottom)
    return len(above) == len(level) and min(abs(one.left - other.left), abs(one.right - other.right)) < straight


def _counts_pages(run: Sequence[Sequence[_Part]]) -> bool:
    """Whether the figures are those of pages, as a table of contents has them."""
    numbers = [level[-1].text for level in run]
    return all(number.isdecimal() for number in numbers) and all(int(a) <= int(b) for a, b in pairwise(numbers))


def _legend(levels: Sequence[Sequence[_Part]], rows: range, count: int) -> list[_Part] | None:
    """Return the names of several figures a row, which stand on one level near them; [] for one, None without."""
    if count == 1:
        return []
    near = [*levels[rows.stop : rows.stop + _LEGEND], *reversed(levels[max(rows.start - _LEGEND, 0) : rows.start])]
    return next((list(level) for level in near if len(level) == count and all(part.is_name for part in level)), None)


def _above(levels: Sequence[Sequence[_Part]], parts: Sequence[_Part]) -> Iterator[tuple[Table, list[_Part]]]:
    """Yield the tables of names that stand side by side with as many figures each above them."""
    upright = [part for part in parts if part.box.top - part.box.bottom > 2 * (part.box.right - part.box.left)]
    sets: dict[int, list[_Part]] = {}
    for part in sorted(upright, key=lambda part: part.box.left):
        sets.setdefault(round(part.box.top / 4), []).append(part)
    for names in [*(level for level in levels if len(level) >= _FEWEST), *sets.values()]:
        if len(names) < _FEWEST or not all(part.is_name for part in names):
            continue
        slots = _slots(names, parts)
        counts = {len(slot) for slot in slots}
        if len(counts) != 1 or counts == {0}:
            continue
        top = max(part.box.top for slot in slots for part in slot)
        at = next((i for i, level in enumerate(levels) if level[0].box.bottom < top), len(levels))
        legend = _legend(levels, range(at, at), len(slots[0]))
        if legend is not None:
            rows = [[name.text, *(part.text for part in slot)] for name, slot in zip(names, slots, strict=True)]
            yield _table(rows, legend, [*names, *(part for slot in slots for part in slot)])


def _slots(names: Sequence[_Part], parts: Sequence[_Part]) -> list[list[_Part]]:
    """Return the figures above each name, from left to right."""
    sides = [(a.middle + b.middle) / 2 for a, b in pairwise(names)]
    sides = [2 * names[0].middle - sides[0], *sides, 2 * names[-1].middle - sides[-1]]
    low = max(name.box.top for name in names)
    above = [part for part in parts if part.is_amount and low < part.box.top < low + _HIGHEST]
    return [
        sorted((part for part in above if left <= part.middle < right), key=lambda part: part.middle)
        for left, right in pairwise(sides)
    ]


def _table(rows: Sequence[Sequence[str]], names: Sequence[_Part], used: list[_Part]) -> tuple[Table, list[_Part]]:
    """Return the table with the parts that are in it."""
    used = [*used, *names]
    box = Box(
        min(part.box.left for part in used),
        min(part.box.bottom for part in used),
        max(part.box.right for part in used),
        max(part.box.top for part in used),
    )
    header = [("", *(part.text for part in names))] if names else []
    edges = tuple(box.left + n for n in range(len(rows[0]) + 1))
    return Table(box, (*header, *map(tuple, rows)), len(header), edges), used
