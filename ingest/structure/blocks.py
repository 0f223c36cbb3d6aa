"""Data classes of document structure: block and table row."""

from dataclasses import dataclass
from typing import Literal

BlockKind = Literal["heading", "label", "lead", "item", "text", "table", "note", "dropped"]


@dataclass(frozen=True, slots=True)
class Row:
    """A table row with its source lines; a cell may be broken over two.

    `page` is that of the row where its table goes on over pages, else None.
    """

    lines: tuple[int, ...]
    cells: tuple[str, ...]
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a document. `rank` orders headings (lower is outer; None nests where its `style` first appears).

    A table has `rows` (the header first), an item its indent in `style`, a dropped block the reason in `style`.
    """

    kind: BlockKind
    text: str
    lines: tuple[int, ...]
    page: int | None = None
    style: str = ""
    rank: int | None = None
    rows: tuple[Row, ...] = ()
