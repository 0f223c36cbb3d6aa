"""Collects the blocks and lines of a document whose format marks its parts."""

import re
from collections.abc import Sequence

from ingest.blocks.line_text import to_one_line
from ingest.blocks.model import DocumentPart, marked_heading
from ingest.blocks.table_layout import LayoutRow, TableSlot, arrange_table, table_blocks
from ingest.documents import Block, BlockRow, Line
from ingest.japanese.contacts import LINK_TARGET
from ingest.japanese.markers import ORDINAL

_DEEPEST = 6
# Names with values (an office, its hours, its telephone) become one passage up to this many names and characters.
_MOST_FACTS = 12
_LONGEST_FACTS = 300
# 1. · (1) · ① · ア before a word: consecutive paragraphs with such numbers are a list typed by hand.
_ORDINAL = re.compile(rf"(?:{ORDINAL}|[・•]\s*)\S")
# A number is an item's only before a space, unlike 1.5倍, so 1.印かん gets the missing space.
_MISSING_SPACE = re.compile(r"^([\d]{1,2}[.)])(?=[^\s\d.)、。])")


class BlockWriter:
    """The parts of a document in reading order: blocks, and lines of text that blank lines separate.

    `page` is the page of what is added next, None if the format has no pages.
    """

    def __init__(self) -> None:
        self.page: int | None = None
        self.level = 0  # of the last heading
        self._line = 0
        self.parts: list[DocumentPart] = []
        self._ordinal = ""  # the form of the number that opened the last line

    def add_heading(self, level: int, text: str) -> None:
        """Add a heading, without targets of links; `level` counts from 1, the outermost."""
        if text := to_one_line(LINK_TARGET.sub("", text)):
            self.level = min(level, _DEEPEST)
            self._add(marked_heading(self.level, text, self._next_line(), self.page))

    def add_paragraph(self, text: str) -> None:
        """Add a paragraph, each of its lines separately; typed list items stay one block."""
        for raw in text.split("\n"):
            if line := _MISSING_SPACE.sub(r"\1 ", to_one_line(raw)):
                mark = _ORDINAL.match(line)
                form = re.sub(r"[ア-ン]", "ア", re.sub(r"\d+", "0", mark[0][:-1].strip())) if mark else ""
                ordinal = re.sub(r"[①-⑳]", "①", form)
                if not ordinal or ordinal != self._ordinal:
                    self.start_block()
                self.parts.append(Line(self._next_line(), line, self.page))
                self._ordinal = ordinal

    def add_item(self, text: str, depth: int = 0, number: str = "") -> None:
        """Add a list item; `depth` is 0 for the outermost level, `number` is printed before the text."""
        if text := to_one_line(text):
            shown = f"{number} {text}" if number else text
            self._add(Block("item", shown, (self._next_line(),), self.page, "  " if depth else ""))

    def add_dropped(self, text: str, reason: str) -> None:
        if text := to_one_line(text):
            self._add(Block("dropped", text, (self._next_line(),), self.page, reason))

    def add_table(self, slots: Sequence[TableSlot], *, headers: int | None = None, caption: str = "") -> None:
        """Add a table with its titles and notes; see `arrange_table`.

        A column without a name becomes paragraphs, one of names with values facts.
        """
        layout = arrange_table(slots, headers=headers)
        if caption:
            layout.titles.insert(0, LayoutRow((caption,), -1))
        if not (layout.is_text or layout.pairs):
            self.parts += table_blocks(layout, lambda _: (self._next_line(),), self.page)
            self._ordinal = ""
            return
        for title in layout.titles:
            self.add_paragraph(title.cells[0])
        if layout.pairs:
            self.add_facts(layout.pairs)
        for row in (*(layout.rows if layout.is_text else ()), *layout.notes):
            self.add_paragraph(row.cells[0])

    def add_rows(self, rows: Sequence[Sequence[str]]) -> None:
        """Add a table; the first row holds the column names, empty if there are none."""
        written = [BlockRow((self._next_line(),), tuple(map(to_one_line, row))) for row in rows]
        self._add(Block("table", "", tuple(row.lines[0] for row in written), self.page, rows=tuple(written)))

    def add_facts(self, pairs: Sequence[Sequence[str]]) -> None:
        """Add names with values: as one row if they are few and short, otherwise one row per pair."""
        pairs = [(to_one_line(name), to_one_line(value)) for name, value in pairs]
        names = [name for name, _ in pairs]
        fits_one_row = 1 < len(pairs) <= _MOST_FACTS and sum(len(n) + len(v) for n, v in pairs) <= _LONGEST_FACTS
        if fits_one_row and all(names) and len(set(names)) == len(names):
            self.add_rows([names, [value for _, value in pairs]])
        else:
            self.add_rows([("", ""), *pairs])

    def start_block(self) -> None:
        """Separate the next line from the one before."""
        if self.parts and isinstance(last := self.parts[-1], Line) and last.text:
            self.parts.append(Line(self._next_line(), "", self.page))
        self._ordinal = ""

    def _add(self, block: Block) -> None:
        self.parts.append(block)
        self._ordinal = ""

    def _next_line(self) -> int:
        self._line += 1
        return self._line
