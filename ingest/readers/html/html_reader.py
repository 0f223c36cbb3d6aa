"""Reads the main content of a web page as headings, paragraphs, lists and tables."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.blocks.line_text import JAPANESE, to_one_line
from ingest.blocks.link_targets import with_target
from ingest.blocks.model import SourceDocument
from ingest.blocks.table_layout import TableSlot
from ingest.blocks.unread_parts import UNREAD_CELL
from ingest.errors import UnreadableDocumentError
from ingest.japanese.contacts import LINK_TARGET
from ingest.readers.block_writer import BlockWriter
from ingest.readers.html.main_content import (
    DROPPED,
    LABEL,
    OPENS,
    is_boilerplate,
    last_change_text,
    main_part,
    mark_shown_parts,
    parse_page,
)
from ingest.readers.text_files import decode

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode


_BLOCK_TAGS = frozenset(
    re.findall(
        r"\w+",
        "address article aside blockquote body center details dialog div dd dl dt fieldset figcaption figure footer "
        "form header hr legend li main nav ol p pre section summary table ul h1 h2 h3 h4 h5 h6",
    )
)
# Elements nested deeper than this are read as plain text.
_MAX_WALK_DEPTH = 120
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
# Pages have about 0.1 MB; a page saved with embedded pictures has several.
_MAX_BYTES = 32 << 20
_HEADING = re.compile(r"h[1-6]")
_SITE_NAME = re.compile(r"[|｜]|\s[-–—－]\s|[/／]\s")
# A longer value, or one of several paragraphs, becomes a section under its name.
_MAX_VALUE_LENGTH = 120


def read_html(path: Path, url: str | None = None) -> SourceDocument:
    """Return the blocks of a page's main part, with the date of its last change.

    `url` is the address of the page, to which targets of its links are relative. The title is the first heading, else
    `<title>` without the site's name.
    """
    if path.stat().st_size > _MAX_BYTES:
        raise UnreadableDocumentError(
            f"{path.name}: 大きすぎるので読みません（上限は{_MAX_BYTES >> 20} MB）。文書を分けて置いてください。"
        )
    tree = parse_page(decode(path.read_bytes(), path.name), path.name)
    mark_shown_parts(tree)
    main = main_part(tree)
    _write_targets(tree, main, url)
    page = _PageWalker(path.name, main)
    page.write_children(main)
    if changed := last_change_text(tree, main):
        page.writer.add_paragraph(changed)
    return SourceDocument(page.writer.parts, _find_title(tree, main))


# Writes the target of each link after its text, where a reader of the page has it at hand.
def _write_targets(tree: "LexborHTMLParser", main: "LexborNode", url: str | None) -> None:
    found = map(tree.css_first, ("link[rel=canonical]", "base[href]"))
    canonical, base = ((node.attributes.get("href") or "") if node else "" for node in found)
    for link in main.css("a[href]"):
        *_, holder = link, *link.css("p")
        text = _inline_text(link)
        target = with_target(text, link.attributes["href"], url or canonical, base)[len(text) :]
        if target and (holder is not link or link.css_first(", ".join(_BLOCK_TAGS)) is None):
            holder.insert_child(target)


def _find_title(tree: "LexborHTMLParser", main: "LexborNode") -> str:
    for node in [*main.css("h1"), *tree.css("h1")]:
        if not is_boilerplate(node) and (text := to_one_line(LINK_TARGET.sub("", _inline_text(node)))):
            return text
    title = tree.css_first("title")
    return _SITE_NAME.split(to_one_line(title.text()), maxsplit=1)[0].strip() if title else ""


class _PageWalker:
    def __init__(self, name: str, base: "LexborNode") -> None:
        self.writer = BlockWriter()
        self._name = name
        self._base = base
        self._text = ""
        self._dropped: list[LexborNode] = []  # in the text
        self._item: tuple[int, str] | None = None  # depth and number of the open item
        self._lists: list[int | None] = []  # next numbers of the open lists, None for bullets
        self._depth = 0
        self._level = 0  # of the last heading, or of the open panel's

    def write_children(self, node: "LexborNode") -> None:
        self._walk(node)
        self._flush()

    def _walk(self, node: "LexborNode") -> None:
        self._depth += 1
        for child in node.iter(include_text=True):
            if child.tag == "-text":
                self._text += _collapse_white_space(child.text_content or "")
            elif DROPPED in child.attributes:
                self._dropped.append(child)
            elif self._depth > _MAX_WALK_DEPTH:
                self._text += _collapse_white_space(_shown_text(child))
            elif child.tag and not child.tag.startswith(("-", "!")):
                is_outside = child.tag in {"header", "footer"} and child.css_first("h1") is None
                if is_boilerplate(child) or (is_outside and not child.css_matches("article *, section *, main *")):
                    continue
                self._read_element(child)
        self._depth -= 1

    def _read_element(self, node: "LexborNode") -> None:
        tag = node.tag or ""
        attributes = node.attributes
        if LABEL in attributes or tag == "details":
            self._read_panel(node, tag, attributes.get(LABEL) or "")
        elif tag in _BLOCK_TAGS or OPENS in attributes:
            self._flush()
            self._read_block(node, tag)
            self._flush()
        elif (piece := _inline_piece(node)) is not None:
            self._text += piece
        else:
            self._walk(node)

    # The headings of a panel are below its label, which stands before it or is its `<summary>`.
    def _read_panel(self, node: "LexborNode", tag: str, label: str) -> None:
        self._flush()
        level = self._level
        if label:
            self._add_heading(level + 1, label)
        else:
            self._level = self.writer.level if tag != "details" else level
        self._read_block(node, tag)
        self._flush()
        self._level = level

    def _read_block(self, node: "LexborNode", tag: str) -> None:
        if _HEADING.fullmatch(tag):
            self._add_heading(int(tag[1]), _inline_text(node), node)
        elif tag == "summary":
            self._add_heading(self._level + 1, _inline_text(node), node)
        elif OPENS in node.attributes and tag not in {"dt", "dd", "li"}:
            self.writer.add_heading(self._level + 1, _inline_text(node))
        elif tag in {"ul", "ol"}:
            self._read_list(node, tag)
        elif tag == "li":
            self._read_item(node)
        elif tag == "dl":
            self._read_definitions(node)
        elif tag == "table":
            self._read_table(node)
        elif tag == "pre":
            self._add_dropped(*node.css(f"[{DROPPED}]"))
            self.writer.add_paragraph(_shown_text(node))
        else:
            self._walk(node)

    def _add_heading(self, level: int, text: str, node: "LexborNode | None" = None) -> None:
        self.writer.add_heading(level, text)
        self._level = level
        self._add_dropped(*(node.css(f"[{DROPPED}]") if node else ()))

    def _add_dropped(self, *nodes: "LexborNode") -> None:
        for node in nodes:
            if reason := node.attributes.get(DROPPED):
                self.writer.add_dropped(_inline_text(node), reason)

    def _flush(self) -> None:
        text = self._text
        self._text = ""
        if to_one_line(text):
            if self._item:
                self.writer.add_item(text, *self._item)
                self._item = None
            else:
                self.writer.add_paragraph(text)
        self._add_dropped(*self._dropped)
        self._dropped.clear()

    def _read_list(self, node: "LexborNode", tag: str) -> None:
        if not self._lists:
            self.writer.start_block()
        start = node.attributes.get("start") or ""
        self._lists.append((int(start) if re.fullmatch(r"\d{1,6}", start) else 1) if tag == "ol" else None)
        self._walk(node)
        self._lists.pop()

    def _read_item(self, node: "LexborNode") -> None:
        number = self._lists[-1] if self._lists else None
        if self._lists and number is not None:
            self._lists[-1] = number + 1
        self._item = (max(0, len(self._lists) - 1), "" if number is None else f"{number}.")
        self._walk(node)
        self._flush()
        self._item = None

    def _read_definitions(self, node: "LexborNode") -> None:
        groups = list(_definition_groups(node))
        for child in node.iter(include_text=True):
            if child.tag == "-text" or not (child.css_first("dt, dd") or is_boilerplate(child)):
                self._text += _collapse_white_space(child.text())
        self._flush()
        is_section = node.css_first(f"[{OPENS}]") is not None or any(
            len(LINK_TARGET.sub("", _inline_text(value))) > _MAX_VALUE_LENGTH
            or value.css_first("p + p, ul, ol, dl, table, h1, h2, h3, h4, h5, h6") is not None
            for _, values in groups
            for value in values
        )
        if not is_section:
            pairs = [[" ".join(map(_inline_text, parts)) for parts in group] for group in groups]
            self.writer.add_facts([pair for pair in pairs if any(pair)])
            self._add_dropped(*node.css(f"[{DROPPED}]"))
            return
        level = self._level
        for names, values in groups:
            self._add_heading(level + 1, " ".join(map(_inline_text, names)))
            for value in values:
                self.write_children(value)
                self._level = level + 1
        self._add_dropped(*node.css(f"dt[{DROPPED}], dt [{DROPPED}], dd[{DROPPED}]"))
        self._level = level

    def _read_table(self, node: "LexborNode") -> None:
        caption = node.css_first("caption")
        cells = [cell for row in _table_rows(node) for cell in _row_cells(row)]
        is_layout = len(cells) == 1 or node.attributes.get("role") in {"presentation", "none"}
        if is_layout or any(cell.css_first("table, h1, h2, h3, h4") is not None for cell in cells):
            self._text = _inline_text(caption) if caption else ""
            for cell in cells:
                self._flush()
                self._walk(cell)
            return
        slots, headers = _table_slots(node, self._name)
        self.writer.add_table(slots, headers=headers, caption=_inline_text(caption) if caption else "")
        self._add_dropped(*node.css(f"[{DROPPED}]"))


def _definition_groups(node: "LexborNode") -> Iterator[tuple[list["LexborNode"], list["LexborNode"]]]:
    names: list[LexborNode] = []
    values: list[LexborNode] = []
    for child in node.css("dt, dd"):
        holder = child.parent
        while holder is not None and holder.tag == "div":
            holder = holder.parent
        if DROPPED in child.attributes or holder is None or holder.mem_id != node.mem_id:
            continue
        if child.tag == "dt" and values:
            yield names, values
            names, values = [], []
        (names if child.tag == "dt" else values).append(child)
    if names or values:
        yield names, values


# With `separator` between blocks and lines.
def _inline_text(node: "LexborNode", separator: str = " ") -> str:
    pieces: list[str] = []
    _collect_text(node, pieces, 0)
    lines = [to_one_line(line) for line in "".join(pieces).split("\n")]
    return separator.join(filter(None, lines))


def _collect_text(node: "LexborNode", pieces: list[str], depth: int) -> None:
    for child in node.iter(include_text=True):
        tag = child.tag or ""
        if tag == "-text":
            pieces.append(_collapse_white_space(child.text_content or ""))
        elif tag.startswith(("-", "!")) or is_boilerplate(child):
            continue
        elif (piece := _inline_piece(child)) is not None:
            pieces.append(piece)
        elif depth > _MAX_WALK_DEPTH:
            pieces.append(_collapse_white_space(_shown_text(child)))
        else:
            is_block = tag in _BLOCK_TAGS or tag in {"tr", "caption"}
            separator = "\n" if is_block else " " if tag in {"td", "th"} else ""
            pieces.append(separator)
            _collect_text(child, pieces, depth + 1)
            pieces.append(separator)


def _shown_text(node: "LexborNode") -> str:
    for part in node.css(f"[{DROPPED}]"):
        part.decompose()
    return node.text()


# White space as browsers show it; a line break between Japanese letters vanishes.
def _collapse_white_space(text: str) -> str:
    text = re.sub(rf"(?<={JAPANESE})[ \t]*[\r\n]+[ \t]*(?={JAPANESE})", "", text)
    return re.sub(r"[ \t\r\n\f]+", " ", text)


def picture_description(text: str) -> str:
    """Return the description of a picture, "" if it only names the file or says that it is a picture."""
    text = to_one_line(text)
    return "" if _EMPTY_DESCRIPTION.fullmatch(text) else text


def _inline_piece(node: "LexborNode") -> str | None:
    attributes = node.attributes
    if node.tag == "br":
        return "\n"
    if node.tag == "img":
        return picture_description(attributes.get("alt") or "")
    if node.tag == "input":
        is_checkbox = attributes.get("type") == "checkbox"
        return ("☑" if "checked" in attributes else "☐") if is_checkbox else ""
    return raised_digits(to_one_line(_shown_text(node))) if node.tag == "sup" else None


def raised_digits(text: str) -> str:
    """Return raised text with a digit as a superscript character (m²)."""
    return text.translate(_SUPERSCRIPT) if re.fullmatch(r"[+-]?[\d]", text) else text


def _table_rows(table: "LexborNode") -> list["LexborNode"]:
    inside = [child for child in table.iter() if child.tag in {"thead", "tbody", "tfoot", "tr"}]
    return [row for part in inside for row in ([part] if part.tag == "tr" else part.iter()) if row.tag == "tr"]


def _row_cells(row: "LexborNode") -> list["LexborNode"]:
    return [cell for cell in row.iter() if cell.tag in {"td", "th"}]


# The cells with their positions, and the number of rows in `<thead>` (None without one).
def _table_slots(table: "LexborNode", name: str) -> tuple[list[TableSlot], int | None]:
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
            text = "" if DROPPED in cell.attributes else _inline_text(cell, separator="\n")
            if not text.strip() and any("alt" not in picture.attributes for picture in cell.css("img")):
                text = UNREAD_CELL
            bold = to_one_line("".join(node.text() for node in cell.css("strong, b")))
            is_header = cell.tag == "th" or (bool(bold) and bold == to_one_line(cell.text()))
            slots.append(TableSlot(text, row_number, column, height, width, is_header))
            ends |= dict.fromkeys(range(column, column + width), row_number + height)
            column += width
            n_positions += width // 10
    return slots, sum(row.parent is not None and row.parent.tag == "thead" for row in rows) or None


def _span(cell: "LexborNode", attribute: str, limit: int) -> int:
    text = (cell.attributes.get(attribute) or "1").strip()
    return min(int(text), limit) if re.fullmatch(r"\d{1,6}", text) else 1
