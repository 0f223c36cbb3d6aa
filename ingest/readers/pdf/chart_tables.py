"""Turns charts, and values printed beside or above names, into tables."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from ingest.readers.pdf.bar_chart import find_bar_charts
from ingest.readers.pdf.chart_label import ChartLabel, axis_ticks, split_labels
from ingest.readers.pdf.drawing import Fill
from ingest.readers.pdf.geometry import Box, Glyph, bounding_box
from ingest.readers.pdf.legend import PdfChart, find_legend_keys
from ingest.readers.pdf.pdf_table import PdfTable
from ingest.readers.pdf.pie_chart import find_named_shares, find_pie_charts
from ingest.readers.pdf.text_rows import TextRow, group_rows

# More shapes are a map, more texts a list; the search is quadratic in them.
_MAX_FILLS = 3_000
_MAX_LABELS = 1_500
# Fewer names with figures may be aligned by chance.
_MIN_ROWS = 3
# In character sizes: tolerance of a level.
_LEVEL_TOLERANCE = 0.5
# In character sizes: tolerance of a column's alignment.
_ALIGNMENT = 1.0
# Points: maximum distance of figures above their names.
_MAX_FIGURE_DISTANCE = 260.0
# Maximum number of lines between a legend and its bars.
_MAX_LEGEND_LINES = 4


class ChartTables(NamedTuple):
    """Tables with their text layer positions, and the positions of the figures and names in them.

    Names may also be in a table below the chart, as heads of its columns.
    """

    tables: list[tuple[PdfTable, int]]
    figures: frozenset[int]
    names: frozenset[int]


def find_drawn_charts(glyphs: Sequence[Glyph], fills: Sequence[Fill]) -> ChartTables:
    """Return the tables of bar, line and pie charts with printed figures; empty for a map."""
    if not _MIN_ROWS <= len(fills) <= _MAX_FILLS:
        return ChartTables([], frozenset(), frozenset())
    labels = split_labels(group_rows(glyphs))
    axes = axis_ticks(labels)
    amounts = [label for label in labels if label.is_amount and label not in axes]
    if len(amounts) < _MIN_ROWS or len(labels) > _MAX_LABELS:
        return ChartTables([], frozenset(), frozenset())
    keys = list(find_legend_keys(labels, fills))
    charts = [*find_bar_charts(labels, amounts, fills, keys)]
    used = {label for chart in charts for _, row in chart.rows for label in row.values()}
    charts += find_pie_charts(fills, [label for label in amounts if label not in used], labels, keys)
    figures = frozenset(
        position for chart in charts for _, row in chart.rows for label in row.values() for position in label.positions
    )
    names = frozenset(position for chart in charts for label in chart.labels for position in label.positions) - figures
    return ChartTables([_table_with_place(chart) for chart in charts], figures, names)


def _table_with_place(chart: PdfChart) -> tuple[PdfTable, int]:
    return _chart_table(chart), min(min(label.positions) for label in chart.labels)


def _chart_table(chart: PdfChart) -> PdfTable:
    width = max(len(chart.names), 1)
    rows = [
        (name.text if name else "", *(figures[column].text if column in figures else "" for column in range(width)))
        for name, figures in chart.rows
    ]
    header = [("", *(name.text for name in chart.names))] if chart.names else []
    box = bounding_box([label.box for label in chart.labels])
    return PdfTable(box, (*header, *rows), len(header), ())


def find_aligned_tables(glyphs: Sequence[Glyph]) -> tuple[list[tuple[PdfTable, int]], list[TextRow]]:
    """Return tables of names with figures beside or above them, and the remaining rows.

    A table must consist of complete rows, except for shares of a total.
    """
    rows = group_rows(glyphs)
    labels = split_labels(rows)
    shares = list(find_named_shares(labels)) if len(labels) <= _MAX_LABELS else []
    share_positions = {index for chart in shares for label in chart.labels for index in label.positions}
    rows = group_rows([glyph for glyph in glyphs if glyph.position not in share_positions]) if share_positions else rows
    remaining_labels = split_labels(rows) if share_positions else labels
    row_index = {glyph.position: index for index, row in enumerate(rows) for glyph in row.glyphs}
    levels = _levels(remaining_labels)
    tables = [_table_with_place(chart) for chart in shares]
    used_rows: set[int] = set()
    for table, part_labels in [*_row_tables(levels), *_column_tables(levels, remaining_labels)]:
        positions = {index for part in part_labels for index in part.positions}
        row_indexes = {row_index[index] for index in positions}
        covers_rows = positions == {glyph.position for line in row_indexes for glyph in rows[line].glyphs}
        if covers_rows and not row_indexes & used_rows:
            used_rows |= row_indexes
            tables.append((table, min(positions)))
    return tables, [row for index, row in enumerate(rows) if index not in used_rows]


def _levels(labels: Sequence[ChartLabel]) -> list[list[ChartLabel]]:
    levels: list[list[ChartLabel]] = []
    for label in sorted(labels, key=lambda label: -(label.box.bottom + label.box.top)):
        if levels and _is_level(levels[-1][0].box, label.box):
            levels[-1].append(label)
        else:
            levels.append([label])
    return [sorted(level, key=lambda label: label.box.left) for level in levels]


def _is_level(first: Box, second: Box) -> bool:
    return abs(first.bottom + first.top - second.bottom - second.top) / 2 < _LEVEL_TOLERANCE * (
        first.top - first.bottom
    )


def _row_tables(levels: Sequence[Sequence[ChartLabel]]) -> Iterator[tuple[PdfTable, list[ChartLabel]]]:
    run: list[Sequence[ChartLabel]] = []
    for index, level in enumerate([*levels, ()]):
        is_row = len(level) > 1 and level[0].is_name and all(label.is_amount for label in level[1:])
        if is_row and (not run or _continues_rows(run[-1], level)):
            run.append(level)
            continue
        if len(run) >= _MIN_ROWS and not _is_table_of_contents(run):
            names = _find_column_names(levels, range(index - len(run), index), len(run[0]) - 1)
            if names is not None:
                yield _make_table(
                    [[label.text for label in row] for row in run], names, [p for row in run for p in row]
                )
        run = [level] if is_row else []


def _continues_rows(above: Sequence[ChartLabel], level: Sequence[ChartLabel]) -> bool:
    previous_box = above[0].box
    box = level[0].box
    tolerance = _ALIGNMENT * (previous_box.top - previous_box.bottom)
    return (
        len(above) == len(level)
        and min(abs(previous_box.left - box.left), abs(previous_box.right - box.right)) < tolerance
    )


def _is_table_of_contents(run: Sequence[Sequence[ChartLabel]]) -> bool:
    numbers = [level[-1].text for level in run]
    return all(number.isdecimal() for number in numbers) and all(int(a) <= int(b) for a, b in pairwise(numbers))


def _find_column_names(levels: Sequence[Sequence[ChartLabel]], rows: range, count: int) -> list[ChartLabel] | None:
    if count == 1:
        return []
    candidates = [
        *levels[rows.stop : rows.stop + _MAX_LEGEND_LINES],
        *reversed(levels[max(rows.start - _MAX_LEGEND_LINES, 0) : rows.start]),
    ]
    return next(
        (list(level) for level in candidates if len(level) == count and all(label.is_name for label in level)), None
    )


def _column_tables(
    levels: Sequence[Sequence[ChartLabel]], labels: Sequence[ChartLabel]
) -> Iterator[tuple[PdfTable, list[ChartLabel]]]:
    vertical_labels = [
        label for label in labels if label.box.top - label.box.bottom > 2 * (label.box.right - label.box.left)
    ]
    names_by_top: dict[int, list[ChartLabel]] = {}
    for label in sorted(vertical_labels, key=lambda label: label.box.left):
        names_by_top.setdefault(round(label.box.top / 4), []).append(label)
    for names in [*(level for level in levels if len(level) >= _MIN_ROWS), *names_by_top.values()]:
        if len(names) < _MIN_ROWS or not all(label.is_name for label in names):
            continue
        figure_columns = _figures_above(names, labels)
        counts = {len(figures) for figures in figure_columns}
        if len(counts) != 1 or counts == {0}:
            continue
        top = max(label.box.top for figures in figure_columns for label in figures)
        level_index = next((i for i, level in enumerate(levels) if level[0].box.bottom < top), len(levels))
        column_names = _find_column_names(levels, range(level_index, level_index), len(figure_columns[0]))
        if column_names is not None:
            rows = [
                [name.text, *(label.text for label in figures)]
                for name, figures in zip(names, figure_columns, strict=True)
            ]
            yield _make_table(rows, column_names, [*names, *(label for figures in figure_columns for label in figures)])


def _figures_above(names: Sequence[ChartLabel], labels: Sequence[ChartLabel]) -> list[list[ChartLabel]]:
    borders = [(a.box.centre_x + b.box.centre_x) / 2 for a, b in pairwise(names)]
    borders = [2 * names[0].box.centre_x - borders[0], *borders, 2 * names[-1].box.centre_x - borders[-1]]
    bottom = max(name.box.top for name in names)
    amounts = [label for label in labels if label.is_amount and bottom < label.box.top < bottom + _MAX_FIGURE_DISTANCE]
    return [
        sorted((label for label in amounts if left <= label.box.centre_x < right), key=lambda label: label.box.centre_x)
        for left, right in pairwise(borders)
    ]


def _make_table(
    rows: Sequence[Sequence[str]], names: Sequence[ChartLabel], labels: list[ChartLabel]
) -> tuple[PdfTable, list[ChartLabel]]:
    labels = [*labels, *names]
    box = bounding_box([label.box for label in labels])
    header = [("", *(label.text for label in names))] if names else []
    return PdfTable(box, (*header, *map(tuple, rows)), len(header), ()), labels
