"""Reads the values of charts in Office files as tables."""

from typing import Any

from ingest.readers.line_writer import LineWriter, one_line
from ingest.readers.office.xlsx_formats import format_cell

_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
# So many values are a table that somebody reads; a cloud of points is none.
_MOST_VALUES = 2_000


def write_chart(written: LineWriter, space: Any) -> None:
    """Write the data of a chart (`c:chartSpace`) as a table; its title alone where it has too many values or none."""
    caption, rows = chart_table(space)
    if not rows:
        written.paragraph(caption)
        return
    written.part()
    written.table(rows, caption)


def chart_table(space: Any) -> tuple[str, list[list[str]]]:
    """Return the title of a chart and its rows: names of the series first, then a row a category; none where too many.

    `space` is its root, of lxml or of ElementTree.
    """
    title = space.find(f"{_C}chart/{_C}title")
    caption = "".join(one.text or "" for one in title.iter(f"{_A}t")) if title is not None else ""
    series = [(_name(one), _points(one, "cat"), _points(one, "val")) for one in space.iter(f"{_C}ser")]
    series = [one for one in series if one[2]]
    if not series or sum(len(values) for _, _, values in series) > _MOST_VALUES:
        return caption, []
    categories = next((names for _, names, _ in series if names), {})
    places = sorted(set(categories).union(*(values for _, _, values in series)))
    rows = [[categories.get(at, ""), *(values.get(at, "") for _, _, values in series)] for at in places]
    return caption, [["", *(name for name, _, _ in series)], *rows]


def source_ranges(space: Any) -> list[str]:
    """Return from which cells the values of a chart come: 集計!$B$2:$B$5."""
    return [one.text or "" for one in space.iter(f"{_C}f")]


def _name(series: Any) -> str:
    return one_line(" ".join(one.text or "" for one in series.findall(f"{_C}tx//{_C}v")))


def _points(series: Any, of: str) -> dict[int, str]:
    """Return the categories (`cat`) or values (`val`) of a series by their place, as the chart shows them."""
    held = series.find(f"{_C}{of}")
    if held is None:
        held = series.find(f"{_C}{'xVal' if of == 'cat' else 'yVal'}")
    found: dict[int, list[str]] = {}
    for points in _levels_of(held) if held is not None else ():
        form = points.findtext(f"{_C}formatCode") or "General"
        for point in points.findall(f"{_C}pt"):
            text = point.findtext(f"{_C}v") or ""
            at = int(point.get("idx", "0"))
            found.setdefault(at, []).append(_format_point(text, point.get("formatCode") or form))
    return {at: " ".join(texts) for at, texts in found.items()}


def _levels_of(held: Any) -> list[Any]:
    """Return what holds the points: one element, or of categories in several levels the outermost first."""
    levels = held.findall(f"{_C}multiLvlStrRef/{_C}multiLvlStrCache/{_C}lvl")
    if levels:
        return list(reversed(levels))
    return [one for name in ("numCache", "strCache", "numLit", "strLit") for one in held.iter(f"{_C}{name}")]


def _format_point(text: str, form: str) -> str:
    try:
        return format_cell(float(text), form)
    except ValueError:
        return one_line(text)
