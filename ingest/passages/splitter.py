"""Walks through the blocks of a document and adds a passage per section and per table row, of limited length.

Sections are cut between sentences and items.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from ingest.blocks.headings import is_unit
from ingest.blocks.line_marks import level_of
from ingest.blocks.speakers import find_speaker
from ingest.blocks.tables import continues_on_next_page
from ingest.documents import Block, DroppedLines, Passage, PassageKind
from ingest.japanese.contacts import LINK_TARGET
from ingest.japanese.markers import MARKS
from ingest.japanese.sentences import split_document_sentences
from ingest.passages.table_passages import (
    may_name,
    row_passages,
    take_titles,
    unused_columns,
    with_note,
)

# Characters in one passage; longer sections are cut at sentence and item ends (decision 007).
LONGEST_PASSAGE = 400
# A list is not split up to this length.
LONGEST_LIST = 1600
# Text that refers to what precedes it: これら5分野にて重点的に施策を展開.
_REFERS_BACK = re.compile(r"これら|以上の|上記")
_ASKS = re.compile(r"(?:か|でしょう|ください)[。?？]?$")
# The title of a slide and of its part; longer runs of labels are the text of a figure.
_MAX_TITLE_LABELS = 2
# A heading that also contains its text: 【問合せ】交通対策課, 1 日時 令和7年10月23日.
_HEADING_WITH_TEXT = re.compile(r"【[^】]*】\s*\S|\d{1,2}[.、]?\s*[^\s\d.、]\S{0,9}\s+\S")
# Styles of headings for a part of a slide: a label after their content closes them.
_PIECES = ("(1)", "①", "ア", "(ア)", "(a)", "【】", "<>", "series end")


def split(doc_id: str, title: str, blocks: Iterable[Block]) -> tuple[tuple[Passage, ...], tuple[DroppedLines, ...]]:
    """Return the passages of a document in order, and the dropped lines with the reasons.

    `title` is the heading of text without one. Every line of `blocks` belongs to a passage or to a dropped piece.
    """
    collected = _PassageCollector(doc_id, title)
    _Splitter(collected).take(blocks)
    return tuple(collected.passages), tuple(collected.dropped)


class _PassageCollector:
    def __init__(self, doc_id: str, title: str) -> None:
        self.doc_id = doc_id
        self.title = title
        self.passages: list[Passage] = []
        self.dropped: list[DroppedLines] = []
        self._waiting: list[Block] = []
        # The headings above each heading, by its lines.
        self._parents: dict[tuple[int, ...], tuple[str, ...]] = {}

    def add(self, passage: Passage) -> None:
        carried = [b for b in self._waiting if b.text in passage.path]
        self._waiting = [b for b in self._waiting if b not in carried]
        lines = tuple(dict.fromkeys([*(n for b in carried for n in b.lines), *passage.lines]))
        self.passages.append(replace(passage, id=f"{self.doc_id}#{len(self.passages) + 1:04d}", lines=lines))

    def drop(self, blocks: Sequence[Block], reason: str) -> None:
        self.dropped += [DroppedLines(b.lines, b.text, reason) for b in blocks]

    def wait(self, heading: Block, parents: tuple[str, ...] = ()) -> None:
        self._waiting.append(heading)
        self._parents[heading.lines] = parents

    def has_pending_heading(self) -> bool:
        return bool(self._waiting)

    def drop_closed_headings(self, still_open: Collection[Block]) -> None:
        lines = {b.lines for b in still_open}
        ended = [b for b in self._waiting if b.lines not in lines]
        for b in ended:
            if _HEADING_WITH_TEXT.match(b.text):
                self._waiting = [other for other in self._waiting if other is not b]
                path = self._parents[b.lines] or (self.title,)
                self.add(Passage("", self.doc_id, "text", path, b.text, b.lines, b.page))
        self.drop([b for b in ended if b in self._waiting], "本文のない見出し")
        self._waiting = [b for b in self._waiting if b not in ended]


@dataclass
class _Outline:
    headings: list[Block] = field(default_factory=list)
    labels: list[Block] = field(default_factory=list)
    _ranks: dict[str, int] = field(default_factory=dict)

    def path(self) -> tuple[str, ...]:
        return tuple(b.text for b in self.open())

    def open(self) -> list[Block]:
        return [*self.headings, *self.labels]

    def in_piece(self) -> bool:
        return bool(self.headings) and self.headings[-1].style in _PIECES

    def repeats(self, heading: Block) -> bool:
        place = next(
            (i for i, h in enumerate(self.headings) if (h.text, h.style) == (heading.text, heading.style)), None
        )
        if place is not None:
            del self.headings[place + 1 :]
        return place is not None

    def push(self, heading: Block) -> None:
        rank = self._rank(heading)
        is_marked = heading.style.startswith("#")
        if is_marked:
            self._ranks = {}
        elif rank is not None:
            self._ranks = {style: inner for style, inner in self._ranks.items() if inner <= rank}
        ended = (
            i
            for i, h in enumerate(self.headings)
            if h.rank is None or (rank is not None and h.rank >= rank) or (is_marked and h.style in MARKS)
        )
        del self.headings[next(ended, len(self.headings)) :]
        self.headings.append(replace(heading, rank=rank))

    def end_pieces(self) -> None:
        self.labels = []
        while self.headings and self.headings[-1].style in _PIECES:
            self.headings.pop()

    # None for a member of a series (Stage 1), which is in any section and ends with the next heading.
    def _rank(self, heading: Block) -> int | None:
        if heading.rank is not None or heading.style.startswith("series"):
            return heading.rank
        level = level_of(heading.style) if heading.style in MARKS else 0
        parents = [
            h.rank
            for h in self.headings
            if h.rank is not None and h.style != heading.style and not (level and h.style in MARKS)
        ]
        return self._ranks.setdefault(f"mark {level}" if level else heading.style, (parents or [0])[-1] + 1 + level)


class _Splitter:
    def __init__(self, collected: _PassageCollector) -> None:
        self._collected = collected
        self._outline = _Outline()
        self._content: list[Block] = []  # since the last passage
        self._table = range(0)  # the lines of the last table, whose notes may follow
        self._untitled: Block | None = None  # the last table, if it has no title yet
        self._table_number = 0
        self._last_table: Block | None = None

    def take(self, blocks: Iterable[Block]) -> None:
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
        self._flush()
        if outline.repeats(heading):
            self._collected.drop([heading], "繰り返しの見出し")
        else:
            outline.push(heading)
        outline.labels = []
        self._collected.drop_closed_headings(outline.open())
        if outline.headings[-1].lines == heading.lines:
            self._collected.wait(heading, outline.path()[:-1])

    def _add_label(self, label: Block) -> None:
        outline = self._outline
        has_body = any(b.kind != "label" for b in self._content)
        if not self._content:
            has_body = not self._collected.has_pending_heading() and bool(self._collected.passages)
        if has_body and (outline.in_piece() or self._may_name(label)):
            self._flush()
            outline.end_pieces()
        self._cut_if_full(label)
        self._content.append(label)

    # On pages also below a marked heading, because layout separates titles.
    def _may_name(self, label: Block) -> bool:
        above = [block for block in self._content if block is not label]
        return not self._outline.headings or (label.page is not None and may_name(label, above))

    def _name_by_labels(self) -> None:
        if not self._content or self._content[-1].kind != "label" or not self._may_name(self._content[-1]):
            return
        n_titles = 1 if self._outline.headings else _MAX_TITLE_LABELS
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
        self._untitled = None if titles else table
        self._flush()
        self._collected.drop(scale, "図の目盛り")
        for title in titles:
            self._collected.wait(title)
        collected = self._collected
        first = len(collected.passages)
        path = (*self._path(), *(b.text for b in titles))
        # Below a heading that its page repeats, it is still one table.
        is_below_rows = any(last.kind == "row" and last.path == path for last in collected.passages[-1:])
        if not (is_below_rows and self._last_table and continues_on_next_page(self._last_table, table)):
            self._table_number += 1
        self._last_table = table
        for row in row_passages(table, collected.doc_id, path):
            collected.add(replace(row, table=self._table_number) if row.kind == "row" else row)
        if unused := unused_columns(table):
            collected.dropped.append(DroppedLines(table.rows[0].lines, " ".join(unused), "値のない列"))
        if uncovered := set(table.lines) - {n for p in collected.passages[first:] for n in p.lines}:
            collected.dropped.append(DroppedLines(tuple(sorted(uncovered)), "", "表の罫線"))
        self._table = range(first, len(collected.passages))
        self._outline.labels = [b for b in self._outline.labels if not is_unit(b.text)]

    def _cut_if_full(self, block: Block) -> None:
        n_complete = _count_complete(self._content, block)
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
        for passage in _section_passages(blocks, self._collected.doc_id, path):
            self._collected.add(passage)


# A longer sentence or item is not split.
def _section_passages(blocks: Sequence[Block], doc_id: str, path: tuple[str, ...]) -> Iterator[Passage]:
    parts: list[tuple[str, Block]] = []
    for block in blocks:
        is_item = block.kind == "item"
        texts = [f"{block.style}・{block.text}"] if is_item else split_document_sentences(block.text)
        parts += [(text, block) for text in texts]
    is_list = any(block.kind == "item" for block in blocks)
    limit = LONGEST_LIST if is_list and _length(_join_parts(parts)) <= LONGEST_LIST else LONGEST_PASSAGE
    pending: list[tuple[str, Block]] = []
    speaker = blocks[0].speaker if blocks else ""  # of the pending parts
    for part in parts:
        max_length = LONGEST_LIST if _REFERS_BACK.match(part[0]) else limit
        is_new_block = bool(pending) and part[1] is not pending[-1][1]
        is_other_speech = speaker and is_new_block and part[1].speaker != speaker
        if pending and (_length(_join_parts([*pending, part])) > max_length or is_other_speech):
            yield _passage(pending, doc_id, (*path, speaker) if speaker else path)
            speaker = part[1].speaker
            if not (is_new_block or speaker) and part[1].kind == "speech" and (label := find_speaker(part[1].text)):
                speaker = label.written
            pending = []
        pending.append(part)
    if pending:
        yield _passage(pending, doc_id, (*path, speaker) if speaker else path)


def _passage(parts: Sequence[tuple[str, Block]], doc_id: str, path: tuple[str, ...]) -> Passage:
    blocks = list({id(block): block for _, block in parts}.values())
    lines = tuple(dict.fromkeys(number for block in blocks for number in block.lines))
    kind: PassageKind = "list" if any(block.kind == "item" for block in blocks) else "text"
    return Passage("", doc_id, kind, path, _join_parts(parts), lines, blocks[0].page)


def _join_parts(parts: Sequence[tuple[str, Block]]) -> str:
    text = ""
    previous: Block | None = None
    for part, block in parts:
        text += part if previous is block or previous is None else f"\n{part}"
        previous = block
    return text


# The number of blocks of `content` that form a passage before `block`. A list stays with its introduction, a note and a
# text like これら… with what they refer to, a reply with its question.
def _count_complete(content: Sequence[Block], block: Block) -> int:
    length = sum(_length(b.text) for b in content)
    if not content or length + _length(block.text) <= LONGEST_PASSAGE or block.kind == "note":
        return 0
    if _REFERS_BACK.match(block.text) and length + _length(block.text) <= LONGEST_LIST:
        return 0
    if block.kind != "item":
        is_reply = content[-1].kind == block.kind == "speech" and _ASKS.search(content[-1].text)
        return len(content) - 1 if len(content) > 1 and is_reply else len(content)
    first = len(content)
    while first > 0 and content[first - 1].kind == "item":
        first -= 1
    if first > 1:
        return first - 1
    return len(content) if length > LONGEST_LIST else 0


# A list of links is cut as it would be without their targets.
def _length(text: str) -> int:
    return len(LINK_TARGET.sub("", text))
