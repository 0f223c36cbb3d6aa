"""Writes headings, paragraphs, list items and tables as lines."""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

from ingest.documents import Line

_Kind = Literal["heading", "text", "ordinal", "item", "row", "caption"]
_DEEPEST = 6
# What is told of one thing (an office, its hours, its telephone) makes one passage up to this: as many names, and as
# many characters in all.
_MOST_FACTS, _LONGEST_FACTS = 12, 300
JAPANESE = r"[\u3000-\u30ff\u3400-\u9fff\uff00-\uffef]"
# What no writing has: controls, what shows nothing or turns the direction, tags (letters that machines read and people
# do not see), and the mark that stands for a page without text (`unread_page`).
_UNWRITTEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffc\ufffe\uffff"
    r"\U000e0000-\U000e007f]"
)
_SURROGATE = re.compile(r"[\ud800-\udfff]")
# 1. · (1) · ① · ア before a word: paragraphs that follow each other and open so are a list that was typed by hand.
_ORDINAL = re.compile(
    r"(?:\d{1,2}(?:[.)]\s|[．）])|[(（](?:\d{1,2}|[ア-ン])[)）]|[①-⑳・•]|[ア-ン](?:[.)．）]|\s))\s*\S"
)
# 1.印かん: only behind a space is the number that of an item, and 1.5倍 is none.
_CLOSE = re.compile(r"^([\d]{1,2}[.)])(?=[^\s\d.)、。])")


class LineWriter:
    """The lines of a document that is being written from its start; a blank one parts what does not belong together.

    `page` is that of what is written next, None where the format has no pages.
    """

    def __init__(self) -> None:
        self.page: int | None = None
        self.level = 0  # of the heading above
        self._lines: list[Line] = []
        self._last: _Kind | None = None

    @property
    def lines(self) -> list[Line]:
        """What was written so far."""
        return list(self._lines)

    def heading(self, level: int, text: str) -> None:
        """Write a heading; `level` counts from 1, the outermost."""
        if text := one_line(text):
            self.level = min(level, _DEEPEST)
            self._write("heading", f"{'#' * self.level} {text}")

    def paragraph(self, text: str) -> None:
        """Write a paragraph; each line of it stands alone, but for those of a list that was typed by hand."""
        for raw in text.split("\n"):
            if line := _CLOSE.sub(r"\1 ", one_line(raw)):
                self._write("ordinal" if _ORDINAL.match(line) else "text", line)

    def item(self, text: str, depth: int = 0, number: str = "") -> None:
        """Write an item of a list; `depth` is 0 for the outermost, `number` what stands before it."""
        if text := one_line(text):
            self._write("item", f"{'  ' * depth}- {number} {text}" if number else f"{'  ' * depth}- {text}")

    def table(self, rows: Sequence[Sequence[str]], caption: str = "") -> None:
        """Write a table, its column names first; where it has none they are empty. A caption stands right above.

        A row of one cell alone heads the rows below it.
        """
        if not rows:
            return
        if caption := one_line(caption):
            self._write("caption", caption)
        header, *body = rows
        for row in (header, ["---"] * len(header), *body):
            cells = (one_line(cell).replace("|", r"\|") for cell in row)
            self._write("row", f"| {' | '.join(cells)} |")
        self.part()

    def facts(self, pairs: Sequence[Sequence[str]]) -> None:
        """Write names with their values: few and short ones together, as the one row of a table, others a row each."""
        pairs = [(one_line(name), one_line(value)) for name, value in pairs]
        names = [name for name, _ in pairs]
        together = 1 < len(pairs) <= _MOST_FACTS and sum(len(n) + len(v) for n, v in pairs) <= _LONGEST_FACTS
        if together and all(names) and len(set(names)) == len(names):
            self.table([names, [value for _, value in pairs]])
        else:
            self.table([("", ""), *pairs])

    def part(self) -> None:
        """Let what follows stand apart, though it is of the same kind."""
        if self._lines:
            self._last = "text"

    def _write(self, kind: _Kind, text: str) -> None:
        together = {("item", "item"), ("row", "row"), ("caption", "row"), ("caption", "caption")}
        listed = kind == self._last == "ordinal" and _form(text) == _form(self._lines[-1].text)
        if self._lines and not listed and (self._last, kind) not in together:
            self._lines.append(Line(len(self._lines) + 1, "", self.page))
        self._lines.append(Line(len(self._lines) + 1, text, self.page))
        self._last = kind


def _form(text: str) -> str:
    """Return how a line is numbered: 0 for each figure, ア for each letter; (2) and (3) are one form, ・ another."""
    mark = _ORDINAL.match(text)
    return re.sub(r"[①-⑳]", "①", re.sub(r"[ア-ン]", "ア", re.sub(r"\d+", "0", mark[0][:-1].strip()))) if mark else ""


def legible(text: str) -> str:
    """Return a text without what is no character of a writing."""
    return _UNWRITTEN.sub("", _SURROGATE.sub("\ufffd", text))


def one_line(text: str) -> str:
    """Return a text on one line: what parted its lines becomes a space, and ends of the line are bare."""
    return re.sub(r"[^\S\u3000]+", " ", legible(text)).strip()


def join_spread_name(text: str) -> str:
    """Return the name of a column on one line: Japanese that its width broke stands together again."""
    parts = [one_line(part) for part in text.split("\n")]
    joined = parts[0]
    for left, right in pairwise(parts):
        together = re.search(rf"{JAPANESE}$", left) and re.match(JAPANESE, right)
        joined += ("" if together or not joined else " ") + right
    return joined.strip()
