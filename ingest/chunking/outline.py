"""The open headings while a document is split, and the heading path."""

import re
from dataclasses import dataclass, field, replace

from ingest.japanese import nfkc
from ingest.japanese.markers import MARKS
from ingest.structure import Block
from ingest.structure.line_marks import level_of

# Styles of headings for a part of a slide: a label after their content closes them.
_PIECES = ("(1)", "①", "ア", "(ア)", "(a)", "【】", "<>", "series end")


@dataclass
class Outline:
    """The open headings of a document.

    Attributes:
        headings: the open headings from outer to inner.
        labels: labels that replace a missing heading.
        above: labels that precede a series (Stage 1).
    """

    headings: list[Block] = field(default_factory=list)
    labels: list[Block] = field(default_factory=list)
    above: list[Block] = field(default_factory=list)
    _ranks: dict[str, int] = field(default_factory=dict)

    def path(self) -> tuple[str, ...]:
        """Return the texts of the open headings and labels, from outer to inner."""
        return tuple(b.text for b in self.open())

    def open(self) -> list[Block]:
        """Return the open headings and labels, from outer to inner."""
        return [*self.above, *self.headings, *self.labels]

    def is_marked(self) -> bool:
        """Whether a numbered or marked heading is open, other than the labels of a series."""
        return any(not h.style.startswith("series") for h in self.headings)

    def in_piece(self) -> bool:
        """Whether the innermost heading is one that a label closes."""
        return bool(self.headings) and self.headings[-1].style in _PIECES

    def in_series(self) -> bool:
        """Whether further members of a series may follow."""
        return any(h.style == "series" for h in self.headings)

    def repeats(self, heading: Block) -> bool:
        """Whether `heading` only repeats an open one; then the headings below that one are closed."""
        place = next(
            (i for i, h in enumerate(self.headings) if (h.text, h.style) == (heading.text, heading.style)), None
        )
        if place is not None:
            del self.headings[place + 1 :]
        return place is not None

    def push(self, heading: Block) -> None:
        """Open `heading`, after closing those that it ends."""
        rank = self._rank(heading)
        if heading.style.startswith("#"):
            self._ranks = {}
        elif rank is not None:
            self._ranks = {style: inner for style, inner in self._ranks.items() if inner <= rank}
        place = next(
            (i for i, h in enumerate(self.headings) if _ends(rank, h) or _is_elsewhere(heading, h)), len(self.headings)
        )
        del self.headings[place:]
        self.headings.append(replace(heading, rank=rank))

    def end_pieces(self) -> None:
        """Close the innermost headings that a label closes, and the labels."""
        self.labels = []
        while self.headings and self.headings[-1].style in _PIECES:
            self.headings.pop()
        if not self.headings:
            self.above = []

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


def _ends(rank: int | None, earlier: Block) -> bool:
    if rank is None:
        return earlier.style.startswith("series")
    return earlier.rank is None or earlier.rank >= rank


def _is_elsewhere(heading: Block, earlier: Block) -> bool:
    if heading.style.startswith("#") and earlier.style in MARKS:
        return True
    if not (heading.style.startswith("1.") and (earlier.style == "1" or earlier.style.startswith("1."))):
        return False
    numbers, above = (re.findall(r"\d+", nfkc(h.text)) for h in (heading, earlier))
    depth = 1 if earlier.style == "1" else int(earlier.style[len("1.") :])
    return numbers[:depth] != above[:depth]
