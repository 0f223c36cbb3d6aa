"""The sides of a balance that a table tells: what is needed, and what there is for it (量の見込み and 確保方策)."""

import re
from collections.abc import Iterable
from enum import StrEnum

from ingest.documents import Passage
from ingest.normalise import dates, nfkc


class Side(StrEnum):
    """A side of the balance."""

    NEED = "need"
    SUPPLY = "supply"


_LABELS = (
    (Side.SUPPLY, re.compile(r"確保|供給|提供|収容|定員|受け?入れ?|備蓄|保有|充足|整備[数量]")),
    (Side.NEED, re.compile(r"見込み?(?!値)|需要|必要|想定|希望|申込|所要")),
)
_SAID = {
    Side.SUPPLY: re.compile(r"確保|供給|収容|定員|受け?入れ|枠|備蓄"),
    Side.NEED: re.compile(r"量の見込み|需要|必要|想定|希望|申し?込"),
}
# Words of a question for what a table labels otherwise.
_WORDS = {
    Side.SUPPLY: frozenset({"枠", "受け入れ", "受け入れる", "受け入れ枠", "定員", "確保", "供給", "収容"}),
    Side.NEED: frozenset({"希望", "希望者", "需要", "必要", "想定", "申し込み", "申し込む", "見込み"}),
}


def side_of(label: str) -> Side | None:
    """Return the side that a label of a row or column, normalised, is of."""
    return next((side for side, pattern in _LABELS if pattern.search(label)), None)


def side_asked(text: str) -> Side | None:
    """Return the side that normalised `text` speaks of, None where it speaks of both or neither."""
    said = [side for side, pattern in _SAID.items() if pattern.search(text)]
    return said[0] if len(said) == 1 else None


def sides_in(row: Passage) -> frozenset[Side]:
    """Return the sides that a row tells: by its second name, or by its columns."""
    named = (nfkc(c.value) for c in row.cells[1:3] if not dates(nfkc(c.column)))
    labels = (*named, *(nfkc(c.column) for c in row.cells[1:]))
    return frozenset(side for label in labels if (side := side_of(label)))


WORDS = frozenset[str]().union(*_WORDS.values())
"""The words of both sides."""


def words_meant(rows: Iterable[Passage]) -> frozenset[str]:
    """Return the words by which questions speak of the sides that the rows tell."""
    sides = frozenset[Side]().union(*map(sides_in, rows))
    return frozenset[str]().union(*(_WORDS[side] for side in sides))
