"""The document model: what readers find in a document, in reading order.

A reader of a format that marks its parts (Word, HTML, Excel, CSV, …) returns blocks for headings, list items and
tables, and lines for text; a reader of text returns lines only, one of PDF or scans also the tables that rules mark.
`find_blocks` infers their blocks.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ingest.documents import Block, Line

DocumentPart = Line | Block
"""A block, or a line of text whose block is inferred."""


@dataclass(frozen=True, slots=True)
class TypesetLine:
    """A line with its type `size` in points and its distance `down` the displayed page; both 0 without pages."""

    text: str
    page: int = 1
    size: float = 0.0
    down: float = 0.0


@dataclass(frozen=True, slots=True)
class SourceDocument:
    """What a reader returns.

    Attributes:
        parts: the document in reading order.
        title: the title that the file states, "" without one.
        cover_lines: the lines of the first two and the last page of a PDF, None of other formats.
        confidences: by line number the mean confidence (0 to 1) of what was recognised in a picture.
    """

    parts: Sequence[DocumentPart] = ()
    title: str = ""
    cover_lines: Sequence[TypesetLine] | None = None
    confidences: Mapping[int, float] = field(default_factory=dict)


def marked_heading(level: int, text: str, line: int, page: int | None = None) -> Block:
    """Return a heading of a level (from 1, the outermost) that the source marks as one."""
    return Block("heading", text, (line,), page, f"#{level}", level * 10)


def first_line(part: DocumentPart) -> int:
    """Return the number of the first source line of a part."""
    return part.number if isinstance(part, Line) else part.lines[0]


def part_lines(parts: Iterable[DocumentPart]) -> Iterator[Line]:
    """Yield the text of parts as lines, a line for each row of a table."""
    for part in parts:
        if isinstance(part, Line):
            yield part
        elif part.rows:
            for row in part.rows:
                if any(row.cells):
                    text = " ".join(filter(None, row.cells))
                    yield Line(row.lines[0] if row.lines else part.lines[0], text, row.page or part.page)
        else:
            yield Line(part.lines[0], part.text, part.page)
