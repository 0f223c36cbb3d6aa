"""The visible text of HTML elements, and the cells of tables."""

import re
from typing import TYPE_CHECKING

from ingest.blocks.line_text import JAPANESE, to_one_line
from ingest.blocks.table_layout import TableSlot
from ingest.blocks.unread_parts import UNREAD_CELL
from ingest.errors import UnreadableDocumentError
from ingest.readers.html.main_content import BLOCK_TAGS, is_boilerplate
from ingest.readers.html.shown_parts import DROPPED

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode


# Elements nested deeper than this are read as plain text.
MAX_WALK_DEPTH = 120
# Descriptions that only say that there is a picture, or name its file.
_EMPTY_DESCRIPTION = re.compile(
    r"(?:(?:この|下の|上の)?(?:画像|写真|イラスト|図|アイコン|ロゴ|バナー|image|photo|icon|logo)(?:[\d０-９]*)?|.*\.(?:jpe?g|png|gif|svg|webp))",
    re.IGNORECASE,
)
_SUPERSCRIPT = str.maketrans("0123456789+-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻")
# Larger spans are clipped, as browsers do (HTML, 4.9.12).
_MAX_COLUMN_SPAN = 1_000
_MAX_ROW_SPAN = 65_534
_MAX_CELLS = 200_000


def inline_text(node: "LexborNode", separator: str = " ") -> str:
    """Return the visible text of an element, with `separator` between its blocks and lines."""
    pieces: list[str] = []
    _collect_text(node, pieces, 0)
    lines = [to_one_line(line) for line in "".join(pieces).split("\n")]
    return separator.join(filter(None, lines))


def _collect_text(node: "LexborNode", pieces: list[str], depth: int) -> None:
    for child in node.iter(include_text=True):
        tag = child.tag or ""
        if tag == "-text":
            pieces.append(collapse_white_space(child.text_content or ""))
        elif tag.startswith(("-", "!")) or is_boilerplate(child):
            continue
        elif (piece := inline_piece(child)) is not None:
            pieces.append(piece)
        elif depth > MAX_WALK_DEPTH:
            pieces.append(collapse_white_space(child.text()))
        else:
            is_block = tag in BLOCK_TAGS or tag in {"tr", "caption"}
            separator = "\n" if is_block else " " if tag in {"td", "th"} else ""
            pieces.append(separator)
            _collect_text(child, pieces, depth + 1)
            pieces.append(separator)


def collapse_white_space(text: str) -> str:
    """Return the text with white space as browsers show it; a line break between Japanese letters vanishes."""
    text = re.sub(rf"(?<={JAPANESE})[ \t]*[\r\n]+[ \t]*(?={JAPANESE})", "", text)
    return re.sub(r"[ \t\r\n\f]+", " ", text)


def picture_description(text: str) -> str:
    """Return the description of a picture, "" if it only names the file or says that it is a picture."""
    text = to_one_line(text)
    return "" if _EMPTY_DESCRIPTION.fullmatch(text) else text


def inline_piece(node: "LexborNode") -> str | None:
    """Return how a line break, picture, form's checkbox or raised digit is printed; None for other elements."""
    attributes = node.attributes
    if node.tag == "br":
        return "\n"
    if node.tag == "img":
        return picture_description(attributes.get("alt") or "")
    if node.tag == "input":
        is_checkbox = attributes.get("type") == "checkbox"
        return ("☑" if "checked" in attributes else "☐") if is_checkbox else ""
    return raised_digits(to_one_line(node.text())) if node.tag == "sup" else None


def raised_digits(text: str) -> str:
    """Return raised text with a digit as a superscript character (m²)."""
    return text.translate(_SUPERSCRIPT) if re.fullmatch(r"[+-]?[\d]", text) else text


def is_layout(table: "LexborNode") -> bool:
    """Whether a table is used for layout: it says so, contains tables or headings, or is a single cell."""
    if table.attributes.get("role") in {"presentation", "none"}:
        return True
    cells = table_cells(table)
    return len(cells) == 1 or any(cell.css_first("table, h1, h2, h3, h4") is not None for cell in cells)


def table_cells(table: "LexborNode") -> list["LexborNode"]:
    """Return the cells of a table without those of nested tables."""
    return [cell for row in _table_rows(table) for cell in _row_cells(row)]


def _table_rows(table: "LexborNode") -> list["LexborNode"]:
    inside = [child for child in table.iter() if child.tag in {"thead", "tbody", "tfoot", "tr"}]
    return [row for part in inside for row in ([part] if part.tag == "tr" else part.iter()) if row.tag == "tr"]


def _row_cells(row: "LexborNode") -> list["LexborNode"]:
    return [cell for cell in row.iter() if cell.tag in {"td", "th"}]


def table_slots(table: "LexborNode", name: str) -> tuple[list[TableSlot], int | None]:
    """Return the cells with their positions, and the number of rows in `<thead>` (None without one)."""
    rows = [row for row in _table_rows(table) if not is_boilerplate(row)]
    slots: list[TableSlot] = []
    ends: dict[int, int] = {}  # by column, the row before which the cell in it ends
    n_positions = len(table.css("td, th"))
    for row_number, row in enumerate(rows):
        if n_positions > _MAX_CELLS:
            raise UnreadableDocumentError(
                f"{name}: 表のセルが多すぎます（上限は{_MAX_CELLS:,}）。表を分けるか、CSV で保存し直してください。"
            )
        column = 0
        for cell in _row_cells(row):
            while ends.get(column, 0) > row_number:
                column += 1
                n_positions += 1
            height = min(_span(cell, "rowspan", _MAX_ROW_SPAN) or len(rows), len(rows) - row_number)
            width = _span(cell, "colspan", _MAX_COLUMN_SPAN) or 1
            slots.append(TableSlot(_cell_text(cell), row_number, column, height, width, _is_header_cell(cell)))
            ends |= dict.fromkeys(range(column, column + width), row_number + height)
            column += width
            n_positions += width // 10
    return slots, sum(row.parent is not None and row.parent.tag == "thead" for row in rows) or None


def _cell_text(cell: "LexborNode") -> str:
    text = "" if DROPPED in cell.attributes else inline_text(cell, separator="\n")
    pictures = () if text.strip() else cell.css("img")
    return UNREAD_CELL if any("alt" not in picture.attributes for picture in pictures) else text


def _span(cell: "LexborNode", attribute: str, limit: int) -> int:
    text = (cell.attributes.get(attribute) or "1").strip()
    return min(int(text), limit) if re.fullmatch(r"\d{1,6}", text) else 1


def _is_header_cell(cell: "LexborNode") -> bool:
    if cell.tag == "th":
        return True
    bold = "".join(node.text() for node in cell.css("strong, b"))
    return bool(bold.strip()) and to_one_line(bold) == to_one_line(cell.text())
