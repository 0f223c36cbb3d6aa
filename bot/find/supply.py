"""Rows by which it can be told how much what there is falls short of what is needed (何人分足りませんか)."""

import re
from collections.abc import Iterable, Sequence

from bot.find.sides import WORDS, Side, sides_in
from bot.find.sought import Sought
from bot.find.weigh import Weighed
from bot.understand.asked import Kind
from ingest.documents import Passage

# 何人分足りない, 何人入れない, どれだけ余る.
_SHORT = re.compile(
    r"足りな|足りませ|足りず|足りて|不足|入れな|入れませ|入り?きれ|入れ?きれ|あふれ|はみ出|余[るりっ]|余裕|まかな[えい]"
)
_HOW_MUCH = re.compile(r"何|どれ|どの(?:くらい|ぐらい|程度)|いく[らつ]")
_KINDS = frozenset({Kind.QUANTITY, Kind.MONEY, Kind.WHAT, Kind.LIST})
# Words by which a question speaks of any such balance.
_OF_ANY_TEXT = "見込む 足りる 不足 過不足 余る 余裕 入れる 入る 溢れる 分 利用 計算 人 者 数 量"
_OF_ANY = WORDS | frozenset(_OF_ANY_TEXT.split())


def asks_balance(sought: Sought) -> bool:
    """Whether the question is by how much what there is falls short of what is needed, or exceeds it."""
    text = sought.asked.text
    return sought.asked.kind in _KINDS and bool(_SHORT.search(text) and _HOW_MUCH.search(text))


def over_balance(sought: Sought, weighed: Sequence[Weighed]) -> list[Weighed]:
    """Return the rows that tell of needs and what there is, where the question asks to hold these against each other.

    It must name nothing besides what their tables name.
    """
    if not asks_balance(sought):
        return []
    rows = [w for w in weighed if w.evidence.kind == "row" and sides_in(w.evidence.passage)]
    by_table: dict[tuple[str, tuple[str, ...]], list[Weighed]] = {}
    for w in rows:
        by_table.setdefault((w.evidence.passage.doc_id, w.evidence.passage.path), []).append(w)
    both = [table for table in by_table.values() if _has_both(w.evidence.passage for w in table)]
    return next((table for table in both if _names_all(sought, table)), [])


def _has_both(rows: Iterable[Passage]) -> bool:
    return len(frozenset[Side]().union(*map(sides_in, rows))) == len(Side)


def _names_all(sought: Sought, table: Sequence[Weighed]) -> bool:
    """Whether each word of the question that names a thing stands in the table or over it, or speaks of any balance."""
    words = frozenset[str]().union(*(w.evidence.around | w.evidence.far for w in table))
    return all(t.text in words or t.text in _OF_ANY for t in sought.terms if t.is_strong and not t.text.isdigit())
