"""Turns charts, and values printed beside or above names, into tables."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from ingest.readers.pdf.bar_chart import bar_charts
from ingest.readers.pdf.chart_label import Label, axis_ticks, labels
from ingest.readers.pdf.drawing import Fill
from ingest.readers.pdf.geometry import Box, Glyph, bounding_box
from ingest.readers.pdf.legend import Chart, legend_keys
from ingest.readers.pdf.pie_chart import named_shares, pie_charts
from ingest.readers.pdf.table import Table
from ingest.readers.pdf.text_rows import Row, rows_of

# More shapes are a map, and more texts a list; each chart and share is looked for among all of them.
_MOST_FILLS, _MOST_LABELS = 3_000, 1_500
# Fewer names with a figure may stand so by chance.
_FEWEST = 3
# In sizes of a character: how level a line is, and how straight a column of names.
_LEVEL, _STRAIGHT = 0.5, 1.0
# Points: names of bars stand no further below their figures.
_HIGHEST = 260.0
# A legend stands no more lines from its bars.
_LEGEND = 4


class ChartTables(NamedTuple):
    """The tables of bars and slices, each with its place in the text layer, and the places of their characters there.

    The names may stand in a table as well, where they head the columns below the chart.
    """

    tables: list[tuple[Table, int]]
    figures: frozenset[int]
    names: frozenset[int]


def find_drawn_charts(glyphs: Sequence[Glyph], fills: Sequence[Fill]) -> ChartTables:
    """Return what bars, lines and slices tell with the figures printed at them; nothing of a map."""
    if not _FEWEST <= len(fills) <= _MOST_FILLS:
        return ChartTables([], frozenset(), frozenset())
    seen = labels(rows_of(glyphs))
    axes = axis_ticks(seen)
    amounts = [label for label in seen if label.is_amount and label not in axes]
    if len(amounts) < _FEWEST or len(seen) > _MOST_LABELS:
        return ChartTables([], frozenset(), frozenset())
    keys = list(legend_keys(seen, fills))
    found = [*bar_charts(seen, amounts, fills, keys)]
    told = {label for chart in found for _, row in chart.rows for label in row.values()}
    found += pie_charts(fills, [label for label in amounts if label not in told], seen, keys)
    figures = frozenset(at for chart in found for _, row in chart.rows for label in row.values() for at in label.glyphs)
    names = frozenset(at for chart in found for label in chart.labels for at in label.glyphs) - figures
    return ChartTables([_table_with_place(chart) for chart in found], figures, names)


def _table_with_place(chart: Chart) -> tuple[Table, int]:
    return _chart_table(chart), min(min(label.glyphs) for label in chart.labels)


def _chart_table(chart: Chart) -> Table:
    """Return the table that a chart is: a name and its figures a row."""
    width = max(len(chart.names), 1)
    rows = [
        (name.text if name else "", *(told[at].text if at in told else "" for at in range(width)))
        for name, told in chart.rows
    ]
    header = [("", *(name.text for name in chart.names))] if chart.names else []
    box = bounding_box([label.box for label in chart.labels])
    return Table(box, (*header, *rows), len(header), ())


def find_aligned_tables(glyphs: Sequence[Glyph]) -> tuple[list[tuple[Table, int]], list[Row]]:
    """Return the tables of names and figures beside or above each other, and the lines of what is in none.

    A line of which only a part would be in a table makes none, but for the shares of a whole.
    """
    rows = rows_of(glyphs)
    seen = labels(rows)
    shares = list(named_shares(seen)) if len(seen) <= _MOST_LABELS else []
    told = {at for chart in shares for label in chart.labels for at in label.glyphs}
    rows = rows_of([glyph for glyph in glyphs if glyph.at not in told]) if told else rows
    parts = labels(rows) if told else seen
    line_of = {glyph.at: at for at, row in enumerate(rows) for glyph in row.glyphs}
    levels = _levels(parts)
    found = [_table_with_place(chart) for chart in shares]
    taken: set[int] = set()
    for table, used in [*_tables_beside(levels), *_tables_above(levels, parts)]:
        own = {at for part in used for at in part.glyphs}
        lines = {line_of[at] for at in own}
        whole = own == {glyph.at for line in lines for glyph in rows[line].glyphs}
        if whole and not lines & taken:
            taken |= lines
            found.append((table, min(own)))
    return found, [row for at, row in enumerate(rows) if at not in taken]


def _levels(parts: Sequence[Label]) -> list[list[Label]]:
    """Return what stands on one level, from top to bottom, each from left to right."""
    levels: list[list[Label]] = []
    for part in sorted(parts, key=lambda part: -(part.box.bottom + part.box.top)):
        if levels and _is_level(levels[-1][0].box, part.box):
            levels[-1].append(part)
        else:
            levels.append([part])
    return [sorted(level, key=lambda part: part.box.left) for level in levels]


def _is_level(one: Box, other: Box) -> bool:
    return abs(one.bottom + one.top - other.bottom - other.top) / 2 < _LEVEL * (one.top - one.bottom)


def _tables_beside(levels: Sequence[Sequence[Label]]) -> Iterator[tuple[Table, list[Label]]]:
    """Yield the tables of names at the left with as many figures each beside them."""
    run: list[Sequence[Label]] = []
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


def _goes_on(above: Sequence[Label], level: Sequence[Label]) -> bool:
    """Whether a level has as many figures as the one above it, and its name stands straight below."""
    one, other = above[0].box, level[0].box
    straight = _STRAIGHT * (one.top - one.bottom)
    return len(above) == len(level) and min(abs(one.left - other.left), abs(one.right - other.right)) < straight


def _counts_pages(run: Sequence[Sequence[Label]]) -> bool:
    """Whether the figures are those of pages, as a table of contents has them."""
    numbers = [level[-1].text for level in run]
    return all(number.isdecimal() for number in numbers) and all(int(a) <= int(b) for a, b in pairwise(numbers))


def _legend(levels: Sequence[Sequence[Label]], rows: range, count: int) -> list[Label] | None:
    """Return the names of several figures a row, which stand on one level near them; [] for one, None without."""
    if count == 1:
        return []
    near = [*levels[rows.stop : rows.stop + _LEGEND], *reversed(levels[max(rows.start - _LEGEND, 0) : rows.start])]
    return next((list(level) for level in near if len(level) == count and all(part.is_name for part in level)), None)


def _tables_above(levels: Sequence[Sequence[Label]], parts: Sequence[Label]) -> Iterator[tuple[Table, list[Label]]]:
    """Yield the tables of names that stand side by side with as many figures each above them."""
    upright = [part for part in parts if part.box.top - part.box.bottom > 2 * (part.box.right - part.box.left)]
    sets: dict[int, list[Label]] = {}
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


def _slots(names: Sequence[Label], parts: Sequence[Label]) -> list[list[Label]]:
    """Return the figures above each name, from left to right."""
    sides = [(a.box.middle + b.box.middle) / 2 for a, b in pairwise(names)]
    sides = [2 * names[0].box.middle - sides[0], *sides, 2 * names[-1].box.middle - sides[-1]]
    low = max(name.box.top for name in names)
    above = [part for part in parts if part.is_amount and low < part.box.top < low + _HIGHEST]
    return [
        sorted((part for part in above if left <= part.box.middle < right), key=lambda part: part.box.middle)
        for left, right in pairwise(sides)
    ]


def _table(rows: Sequence[Sequence[str]], names: Sequence[Label], used: list[Label]) -> tuple[Table, list[Label]]:
    """Return the table with the parts that are in it."""
    used = [*used, *names]
    box = Box(
        min(part.box.left for part in used),
        min(part.box.bottom for part in used),
        max(part.box.right for part in used),
        max(part.box.top for part in used),
    )
    header = [("", *(part.text for part in names))] if names else []
    return Table(box, (*header, *map(tuple, rows)), len(header), ()), used
