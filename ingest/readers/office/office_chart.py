"""Reads the values of charts in Office files as tables."""

from typing import Any

from ingest.blocks.line_text import to_one_line
from ingest.readers.block_writer import BlockWriter
from ingest.readers.office.xlsx_formats import format_cell

_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
# Charts with more values are point clouds that nobody would read as a table.
_MAX_VALUES = 2_000


def write_chart(writer: BlockWriter, space: Any) -> None:
    """Write a chart as a table with a column per series, or only its title if it has no or too many values.

    `space` is the root element (`c:chartSpace`), of lxml or ElementTree.
    """
    title = space.find(f"{_C}chart/{_C}title")
    caption = "".join(element.text or "" for element in title.iter(f"{_A}t")) if title is not None else ""
    series = [
        (
            " ".join(value.text or "" for value in element.findall(f"{_C}tx//{_C}v")),
            _points(element, "cat", "xVal"),
            _points(element, "val", "yVal"),
        )
        for element in space.iter(f"{_C}ser")
    ]
    series = [element for element in series if element[2]]
    if not series or sum(len(values) for _, _, values in series) > _MAX_VALUES:
        writer.add_paragraph(caption)
        return
    categories = next((names for _, names, _ in series if names), {})
    indexes = sorted(set(categories).union(*(values for _, _, values in series)))
    rows = [[categories.get(index, ""), *(values.get(index, "") for _, _, values in series)] for index in indexes]
    writer.add_rows([["", *(name for name, _, _ in series)], *rows], caption)


def _points(series: Any, *roles: str) -> dict[int, str]:
    source = next((found for role in roles if (found := series.find(f"{_C}{role}")) is not None), ())
    texts: dict[int, list[str]] = {}
    for points in _point_lists(source):
        number_format = points.findtext(f"{_C}formatCode") or "General"
        for point in points.findall(f"{_C}pt"):
            text = _format_point(point.findtext(f"{_C}v") or "", point.get("formatCode") or number_format)
            texts.setdefault(int(point.get("idx", "0")), []).append(text)
    return {index: " ".join(levels) for index, levels in texts.items()}


# Categories may have levels, the innermost first.
def _point_lists(source: Any) -> list[Any]:
    tags = [f"{_C}{name}" for name in ("lvl", "numCache", "strCache", "numLit", "strLit")]
    return [] if source == () else [points for points in source.iter() if points.tag in tags][::-1]


def _format_point(text: str, number_format: str) -> str:
    try:
        return format_cell(float(text), number_format)
    except ValueError:
        return to_one_line(text)
