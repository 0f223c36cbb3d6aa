"""Reads the main content of a web page as headings, paragraphs, lists and tables."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.documents import Line
from ingest.errors import UnreadableDocumentError
from ingest.readers.encoding import decode
from ingest.readers.html.main_content import BLOCKS, UNSEEN, is_boilerplate, last_change_text, main_part, parse_page
from ingest.readers.html.table import is_layout, table_cells, table_slots
from ingest.readers.html.text import (
    WALKED,
    alternative_text,
    collapse_white_space,
    form_box_text,
    inline_text,
    superscript_text,
)
from ingest.readers.line_writer import LineWriter, one_line
from ingest.readers.table_writer import write_table

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

# A page of a town's site has a tenth of a megabyte; one saved with its pictures inside has some.
_LARGEST = 32 << 20
_HEADING = re.compile(r"h[1-6]")
_CHARSET = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([\w-]+)""", re.IGNORECASE)
_SITE = re.compile(r"\s*(?:[|｜]|\s[-–—－]\s|[/／]\s)\s*")
# A value of a name that is longer, or made of paragraphs, is a section under it.
_LONGEST_VALUE = 120


def read_html(path: Path) -> list[Line]:
    """Return the lines of a page's main part, and the day of its last change where that stands elsewhere on it.

    Raises UnreadableDocumentError where the file is no text, or too large.
    """
    tree = _parse_file(path)
    return html_lines(tree, path.name) if tree else []


def html_title(path: Path) -> str:
    """Return the title of a page: its first heading, else its `<title>` without the site's name; "" without one."""
    tree = _parse_file(path)
    if tree is None:
        return ""
    main = main_part(tree)
    for node in [*main.css("h1"), *tree.css("h1")]:
        if not is_boilerplate(node) and (text := one_line(node.text(separator=""))):
            return text
    title = tree.css_first("title")
    return _SITE.split(one_line(title.text()))[0].strip() if title else ""


def html_lines(tree: "LexborHTMLParser", name: str, *, whole: bool = False) -> list[Line]:
    """Return the lines of a parsed page; of all of it where it is `whole`, as another reader made it.

    Raises UnreadableDocumentError that names the file as `name`.
    """
    main = tree.body if whole else main_part(tree)
    if main is None:
        return []
    page = _Page(name, base=main if not whole else None)
    page.take(main)
    if not whole and (changed := last_change_text(tree, main)):
        page.written.paragraph(changed)
    return page.written.lines


def _parse_file(path: Path) -> "LexborHTMLParser | None":
    """Return the parsed page, None for an empty file."""
    if path.stat().st_size > _LARGEST:
        raise UnreadableDocumentError(
            f"{path.name}: 大きすぎるので読みません（上限は{_LARGEST >> 20} MB）。文書を分けて置いてください。"
        )
    data = path.read_bytes()
    declared = _CHARSET.search(data[:4096])
    text = decode(data, path.name, declared[1].decode("ascii") if declared else "")
    return parse_page(text, path.name) if text.strip("\ufeff \t\r\n") else None


class _Page:
    """A walk over a page; `base` is the part it begins in, None where another reader made the page."""

    def __init__(self, name: str, base: "LexborNode | None") -> None:
        self.written = LineWriter()
        self._name = name
        self._base = base
        self._text = ""
        self._item: tuple[int, str] | None = None  # depth and number of the item whose text is next
        self._lists: list[int | None] = []  # the numbers of the open lists
        self._depth = 0

    def take(self, node: "LexborNode") -> None:
        """Write what stands in an element."""
        self._children(node)
        self._flush()

    def _children(self, node: "LexborNode") -> None:
        self._depth += 1
        for child in node.iter(include_text=True):
            if child.tag == "-text":
                self._text += collapse_white_space(child.text_content or "")
            elif self._depth > WALKED:
                self._text += collapse_white_space(child.text())
            elif not self._is_left_out(child):
                self._element(child)
        self._depth -= 1

    def _is_left_out(self, node: "LexborNode") -> bool:
        if not node.tag or node.tag.startswith(("-", "!")):
            return True
        if self._base is None:
            return node.tag in UNSEEN
        outside = node.tag in {"header", "footer"} and self._base.tag == "body" and node.css_first("h1") is None
        return outside or is_boilerplate(node)

    def _element(self, node: "LexborNode") -> None:
        tag = node.tag or ""
        if tag in BLOCKS:
            self._flush()
            self._block(node, tag)
            self._flush()
        elif tag == "br":
            self._text += "\n"
        elif tag == "img":
            self._text += alternative_text(node)
        elif tag == "input":
            self._text += form_box_text(node)
        elif tag in {"sup", "sub"}:
            self._text += superscript_text(node)
        else:
            self._children(node)

    def _block(self, node: "LexborNode", tag: str) -> None:
        if _HEADING.fullmatch(tag):
            self.written.heading(int(tag[1]), inline_text(node))
        elif tag == "summary":
            self.written.heading(self.written.level + 1, inline_text(node))
        elif tag in {"ul", "ol"}:
            self._list(node, tag)
        elif tag == "li":
            self._open_item(node)
        elif tag == "dl":
            self._definitions(node)
        elif tag == "table":
            self._table(node)
        elif tag == "pre":
            self.written.paragraph(node.text())
        else:
            self._children(node)

    def _flush(self) -> None:
        """Write the paragraph, or the item, that has been gathered."""
        text, self._text = self._text, ""
        if not one_line(text):
            return
        if self._item:
            depth, number = self._item
            self._item = None
            self.written.item(text, depth, number)
        else:
            self.written.paragraph(text)

    def _list(self, node: "LexborNode", tag: str) -> None:
        if not self._lists:
            self.written.part()
        start = node.attributes.get("start") or "1"
        self._lists.append(
            int(start) if tag == "ol" and re.fullmatch(r"\d{1,6}", start) else 1 if tag == "ol" else None
        )
        self._children(node)
        self._lists.pop()

    def _open_item(self, node: "LexborNode") -> None:
        number = self._lists[-1] if self._lists else None
        if self._lists and number is not None:
            self._lists[-1] = number + 1
        self._item = (max(0, len(self._lists) - 1), "" if number is None else f"{number}.")
        self._children(node)
        self._flush()
        self._item = None

    def _definitions(self, node: "LexborNode") -> None:
        """Write names with their values: short ones as a table, others each under its name as a heading."""
        groups = list(_groups(node))
        if groups and all(
            len(inline_text(value)) <= _LONGEST_VALUE and not _has_blocks(value)
            for _, values in groups
            for value in values
        ):
            pairs = [
                [" ".join(map(inline_text, names)), " ".join(map(inline_text, values))] for names, values in groups
            ]
            self.written.facts([pair for pair in pairs if any(pair)])
            return
        level = self.written.level + 1
        for names, values in groups:
            self.written.heading(level, " ".join(map(inline_text, names)))
            for value in values:
                self.take(value)
        self.written.level = level - 1

    def _table(self, node: "LexborNode") -> None:
        caption = node.css_first("caption")
        if is_layout(node):
            for cell in table_cells(node):
                self._flush()
                self._children(cell)
            return
        slots, headers = table_slots(node, self._name)
        write_table(self.written, slots, headers=headers, caption=inline_text(caption) if caption else "")


def _groups(node: "LexborNode") -> Iterator[tuple[list["LexborNode"], list["LexborNode"]]]:
    """Yield the names and the values that belong together in a list of definitions."""
    names: list[LexborNode] = []
    values: list[LexborNode] = []
    for child in _terms(node):
        if child.tag == "dt" and values:
            yield names, values
            names, values = [], []
        (names if child.tag == "dt" else values).append(child)
    if names or values:
        yield names, values


def _terms(node: "LexborNode") -> Iterator["LexborNode"]:
    """Yield the names and values of a list of definitions, also those that it groups, but none of a list inside it."""
    for child in node.iter():
        if child.tag in {"dt", "dd"}:
            yield child
        elif child.tag == "div":
            yield from _terms(child)


def _has_blocks(node: "LexborNode") -> bool:
    return node.css_first("p + p, ul, ol, dl, table, h1, h2, h3, h4, h5, h6") is not None
