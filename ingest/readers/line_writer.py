"""Writes headings, paragraphs, list items and tables as lines."""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

from ingest.documents import Line
from ingest.japanese.markers import ORDINAL

_Kind = Literal["heading", "text", "ordinal", "item", "row", "caption"]
_DEEPEST = 6
# Names with values (an office, its hours, its telephone) become one passage up to this many names and characters.
_MOST_FACTS = 12
_LONGEST_FACTS = 300
JAPANESE = r"[\u3000-\u30ff\u3400-\u9fff\uff00-\uffef]"
# Control characters, zero-width and bidirectional marks, tag characters (read by machines only), and U+FFFC, which
# marks an unread page (`unread_page`).
_INVISIBLE = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffc\ufffe\uffff"
    r"\U000e0000-\U000e007f]"
)
_SURROGATE = re.compile(r"[\ud800-\udfff]")
# 1. · (1) · ① · ア before a word: consecutive paragraphs with such numbers are a list typed by hand.
_ORDINAL = re.compile(rf"(?:{ORDINAL}|[・•]\s*)\S")
# A number is an item's only before a space, unlike 1.5倍, so 1.印かん gets the missing space.
_MISSING_SPACE = re.compile(r"^([\d]{1,2}[.)])(?=[^\s\d.)、。])")


class LineWriter:
    """The lines of a document, written from its start; a blank line separates blocks.

    `page` is the page of the lines written next, None if the format has no pages.
    """

    def __init__(self) -> None:
        self.page: int | None = None
        self.level = 0  # of the last heading
        self._lines: list[Line] = []
        self._last: _Kind | None = None

    @property
    def lines(self) -> list[Line]:
        """The lines written so far."""
        return list(self._lines)

    def add_heading(self, level: int, text: str) -> None:
        """Write a heading; `level` counts from 1, the outermost."""
        if text := to_one_line(text):
            self.level = min(level, _DEEPEST)
            self._write("heading", f"{'#' * self.level} {text}")

    def add_paragraph(self, text: str) -> None:
        """Write a paragraph, each of its lines separately; typed list items stay one block."""
        for raw in text.split("\n"):
            if line := _MISSING_SPACE.sub(r"\1 ", to_one_line(raw)):
                self._write("ordinal" if _ORDINAL.match(line) else "text", line)

    def add_item(self, text: str, depth: int = 0, number: str = "") -> None:
        """Write a list item; `depth` is 0 for the outermost level, `number` is printed before the text."""
        if text := to_one_line(text):
            self._write("item", f"{'  ' * depth}- {number} {text}" if number else f"{'  ' * depth}- {text}")

    def add_table(self, rows: Sequence[Sequence[str]], caption: str = "") -> None:
        """Write a table under its caption; the first row holds the column names, empty if there are none.

        A row of a single cell is a heading of the rows below it.
        """
        if not rows:
            return
        if caption := to_one_line(caption):
            self._write("caption", caption)
        header, *body = rows
        for row in (header, ["---"] * len(header), *body):
            cells = (to_one_line(cell).replace("|", r"\|") for cell in row)
            self._write("row", f"| {' | '.join(cells)} |")
        self.start_block()

    def add_facts(self, pairs: Sequence[Sequence[str]]) -> None:
        """Write names with values: as one row if they are few and short, otherwise one row per pair."""
        pairs = [(to_one_line(name), to_one_line(value)) for name, value in pairs]
        names = [name for name, _ in pairs]
        fits_one_row = 1 < len(pairs) <= _MOST_FACTS and sum(len(n) + len(v) for n, v in pairs) <= _LONGEST_FACTS
        if fits_one_row and all(names) and len(set(names)) == len(names):
            self.add_table([names, [value for _, value in pairs]])
        else:
            self.add_table([("", ""), *pairs])

    def start_block(self) -> None:
        """Separate the next line from the one before even if both are of the same kind."""
        if self._lines:
            self._last = "text"

    def _write(self, kind: _Kind, text: str) -> None:
        adjoining = {("item", "item"), ("row", "row"), ("caption", "row"), ("caption", "caption")}
        continues_list = kind == self._last == "ordinal" and _ordinal_form(text) == _ordinal_form(self._lines[-1].text)
        if self._lines and not continues_list and (self._last, kind) not in adjoining:
            self._lines.append(Line(len(self._lines) + 1, "", self.page))
        self._lines.append(Line(len(self._lines) + 1, text, self.page))
        self._last = kind


def _ordinal_form(text: str) -> str:
    mark = _ORDINAL.match(text)
    return re.sub(r"[①-⑳]", "①", re.sub(r"[ア-ン]", "ア", re.sub(r"\d+", "0", mark[0][:-1].strip()))) if mark else ""


def strip_invisible(text: str) -> str:
    """Return the text without control, format and tag characters; lone surrogates become U+FFFD."""
    return _INVISIBLE.sub("", _SURROGATE.sub("\ufffd", text))


def to_one_line(text: str) -> str:
    """Return the text on one line: line breaks and runs of white space become single spaces."""
    return re.sub(r"[^\S\u3000]+", " ", strip_invisible(text)).strip()


def join_wrapped_name(text: str) -> str:
    """Return a column name on one line; Japanese that was wrapped is joined without a space."""
    parts = [to_one_line(part) for part in text.split("\n")]
    joined = parts[0]
    for left, right in pairwise(parts):
        is_japanese = re.search(rf"{JAPANESE}$", left) and re.match(JAPANESE, right)
        joined += ("" if is_japanese or not joined else " ") + right
    return joined.strip()
