"""The walk over the blocks of a document, with the open headings in hand."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from ingest.documents import Dropped, Passage, PassageKind
from ingest.split.outline import Outline
from ingest.split.pieces import pieces, place_to_cut
from ingest.split.rows import rows_of, take_titles, unused_columns, with_note
from ingest.structure import Block
from ingest.structure.labels import is_unit

# Labels that name what follows: its title and the slide's. Longer runs of labels are the text of a figure.
_TITLE_LABELS = 2
# A heading with a text of its own behind it: 【問合せ】交通対策課, 1 日時 令和7年10月23日.
_SAYING = re.compile(r"【[^】]*】\s*\S|\d{1,2}[.、]?[\s　]*[^\s　]{1,10}[\s　]+\S")


class Splitter:
    """Gathers the passages of one document; `title` heads what stands under no heading."""

    def __init__(self, doc_id: str, title: str) -> None:
        self.passages: list[Passage] = []
        self.dropped: list[Dropped] = []
        self._doc_id = doc_id
        self._title = title
        self._outline = Outline()
        self._content: list[Block] = []  # since the last passage
        self._waiting: list[Block] = []  # headings that no passage carries yet
        self._table = range(0)  # the rows whose notes may follow

    def take(self, blocks: Iterable[Block]) -> None:
        """Go through all blocks of the document."""
        for block in blocks:
            self._take(block)
        self._flush()
        self._close(
            self._waiting, [h for h in self._outline.headings if h.lines not in {b.lines for b in self._waiting}]
        )

    def _take(self, block: Block) -> None:
        if block.kind == "dropped":
            self._drop([block], block.style)
        elif block.kind == "note" and self._table and not self._content:
            rows = slice(self._table.start, self._table.stop)
            self.passages[rows] = with_note(self.passages[rows], block)
        else:
            self._take_content(block)

    def _take_content(self, block: Block) -> None:
        self._table = range(0)
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
        outline, before = self._outline, list(self._outline.headings)
        if heading.style.startswith("series") and not outline.in_series():
            self._name_by_labels()
            outline.above, outline.labels = outline.labels, []
        self._flush()
        if outline.repeats(heading):
            self._drop([heading], "繰り返しの見出し")
        else:
            outline.push(heading)
            self._waiting.append(heading)
        if outline.is_marked():
            outline.above, outline.labels = [], []
        self._drop_closed(before)

    def _add_label(self, label: Block) -> None:
        """Keep a label; after content it opens a new group where no heading is marked, and ends a marked piece."""
        outline, before = self._outline, list(self._outline.headings)
        if (outline.in_piece() or not outline.is_marked()) and self._has_body():
            self._flush()
            outline.end_pieces()
            self._drop_closed(before)
        self._cut_if_full(label)
        self._content.append(label)

    def _has_body(self) -> bool:
        """Whether more than labels stands under the open heading or label."""
        if not self._content:
            return not self._waiting and bool(self.passages)
        return any(b.kind != "label" for b in self._content)

    def _name_by_labels(self) -> None:
        """Where no numbered heading is open, let the last labels before content be its title."""
        if self._outline.is_marked() or not self._content or self._content[-1].kind != "label":
            return
        before = list(self._outline.headings)
        titles = self._content[-_TITLE_LABELS:]
        del self._content[-_TITLE_LABELS:]
        self._outline.labels = []
        self._flush()
        self._outline.labels = titles
        self._drop_closed(before)
        self._waiting += titles

    def _add_table(self, table: Block) -> None:
        """Add a passage a row; labels right above the table are its title."""
        self._name_by_labels()
        titles = take_titles(self._content)
        self._flush()
        self._waiting += titles
        first = len(self.passages)
        for row in rows_of(table, self._doc_id, (*self._path(), *(b.text for b in titles))):
            self._add(row)
        self._waiting = [b for b in self._waiting if b not in titles]
        if unused := unused_columns(table):
            self.dropped.append(Dropped(table.rows[0].lines, " ".join(unused), "値のない列"))
        uncovered = set(table.lines) - {n for p in self.passages[first:] for n in p.lines}
        if uncovered:
            self.dropped.append(Dropped(tuple(sorted(uncovered)), "", "表の罫線"))
        self._table = range(first, len(self.passages))
        self._outline.labels = [b for b in self._outline.labels if not is_unit(b.text)]

    def _cut_if_full(self, block: Block) -> None:
        """Close the passage before it grows too long."""
        place = place_to_cut(self._content, block)
        if place:
            rest = self._content[place:]
            del self._content[place:]
            self._flush()
            self._content = rest

    def _path(self) -> tuple[str, ...]:
        return self._outline.path() or (self._title,)

    def _flush(self) -> None:
        """Close the passage that is being gathered."""
        blocks, self._content = self._content, []
        path = self._path()
        for piece in pieces(blocks):
            kind: PassageKind = "list" if piece.items else "text"
            self._add(Passage("", self._doc_id, kind, path, piece.text, piece.lines, piece.page, items=piece.items))

    def _add(self, passage: Passage) -> None:
        """Give a passage its id and the lines of the headings that it is the first to carry."""
        carried = tuple(n for b in self._waiting for n in b.lines)
        self._waiting = []
        lines = tuple(dict.fromkeys((*carried, *passage.lines)))
        self.passages.append(replace(passage, id=f"{self._doc_id}#{len(self.passages) + 1:04d}", lines=lines))

    def _drop(self, blocks: Sequence[Block], reason: str) -> None:
        self.dropped += [Dropped(b.lines, b.text, reason) for b in blocks]

    def _drop_closed(self, before: Sequence[Block]) -> None:
        """Name the headings that were closed, of those open `before`, ere anything stood under them."""
        lines = {b.lines for b in self._outline.open()}
        closed = [b for b in self._waiting if b.lines not in lines]
        self._waiting = [b for b in self._waiting if b.lines in lines]
        self._close(closed, before)

    def _close(self, headings: Sequence[Block], before: Sequence[Block]) -> None:
        """Drop headings without a body; one that says something itself (【問合せ】交通対策課) is a text.

        `before` are the headings that were open with them.
        """
        saying = [b for b in headings if _SAYING.match(b.text)]
        self._drop([b for b in headings if b not in saying], "本文のない見出し")
        waiting, self._waiting = self._waiting, []
        for b in saying:
            path = tuple(h.text for h in before if h.lines < b.lines and h.style != b.style) or (self._title,)
            self._add(Passage("", self._doc_id, "text", path, b.text, b.lines, b.page))
        self._waiting = waiting
