"""Names the bars of a chart by the legend and by the labels of the category axis.

Horizontal bars are rotated first: right becomes up, and down becomes right.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from ingest.readers.pdf.chart_label import ChartLabel, join_labels
from ingest.readers.pdf.geometry import Box, bounding_box
from ingest.readers.pdf.legend import LegendKey, PdfChart, name_of_colour

# A chart with fewer figures may match by chance.
MIN_FIGURES = 3
# A category label may be off the centre by this share of the bars' width, and one character.
_MAX_OFFSET = 0.5
# Gap inside a group of bars as a share of their thickness.
_MAX_GROUP_GAP = 0.2
# Gap between lines of a name in character sizes.
_MAX_LINE_GAP = 0.6


class PlacedLabel(NamedTuple):
    """A label with its box after rotation."""

    label: ChartLabel
    box: Box


class ChartBar(NamedTuple):
    """A bar with its box, the colours of its segments, and its figures with their colours."""

    box: Box
    colours: frozenset[int]
    figures: list[tuple[int, ChartLabel]]


def rotate_box(box: Box, *, is_horizontal: bool) -> Box:
    """Return a box after rotation of horizontal bars."""
    return Box(-box.top, box.left, -box.bottom, box.right) if is_horizontal else box


def label_chart(
    bars: Sequence[ChartBar], labels: Sequence[ChartLabel], keys: Sequence[LegendKey], *, is_horizontal: bool
) -> PdfChart | None:
    """Return the chart with the names of its bars and colours; None if some have no name."""
    box = bounding_box([bar.box for bar in bars])
    chart_box = Box(box.bottom, -box.right, box.top, -box.left) if is_horizontal else box
    colours = list(dict.fromkeys(colour for bar in bars for colour, _ in bar.figures))
    legend = {colour: name for colour in colours if (name := name_of_colour(colour, chart_box, keys))}
    groups = list(_bar_groups(bars, by_colour=len(legend) > 1))
    has_several_colours = any(len({colour for bar in group for colour, _ in bar.figures}) > 1 for group in groups)
    if has_several_colours and len(legend) < len(colours):
        return None
    legend_positions = {position for name in legend.values() for position in name.positions}
    names = _category_labels(
        groups, [label for label in labels if not label.positions & legend_positions], is_horizontal=is_horizontal
    )
    if len(groups) > 1 and None in names:
        return None
    rows = [
        (
            name,
            {
                colours.index(colour) if has_several_colours else 0: label
                for bar in group
                for colour, label in bar.figures
            },
        )
        for name, group in zip(names, groups, strict=True)
    ]
    return PdfChart(rows, [legend[colour] for colour in colours] if has_several_colours else [])


def _bar_groups(bars: Sequence[ChartBar], *, by_colour: bool) -> Iterator[list[ChartBar]]:
    group: list[ChartBar] = []
    for bar in bars:
        gap = bar.box.left - group[-1].box.right if group else 0.0
        repeats_colour = any(bar.colours & other.colours for other in group)
        if group and (not by_colour or repeats_colour or gap > _MAX_GROUP_GAP * (bar.box.right - bar.box.left)):
            yield group
            group = []
        group.append(bar)
    yield group


def _category_labels(
    groups: Sequence[Sequence[ChartBar]], labels: Sequence[ChartLabel], *, is_horizontal: bool
) -> list[ChartLabel | None]:
    middles = [(group[0].box.left + group[-1].box.right) / 2 for group in groups]
    foot = min(group[0].box.bottom for group in groups)
    wide = max(group[-1].box.right - group[0].box.left for group in groups)
    max_offset = min((b - a for a, b in pairwise(middles)), default=wide) / 2
    labels_below: list[list[PlacedLabel]] = [[] for _ in groups]
    for label in labels:
        placed = PlacedLabel(label, rotate_box(label.box, is_horizontal=is_horizontal))
        nearest = min(range(len(groups)), key=lambda nearest: abs(middles[nearest] - placed.box.centre_x))
        # Bars without a figure have a label of their own; a wide label below the chart is a note.
        is_own = abs(middles[nearest] - placed.box.centre_x) < min(max_offset, _MAX_OFFSET * wide + label.size)
        is_note = len(groups) > 1 and placed.box.right - placed.box.left > 2 * max_offset + label.size
        if is_own and not is_note and placed.box.top < foot + label.size / 2:
            labels_below[nearest].append(placed)
    return [
        _category_label(sorted(near, key=lambda placed: -placed.box.top), is_horizontal=is_horizontal)
        for near in labels_below
    ]


def _category_label(candidates: Sequence[PlacedLabel], *, is_horizontal: bool) -> ChartLabel | None:
    lines = list(candidates[:1])
    for placed in candidates[1:]:
        if lines[0].label.is_vertical and placed.label.is_amount:  # another row of figures below vertical names
            continue
        is_beside = min(placed.box.top, lines[0].box.top) > max(placed.box.bottom, lines[0].box.bottom)
        if is_beside if is_horizontal else any(_are_adjoining(placed.label, other.label) for other in lines):
            lines.append(placed)
    return join_labels([placed.label for placed in lines]) if lines else None


def _are_adjoining(first: ChartLabel, second: ChartLabel) -> bool:
    across = max(first.box.left, second.box.left) - min(first.box.right, second.box.right)
    up = max(first.box.bottom, second.box.bottom) - min(first.box.top, second.box.top)
    return max(across, up) < _MAX_LINE_GAP * max(first.size, second.size)
