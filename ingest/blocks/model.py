"""Data classes of document structure: block and table row."""

from dataclasses import dataclass
from typing import Literal

BlockKind = Literal["heading", "label", "lead", "item", "text", "table", "note", "dropped"]


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
        rows: the rows of a table, the header first.
    """

    kind: BlockKind
    text: str
    lines: tuple[int, ...]
    page: int | None = None
    style: str = ""
    rank: int | None = None
    rows: tuple[BlockRow, ...] = ()
