"""Reads the cells and header rows of HTML tables, and detects layout tables."""

import re
from typing import TYPE_CHECKING

from ingest.errors import UnreadableDocumentError
from ingest.readers.html.text import inline_text
from ingest.readers.line_writer import one_line
from ingest.readers.table_writer import Slot

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

# A cell over more rows or columns than this is a slip of the hand: browsers stop there too (HTML, 4.9.12).
_WIDEST, _TALLEST = 1_000, 65_534
# Cells of one table.
_MOST_CELLS = 200_000


def is_layout(table: "LexborNode") -> bool:
    """Whether a table only places things: it holds other tables or headings, says so, or is one cell."""
    if table.attributes.get("role") in {"presentation", "none"}:
        return True
    cells = table_cells(table)
    return len(cells) == 1 or any(cell.css_first("table, h1, h2, h3, h4") is not None for cell in cells)


def table_cells(table: "LexborNode") -> list["LexborNode"]:
    """Return the cells of a table, but not those of a table inside it."""
    return [cell for row in _rows_of(table) for cell in _row_cells(row)]


def _rows_of(table: "LexborNode") -> list["LexborNode"]:
    inside = [child for child in table.iter() if child.tag in {"thead", "tbody", "tfoot", "tr"}]
    return [row for part in inside for row in ([part] if part.tag == "tr" else part.iter()) if row.tag == "tr"]


def _row_cells(row: "LexborNode") -> list["LexborNode"]:
    return [cell for cell in row.iter() if cell.tag in {"td", "th"}]


def table_slots(table: "LexborNode", name: str) -> tuple[list[Slot], int | None]:
    """Return the cells of a table with their places, and of how many rows it says that they name columns."""
    rows = _rows_of(table)
    slots: list[Slot] = []
    # Cells that reach down into the next row: columns from and to, and the row before which they end.
    above: list[tuple[int, int, int]] = []
    covered = 0
    for at, row in enumerate(rows):
        above = sorted(one for one in above if one[2] > at)
        column, passed, reaching = 0, 0, list[tuple[int, int, int]]()
        for cell in _row_cells(row):
            while passed < len(above) and above[passed][0] <= column:
                column = max(column, above[passed][1])
                passed += 1
            height = min(_span(cell, "rowspan", _TALLEST) or len(rows), len(rows) - at)
            width = _span(cell, "colspan", _WIDEST) or 1
            slots.append(Slot(inline_text(cell, parts="\n"), at, column, height, width, _is_name(cell)))
            column += width
            reaching += [(column - width, column, at + height)] if height > 1 else []
        above += reaching
        covered += len(above) + len(_row_cells(row))
        if covered > _MOST_CELLS:
            raise UnreadableDocumentError(
                f"{name}: 表のセルが多すぎます（上限は{_MOST_CELLS:,}）。表を分けるか、CSV で保存し直してください。"
            )
    return slots, sum(row.parent is not None and row.parent.tag == "thead" for row in rows) or None


def _span(cell: "LexborNode", attribute: str, most: int) -> int:
    text = (cell.attributes.get(attribute) or "1").strip()
    return min(int(text), most) if re.fullmatch(r"\d{1,6}", text) else 1


def _is_name(cell: "LexborNode") -> bool:
    """Whether a cell names a row or column: by its element, or because all of it is set in bold."""
    if cell.tag == "th":
        return True
    bold = "".join(node.text() for node in cell.css("strong, b"))
    return bool(bold.strip()) and one_line(bold) == one_line(cell.text())
