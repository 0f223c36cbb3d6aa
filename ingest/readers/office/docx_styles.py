"""Reads Word styles: title, heading level, entry of the table of contents."""

import re
import unicodedata
from collections.abc import Iterator
from xml.etree.ElementTree import Element

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_DEEPEST = 9
# Programs write the names of their styles in English, in Japanese, or without the space.
_HEADING = re.compile(r"(?:heading|見出し)\s?([1-9])", re.IGNORECASE)
_TITLE = re.compile(r"title|表題|タイトル|標題", re.IGNORECASE)
_CONTENTS = re.compile(r"(?:toc|目次|contents)\s?(?:heading|見出し|の見出し|[1-9])", re.IGNORECASE)
# A paragraph of such a style that is longer, or a sentence, was only made to look like a heading.
_LONGEST_HEADING = 120


def value(element: Element | None, name: str) -> str | None:
    """Return `w:val` of the child `name` of an element, None without it; "1" where the child says no value."""
    child = element.find(f"{W}{name}") if element is not None else None
    return None if child is None else child.get(f"{W}val", "1")


def is_on(element: Element | None, name: str) -> bool:
    """Whether a property that is on or off is on."""
    return (value(element, name) or "0") not in {"0", "false", "off", "none"}


class Styles:
    """The styles of a document by their ids; `root` is the part `styles.xml`, None without one."""

    def __init__(self, root: Element | None) -> None:
        styles = root.iter(f"{W}style") if root is not None else ()
        self._styles = {style.get(f"{W}styleId", ""): style for style in styles}

    def heading(self, paragraph: Element, text: str) -> int | None:
        """Return the level of the heading that a paragraph is, 1 outermost; None where it is none."""
        properties = paragraph.find(f"{W}pPr")
        level = value(properties, "outlineLvl")
        for style in self.chain(paragraph):
            if level is None and (named := _HEADING.fullmatch(_name(style))):
                level = str(int(named[1]) - 1)
            level = level if level is not None else value(style.find(f"{W}pPr"), "outlineLvl")
        if level is None or not level.isdigit() or int(level) >= _DEEPEST:
            return None
        return int(level) + 1 if len(text) <= _LONGEST_HEADING and not text.endswith("。") else None

    def is_title(self, paragraph: Element) -> bool:
        """Whether a paragraph is the title of the document."""
        return any(_TITLE.fullmatch(_name(style)) for style in self.chain(paragraph))

    def is_contents(self, paragraph: Element) -> bool:
        """Whether a paragraph is an entry of the table of contents, or its head."""
        return any(_CONTENTS.fullmatch(_name(style)) for style in self.chain(paragraph))

    def numbering(self, paragraph: Element) -> Element | None:
        """Return what says how a paragraph is numbered (`w:numPr`): its own, else that of its style."""
        for owner in (paragraph, *self.chain(paragraph)):
            found = owner.find(f"{W}pPr/{W}numPr")
            if found is not None:
                return found
        return None

    def names(self, table: Element, what: str) -> bool:
        """Whether the style of a table sets its first row or column (`what`: firstRow, firstColumn) apart."""
        look = table.find(f"{W}tblPr/{W}tblLook")
        if look is None or not _looks(look, what):
            return False
        part = "firstRow" if what == "firstRow" else "firstCol"
        styles = self._based(value(table.find(f"{W}tblPr"), "tblStyle"))
        return any(len(one) for s in styles for one in s.iter(f"{W}tblStylePr") if one.get(f"{W}type") == part)

    def chain(self, paragraph: Element) -> Iterator[Element]:
        """Yield the style of a paragraph and those that it is based on."""
        yield from self._based(value(paragraph.find(f"{W}pPr"), "pStyle"))

    def _based(self, style_id: str | None) -> Iterator[Element]:
        seen: set[str] = set()
        while style_id in self._styles and style_id not in seen:
            assert style_id is not None
            seen.add(style_id)
            yield self._styles[style_id]
            style_id = value(self._styles[style_id], "basedOn")


def _name(style: Element) -> str:
    return unicodedata.normalize("NFKC", value(style, "name") or "").strip()


_BITS = {"firstRow": 0x20, "firstColumn": 0x80}


def _looks(look: Element, what: str) -> bool:
    """Whether the first row or column is asked to look apart: told by name, in older files as a bit."""
    told = look.get(f"{W}{what}")
    if told is not None:
        return told not in {"0", "false", "off"}
    bits = look.get(f"{W}val", "0")
    return bool(re.fullmatch(r"[0-9A-Fa-f]{1,4}", bits)) and bool(int(bits, 16) & _BITS[what])
