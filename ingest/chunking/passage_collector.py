"""Collects passages, dropped lines and pending headings while a document is split."""

import re
from collections.abc import Collection, Sequence
from dataclasses import replace

from ingest.documents import DroppedLines, Passage
from ingest.structure import Block

# A heading that also contains its text: 【問合せ】交通対策課, 1 日時 令和7年10月23日.
_HEADING_WITH_TEXT = re.compile(r"【[^】]*】\s*\S|\d{1,2}[.、]?\s*[^\s\d.、]\S{0,9}\s+\S")


class PassageCollector:
    """The passages of one document in order; `title` is the heading of text without one."""

    def __init__(self, doc_id: str, title: str) -> None:
        self.doc_id = doc_id
        self.title = title
        self.passages: list[Passage] = []
        self.dropped: list[DroppedLines] = []
        self._waiting: list[Block] = []
        # The headings above each heading, by its lines.
        self._parents: dict[tuple[int, ...], tuple[str, ...]] = {}

    def add(self, passage: Passage) -> None:
        """Add a passage with its id, and with the lines of the headings it is the first to have."""
        carried = [b for b in self._waiting if b.text in passage.path]
        self._waiting = [b for b in self._waiting if b not in carried]
        lines = tuple(dict.fromkeys([*(n for b in carried for n in b.lines), *passage.lines]))
        self.passages.append(replace(passage, id=f"{self.doc_id}#{len(self.passages) + 1:04d}", lines=lines))

    def drop(self, blocks: Sequence[Block], reason: str) -> None:
        """Record blocks that are in no passage."""
        self.dropped += [DroppedLines(b.lines, b.text, reason) for b in blocks]

    def wait(self, heading: Block, parents: tuple[str, ...] = ()) -> None:
        """Keep a heading below `parents` until a passage has it."""
        self._waiting.append(heading)
        self._parents[heading.lines] = parents

    def has_pending_heading(self) -> bool:
        """Whether a heading has no passage yet."""
        return bool(self._waiting)

    def drop_closed_headings(self, still_open: Collection[Block]) -> None:
        """Drop closed headings without a body; a heading with its text becomes a passage below its parents."""
        lines = {b.lines for b in still_open}
        ended = [b for b in self._waiting if b.lines not in lines]
        for b in ended:
            if _HEADING_WITH_TEXT.match(b.text):
                self._waiting = [other for other in self._waiting if other is not b]
                path = self._parents[b.lines] or (self.title,)
                self.add(Passage("", self.doc_id, "text", path, b.text, b.lines, b.page))
        self.drop([b for b in ended if b in self._waiting], "本文のない見出し")
        self._waiting = [b for b in self._waiting if b not in ended]
