"""The document model: what readers find in a document, in reading order.

A reader of a format that marks its parts (Word, HTML, Excel, CSV, …) returns blocks for headings, list items and
tables, and lines for text; a reader of text, PDF and scans returns lines only. `find_blocks` infers their blocks.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from ingest.documents import Line

BlockKind = Literal["heading", "label", "lead", "item", "text", "speech", "table", "note", "dropped"]


@dataclass(frozen=True, slots=True)
class BlockRow:
    """A table row with its source lines; a cell may be broken over two lines.

    `page` is the page of the row if its table goes on over pages, else None.
    """

    lines: tuple[int, ...]
    cells: tuple[str, ...]
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a document.

    Attributes:
        kind: what it is.
        text: its text without marks that only show its kind.
        lines: the numbers of its source lines.
        page: the page on which it begins.
        style: the form of a heading's number or mark, the indent of an item, or the reason for a dropped block.
        rank: orders headings, lower is outer; a heading without rank nests where its style first appears.
        rows: the rows of a table, the header first; the names of a header over several rows are joined.
    """

    kind: BlockKind
    text: str
    lines: tuple[int, ...]
    page: int | None = None
    style: str = ""
    rank: int | None = None
    rows: tuple[BlockRow, ...] = ()


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
        page_texts: the text of each page of a PDF (from 1) as its text layer has it, to compare the parts with.
    """

    parts: Sequence[DocumentPart] = ()
    title: str = ""
    cover_lines: Sequence[TypesetLine] | None = None
    page_texts: Sequence[tuple[int, str]] = ()


def marked_heading(level: int, text: str, line: int, page: int | None = None) -> Block:
    """Return a heading of a level (from 1, the outermost) that the source marks as one."""
    return Block("heading", text, (line,), page, f"#{level}", level * 10)


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
