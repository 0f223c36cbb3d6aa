"""Which document a date names that stands beside words of its making or its beginning: 2025年度から始まるプラン."""

import re
from collections.abc import Sequence
from datetime import date

from bot.validity import published_on
from ingest.documents import Document
from ingest.normalise import DateMention

# A date beside such words says which document is meant, by the day of its making (2023年にできたプラン).
_MADE = re.compile(
    r"^\S{0,3}?(?:でき|出来|作ら|つくら|策定|まとめ|公表|発行|決ま|始ま|スタート)\S{0,6}?(?:ほう|方|計画|プラン|戦略|指針|資料|版)"
    # 3年前に策定された計画は? asks which one it was.
    r"(?!(?:は|って|とは)(?:何|なに|なん|どれ|どの|[?。]|$))"
)
# … by the day from which it governs; what governs is a plan.
_BEGINS = re.compile(r"^\S{0,3}?(?:始ま|スタート)")
_OF_PLAN = re.compile(r"^\S{0,12}?(?:計画|プラン|戦略|指針)")


def tells_making(behind: str) -> bool:
    """Whether the text behind a date says that a document was made, or begins, in its time."""
    return bool(_MADE.match(behind))


def made_in(mention: DateMention, behind: str, documents: Sequence[Document]) -> frozenset[str]:
    """Return the documents that were made in the time of `mention`, or begin in it where `behind` says so.

    Where a plan is spoken of, a notice of that time is none.
    """
    papers = [d for d in documents if d.period] if _OF_PLAN.match(behind) else documents
    begun = frozenset(d.id for d in papers if d.period and _covers(mention, d.period.start))
    made = frozenset(d.id for d in papers if _covers(mention, published_on(d)))
    return (begun or made) if _BEGINS.match(behind) else (made or begun)


def _covers(mention: DateMention, day: date | None) -> bool:
    return day is not None and mention.first <= day <= mention.last
