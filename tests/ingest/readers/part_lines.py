"""Shows what a reader returns as lines of Markdown."""

from collections.abc import Iterator
from pathlib import Path

from ingest.blocks.model import DocumentPart
from ingest.documents import Line
from ingest.readers import read_source


def read_part_lines(path: Path) -> list[Line]:
    return [line for part in read_source(path).parts for line in _lines(part)]


def _lines(part: DocumentPart) -> Iterator[Line]:
    if isinstance(part, Line):
        yield part
    elif part.kind == "heading":
        yield Line(part.lines[0], f"{'#' * int(part.style[1:])} {part.text}", part.page)
    elif part.kind == "item":
        yield Line(part.lines[0], f"{part.style}- {part.text}", part.page)
    elif part.kind == "table":
        for row in part.rows:
            number = (row.lines or part.lines)[0]
            yield Line(number, f"| {' | '.join(row.cells)} |", part.page)
            if row is part.rows[0]:
                yield Line(number, f"| {' | '.join('---' for _ in row.cells)} |", part.page)
    elif part.kind == "dropped":
        yield Line(part.lines[0], f"({part.style}) {part.text}", part.page)
    else:
        yield Line(part.lines[0], part.text, part.page)
