"""Reads Word styles: title, heading level, table of contents, table headers."""

import re
import unicodedata
from collections.abc import Iterator
from xml.etree.ElementTree import Element

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MAX_LEVELS = 9
# Style names are English or Japanese, with or without the space.
_HEADING = re.compile(r"(?:heading|見出し)\s?([1-9])", re.IGNORECASE)
_TITLE = re.compile(r"title|表題|タイトル|標題", re.IGNORECASE)
_CONTENTS = re.compile(r"(?:toc|目次|contents)\s?(?:heading|見出し|の見出し|[1-9])", re.IGNORECASE)
# A longer paragraph, or a sentence, in such a style is not a heading.
_MAX_HEADING_LENGTH = 120


def child_value(element: Element | None, name: str) -> str | None:
    """Return `w:val` of the child `name`, None without the child, "1" if the child has no value."""
    child = element.find(f"{W}{name}") if element is not None else None
    return None if child is None else child.get(f"{W}val", "1")


def is_on(element: Element | None, name: str) -> bool:
    """Whether a boolean property is on."""
    return (child_value(element, name) or "0") not in {"0", "false", "off", "none"}


class Styles:
    """The styles of a document by id; `root` is `styles.xml`, None without one."""

    def __init__(self, root: Element | None) -> None:
        styles = root.iter(f"{W}style") if root is not None else ()
        self._styles = {style.get(f"{W}styleId", ""): style for style in styles}

    def heading_level(self, paragraph: Element, text: str) -> int | None:
        """Return a paragraph's heading level, 1 outermost; None if it is not a heading."""
        properties = paragraph.find(f"{W}pPr")
        level = child_value(properties, "outlineLvl")
        for style in self._style_chain(paragraph):
            if level is None and (match := _HEADING.fullmatch(_style_name(style))):
                level = str(int(match[1]) - 1)
            level = level if level is not None else child_value(style.find(f"{W}pPr"), "outlineLvl")
        if level is None or not level.isdigit() or int(level) >= _MAX_LEVELS:
            return None
        return int(level) + 1 if len(text) <= _MAX_HEADING_LENGTH and not text.endswith("。") else None

    def is_title(self, paragraph: Element) -> bool:
        """Whether a paragraph has the Title style."""
        return any(_TITLE.fullmatch(_style_name(style)) for style in self._style_chain(paragraph))

    def is_contents_entry(self, paragraph: Element) -> bool:
        """Whether a paragraph belongs to the table of contents."""
        return any(_CONTENTS.fullmatch(_style_name(style)) for style in self._style_chain(paragraph))

    def number_properties(self, paragraph: Element) -> Element | None:
        """Return the numbering properties (`w:numPr`) of a paragraph or its style."""
        for owner in (paragraph, *self._style_chain(paragraph)):
            properties = owner.find(f"{W}pPr/{W}numPr")
            if properties is not None:
                return properties
        return None

    def has_header_style(self, table: Element, part: str) -> bool:
        """Whether the table's style sets off its first row or column (`part`: firstRow, firstColumn)."""
        look = table.find(f"{W}tblPr/{W}tblLook")
        if look is None or not _is_look_enabled(look, part):
            return False
        style_part = "firstRow" if part == "firstRow" else "firstCol"
        styles = self._based(child_value(table.find(f"{W}tblPr"), "tblStyle"))
        return any(
            len(properties)
            for style in styles
            for properties in style.iter(f"{W}tblStylePr")
            if properties.get(f"{W}type") == style_part
        )

    def _style_chain(self, paragraph: Element) -> Iterator[Element]:
        yield from self._based(child_value(paragraph.find(f"{W}pPr"), "pStyle"))

    def _based(self, style_id: str | None) -> Iterator[Element]:
        styles: set[str] = set()
        while style_id in self._styles and style_id not in styles:
            assert style_id is not None
            styles.add(style_id)
            yield self._styles[style_id]
            style_id = child_value(self._styles[style_id], "basedOn")


def _style_name(style: Element) -> str:
    return unicodedata.normalize("NFKC", child_value(style, "name") or "").strip()


_LOOK_BITS = {"firstRow": 0x20, "firstColumn": 0x80}


def _is_look_enabled(look: Element, part: str) -> bool:
    flag = look.get(f"{W}{part}")
    if flag is not None:
        return flag not in {"0", "false", "off"}
    bits = look.get(f"{W}val", "0")
    return bool(re.fullmatch(r"[0-9A-Fa-f]{1,4}", bits)) and bool(int(bits, 16) & _LOOK_BITS[part])
