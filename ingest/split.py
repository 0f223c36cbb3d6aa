"""Blocks to passages: what belongs together stays together, nothing is lost, nothing is invented."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from ingest.documents import Cell, Dropped, Passage
from ingest.structure import Block

# Characters in one passage; longer sections are cut at sentence and item ends (eval/LOG.md, 2026-11-20).
LONGEST_PASSAGE = 400
# A list is kept whole up to this length.
_LONGEST_LIST = 1600
# Labels that name what follows: its title and the slide's. Longer runs of labels are the text of a figure.
_TITLE_LABELS = 2


@dataclass
class _Section:
    """The headings that are open, and the content since the last cut."""

    headings: list[Block] = field(default_factory=list)
    labels: list[Block] = field(default_factory=list)
    content: list[Block] = field(default_factory=list)

    def has_outline(self) -> bool:
        """Whether a numbered or marked heading is open (a series of slides' labels is none)."""
        return any(not h.style.startswith("series") for h in self.headings)

    def path(self) -> tuple[str, ...]:
        """Return the headings from outer to inner; labels that stood before a series (Stage 1) are its parents."""
        labels = [b.text for b in self.labels]
        headings = [b.text for b in self.headings]
        above = bool(self.headings and self.labels) and self.headings[-1].lines > self.labels[-1].lines
        return tuple(labels + headings if above else headings + labels)


def split(doc_id: str, title: str, blocks: Iterable[Block]) -> tuple[tuple[Passage, ...], tuple[Dropped, ...]]:
    """Return the passages of a document in order, and what was dropped with the reason; `title` heads what has no heading.

    Every source line of `blocks` is in `lines` of a passage or of a dropped piece.
    """
    splitter = _Splitter(doc_id, title)
    for block in blocks:
        splitter.take(block)
    splitter.flush()
    splitter.drop_waiting()
    return tuple(splitter.passages), tuple(splitter.dropped)


class _Splitter:
    """Walks over the blocks with the open headings in hand."""

    def __init__(self, doc_id: str, title: str) -> None:
        self.doc_id = doc_id
        self.title = title
        self.passages: list[Passage] = []
        self.dropped: list[Dropped] = []
        self.section = _Section()
        self.waiting: list[Block] = []  # headings that no passage carries yet
        self.table: range = range(0)  # the rows whose notes may follow

    def take(self, block: Block) -> None:
        """Add one block."""
        if block.kind == "dropped":
            self.dropped.append(Dropped(block.lines, block.text, block.style))
        elif block.kind == "heading":
            self._open(block)
        elif block.kind == "table":
            self._rows(block)
        elif block.kind == "note" and self.table and not self.section.content:
            self._note(block)
        elif block.kind == "label":
            self._label(block)
        else:
            self.table = range(0)
            self._name_by_labels()
            self._cut_if_full(block)
            self.section.content.append(block)

    def _path(self) -> tuple[str, ...]:
        return self.section.path() or (self.title,)

    def _open(self, block: Block) -> None:
        if block.style.startswith("series") and not self._in_series():
            self._name_by_labels()
        self.flush()
        self.table = range(0)
        headings = self.section.headings
        repeated = next((i for i, h in enumerate(headings) if h.text == block.text and h.style == block.style), None)
        if repeated is not None:
            del headings[repeated + 1 :]
            self.dropped.append(Dropped(block.lines, block.text, "繰り返しの見出し"))
        else:
            del headings[self._depth(block) :]
            headings.append(block)
            self.waiting.append(block)
        if self.section.has_outline():
            self.section.labels = []

    def _depth(self, block: Block) -> int:
        """Return how many of the open headings stay open above `block`."""
        headings = self.section.headings
        if block.rank is not None:
            return next((i for i, h in enumerate(headings) if h.rank is None or h.rank >= block.rank), len(headings))
        return next((i for i, h in enumerate(headings) if h.style.split()[0] == block.style.split()[0]), len(headings))

    def _label(self, block: Block) -> None:
        """Keep a label; without numbered headings one after content opens a new group, under a mark (【】, (1)) it ends it."""
        section = self.section
        self.table = range(0)
        marked = bool(section.headings) and section.headings[-1].rank is None
        if (marked or not section.has_outline()) and self._has_body():
            self.flush()
            section.labels = []
            while section.headings and section.headings[-1].rank is None and section.headings[-1].style != "series":
                section.headings.pop()
        self._cut_if_full(block)
        section.content.append(block)

    def _in_series(self) -> bool:
        return any(h.style == "series" for h in self.section.headings)

    def _has_body(self) -> bool:
        """Whether more than labels stands under the open heading or label."""
        content = self.section.content
        if not content:
            return not self.waiting and bool(self.passages)
        return any(b.kind != "label" for b in content)

    def _name_by_labels(self) -> None:
        """Where no numbered heading is open, let the last labels before content be its title."""
        section = self.section
        if section.has_outline() or not section.content or section.content[-1].kind != "label":
            return
        titles = section.content[-_TITLE_LABELS:]
        section.content = section.content[:-_TITLE_LABELS]
        section.labels = []
        self.flush()
        section.labels = titles
        self.waiting += titles

    def _cut_if_full(self, block: Block) -> None:
        """Close the passage before it grows too long; a list stays with the line that introduces it."""
        content = self.section.content
        if (
            not content
            or sum(len(b.text) for b in content) + len(block.text) <= LONGEST_PASSAGE
            or block.kind == "note"
        ):
            return
        lead = len(content)
        if block.kind == "item":
            while lead > 0 and content[lead - 1].kind == "item":
                lead -= 1
            lead -= 1
        if lead > 0:
            self.section.content = content[:lead]
            self.flush()
            self.section.content = content[lead:]
        elif sum(len(b.text) for b in content) > _LONGEST_LIST:
            self.flush()

    def flush(self) -> None:
        """Close the passage that is being gathered."""
        blocks, self.section.content = self.section.content, []
        if not blocks:
            return
        path = self._path()
        text = "\n".join(f"{b.style}・{b.text}" if b.kind == "item" else b.text for b in blocks)
        items = tuple(b.text for b in blocks if b.kind == "item")
        lines = tuple(n for b in blocks for n in b.lines)
        for piece in [text] if items and len(text) <= _LONGEST_LIST else _pieces(text):
            self._add(
                Passage("", self.doc_id, "list" if items else "text", path, piece, lines, blocks[0].page, items=items)
            )

    def _add(self, passage: Passage) -> None:
        number = len(self.passages) + 1
        heading_lines = tuple(n for b in self.waiting for n in b.lines)
        self.waiting = []
        self.passages.append(
            Passage(
                f"{self.doc_id}#{number:04d}", passage.doc_id, passage.kind, passage.path, passage.text,
                heading_lines + passage.lines, passage.page, passage.cells, passage.notes, passage.items,
            )
        )  # fmt: skip

    def _rows(self, table: Block) -> None:
        """One passage a row: each cell behind its column's name; an empty first cell continues the one above."""
        self._name_by_labels()
        self.flush()
        (header_line, header), *rows = table.rows
        first = len(self.passages)
        above = ""
        for number, values in rows:
            above = values[0] or above
            filled = (above, *values[1:])
            names = header + ("",) * (len(filled) - len(header))
            cells = tuple(Cell(n, v) for n, v in zip(names, filled, strict=False) if v)
            text = "\n".join(f"{c.column}: {c.value}" if c.column else c.value for c in cells)
            lines = (header_line, number)
            self._add(Passage("", self.doc_id, "row", self._path(), text, lines, table.page, cells))
        if not rows:
            self._add(Passage("", self.doc_id, "text", self._path(), " ".join(header), (header_line,), table.page))
        uncovered = set(table.lines) - {n for p in self.passages[first:] for n in p.lines}
        if uncovered:
            self.dropped.append(Dropped(tuple(sorted(uncovered)), "", "表の罫線と折り返し"))
        self.table = range(first, len(self.passages))

    def _note(self, block: Block) -> None:
        """A note under a table goes to each of its rows; a numbered one (※1) to the rows that carry its mark."""
        mark = re.match(r"^[※*]\s?\d+", block.text)
        rows = [i for i in self.table if mark is None or mark[0] in self.passages[i].text] or list(self.table)
        for i in rows:
            p = self.passages[i]
            self.passages[i] = Passage(
                p.id, p.doc_id, p.kind, p.path, f"{p.text}\n{block.text}", p.lines + block.lines, p.page, p.cells,
                (*p.notes, block.text), p.items,
            )  # fmt: skip

    def drop_waiting(self) -> None:
        """Name the headings under which nothing stands."""
        self.dropped += [Dropped(b.lines, b.text, "本文のない見出し") for b in self.waiting]


def _pieces(text: str) -> list[str]:
    """Cut a text longer than LONGEST_PASSAGE after sentences and lines; a longer sentence stays whole."""
    pieces = [""]
    for part in re.findall(r"[^。\n]*(?:。[」』)]*\n?|\n|$)", text):
        if pieces[-1] and len(pieces[-1]) + len(part) > LONGEST_PASSAGE:
            pieces.append("")
        pieces[-1] += part
    return [piece.strip("\n") for piece in pieces if piece.strip()]
