"""Walks through the blocks of a document and adds a passage per section and per table row."""

from collections.abc import Iterable

from ingest.chunking.outline import Outline
from ingest.chunking.passage_collector import PassageCollector
from ingest.chunking.pieces import count_blocks_before_cut, pieces
from ingest.chunking.table_passages import (
    introducing_line,
    may_name,
    row_passages,
    take_titles,
    unused_columns,
    with_note,
)
from ingest.documents import DroppedLines, Passage, PassageKind
from ingest.japanese.markers import MARKS
from ingest.structure import Block
from ingest.structure.labels import is_unit
from ingest.structure.verbatim_record import SPOKEN

# The title of a slide and of its part; longer runs of labels are the text of a figure.
_MAX_TITLE_LABELS = 2
# Characters of an introduction that joins the first part of an article (decision 007).
_MAX_INTRODUCTION_LENGTH = 60


class Splitter:
    """Collects the content between headings into passages of `collected`."""

    def __init__(self, collected: PassageCollector) -> None:
        self._collected = collected
        self._outline = Outline()
        self._content: list[Block] = []  # since the last passage
        self._table = range(0)  # the lines of the last table, whose notes may follow
        self._untitled: Block | None = None  # the last table, if it has no title yet

    def take(self, blocks: Iterable[Block]) -> None:
        """Process all blocks of the document."""
        for block in blocks:
            self._take(block)
        self._flush()
        self._collected.drop_closed_headings([])

    def _take(self, block: Block) -> None:
        if block.kind == "dropped":
            self._collected.drop([block], block.style)
        elif block.kind == "note" and self._table and not self._content:
            rows = slice(self._table.start, self._table.stop)
            self._collected.passages[rows] = with_note(self._collected.passages[rows], block)
        else:
            self._take_content(block)

    def _take_content(self, block: Block) -> None:
        self._table = range(0)
        if self._content and block.page != self._content[-1].page:
            self._flush()  # a citation names one page
        if block.kind == "heading":
            self._open(block)
        elif block.kind == "table":
            self._add_table(block)
        elif block.kind == "label":
            self._add_label(block)
        else:
            self._name_by_labels()
            self._cut_if_full(block)
            self._content.append(block)

    def _open(self, heading: Block) -> None:
        outline = self._outline
        self._untitled = None
        if heading.style.startswith("series") and not outline.in_series():
            self._name_by_labels()
            outline.above = outline.labels
            outline.labels = []
        if not self._introduces(heading):
            self._flush()
        if outline.repeats(heading):
            if heading.style != SPOKEN:  # a speaker's name may repeat before each speech
                self._collected.drop([heading], "繰り返しの見出し")
        else:
            outline.push(heading)
        if outline.is_marked():
            outline.above = []
            outline.labels = []
        self._collected.drop_closed_headings(outline.open())
        if outline.headings[-1].lines == heading.lines:
            self._collected.wait(heading, outline.path()[:-1])

    def _introduces(self, heading: Block) -> bool:
        outer = self._outline.headings[-1:]
        is_first = heading.style in MARKS and not any(h.style in MARKS for h in outer)
        texts = [b.text for b in self._content if b.kind == "text"]
        return is_first and 0 < len("".join(texts)) <= _MAX_INTRODUCTION_LENGTH and len(texts) == len(self._content)

    def _add_label(self, label: Block) -> None:
        outline = self._outline
        if (outline.in_piece() or self._may_name(label)) and self._has_body():
            self._flush()
            outline.end_pieces()
        self._cut_if_full(label)
        self._content.append(label)

    def _may_name(self, label: Block) -> bool:
        """Whether a label may be a title: on pages also below a marked heading, because layout separates titles."""
        above = [block for block in self._content if block is not label]
        return not self._outline.is_marked() or (label.page is not None and may_name(label, above))

    def _has_body(self) -> bool:
        if not self._content:
            return not self._collected.has_pending_heading() and bool(self._collected.passages)
        return any(b.kind != "label" for b in self._content)

    def _name_by_labels(self) -> None:
        if not self._content or self._content[-1].kind != "label" or not self._may_name(self._content[-1]):
            return
        n_titles = 1 if self._outline.is_marked() else _MAX_TITLE_LABELS
        titles = self._content[-n_titles:]
        del self._content[-n_titles:]
        self._outline.labels = []
        self._flush()
        self._outline.labels = titles
        for title in titles:
            self._collected.wait(title)

    def _add_table(self, table: Block) -> None:
        self._name_by_labels()
        is_after_table = self._untitled is not None and self._untitled.page == table.page
        titles, scale = take_titles(self._content, after_table=is_after_table)
        above = (*introducing_line(self._content, table), *(b.text for b in titles))
        self._untitled = None if titles else table
        self._flush()
        self._collected.drop(scale, "図の目盛り")
        for title in titles:
            self._collected.wait(title)
        collected = self._collected
        first = len(collected.passages)
        for row in row_passages(table, collected.doc_id, (*self._path(), *above)):
            collected.add(row)
        if unused := unused_columns(table):
            collected.dropped.append(DroppedLines(table.rows[0].lines, " ".join(unused), "値のない列"))
        if uncovered := set(table.lines) - {n for p in collected.passages[first:] for n in p.lines}:
            collected.dropped.append(DroppedLines(tuple(sorted(uncovered)), "", "表の罫線"))
        self._table = range(first, len(collected.passages))
        self._outline.labels = [b for b in self._outline.labels if not is_unit(b.text)]

    def _cut_if_full(self, block: Block) -> None:
        n_complete = count_blocks_before_cut(self._content, block)
        if n_complete:
            remaining = self._content[n_complete:]
            del self._content[n_complete:]
            self._flush()
            self._content = remaining

    def _path(self) -> tuple[str, ...]:
        return self._outline.path() or (self._collected.title,)

    def _flush(self) -> None:
        blocks = self._content
        self._content = []
        path = self._path()
        for piece in pieces(blocks):
            kind: PassageKind = "list" if piece.items else "text"
            self._collected.add(
                Passage(
                    id="",
                    doc_id=self._collected.doc_id,
                    kind=kind,
                    path=(*path, piece.speaker) if piece.speaker else path,
                    text=piece.text,
                    lines=piece.lines,
                    page=piece.page,
                    items=piece.items,
                )
            )
