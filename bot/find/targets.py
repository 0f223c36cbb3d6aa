"""What a question wants of tables of targets: what was reached, what was missed, both, all rows, the targets alone."""

import re
from collections.abc import Iterable, Sequence
from enum import StrEnum

from bot.check.roles import role_of_column
from bot.find.evidence import content_terms_cached
from bot.find.sought import Sought
from bot.find.weigh import Weighed
from bot.understand.asked import Asked
from bot.understand.reckoning import Operation
from ingest.documents import Passage
from ingest.normalise import nfkc


class Wish(StrEnum):
    """Which rows are wanted, and what of them."""

    REACHED = "reached"
    MISSED = "missed"
    BOTH = "both"
    ALL = "all"
    TARGETS = "targets"


_REACH = re.compile(r"達成|達し|届|上回|下回|クリア|満た|未達")
_NOT = r"(?:ない|なかった|ていな|ません|ず)"
_MISSED = re.compile(rf"未達|(?:達成|達|届|上回|クリア|満た)\S{{0,3}}?{_NOT}|下回")
# The verb is not said again: 達成したものとしていないもの, 達成できた数字と、できなかった数字.
_NOR = re.compile(rf"[とかや]、?\s?(?:でき|し|そうで)\S{{0,3}}?{_NOT}|[とかや・、]そうで(?:ない|はない)")
# Nouns that leave open how it came out.
_STATE = re.compile(r"(?:達成|進捗)(?:状況|度合い?|度|具合|見込み?)")
_WHICH = re.compile(r"どれ|どの|どんな|もの|項目|指標|KPI|何が|一覧|すべて|全部|教えて|いくつ|何(?:個|つ|項目)")
_ABOUT = re.compile(r"教えて|について|一覧|すべて|全部|知りたい|見せて|示して|は\??$|どう")
_FIGURES = re.compile(r"数値目標|目標(?:の|と(?:する|なる))?(?:数値|数字|値)")
_INDICATORS = re.compile(r"KPI|成果指標|重要業績評価指標")
_LISTED = re.compile(r"一覧|すべて|全て|全部|列挙|並べて|リスト|それぞれ|挙げて")
# Words by which such a question speaks of any table of targets.
_OF_ANY = frozenset(
    {"目標", "数値", "数字", "値", "計画", "プラン", "kpi", "指標", "成果", "項目", "実績", "結果", "状況", "進捗"}
    | {"理由", "原因", "一覧", "リスト", "全部", "全て", "列挙", "市"}
)
_COUNTERS = frozenset({"", "項目", "つ", "個", "指標"})
# A shorter name may be a plain word of the question.
_SHORTEST_NAME = 4


def wish_of(asked: Asked, names: Iterable[str] = ()) -> Wish | None:
    """Return what the question wants of a table of targets, or None; words of the `names` it names are no wish.

    `names` are headings and columns: in KPI達成状況(…)について nobody asks for what was reached.
    """
    if asked.yesno or asked.unit not in _COUNTERS:
        return None
    named, text = _without(asked.text, names)
    text, states = _STATE.subn("", text)
    nor = _NOR.search(text)
    rest = _MISSED.sub("", text)
    if _REACH.search(text) and (nor or _WHICH.search(text)):
        if nor or (rest != text and _REACH.search(rest)):
            return Wish.BOTH
        return Wish.MISSED if rest != text else Wish.REACHED
    if _LISTED.search(text) and _FIGURES.search(text):
        return Wish.TARGETS
    neutral = (named or states) and _ABOUT.search(text)
    return Wish.ALL if neutral or (_LISTED.search(text) and _INDICATORS.search(text)) else None


def _without(text: str, names: Iterable[str]) -> tuple[bool, str]:
    """Return whether the text has one of `names` that speak of reaching, and the text without them."""
    before = text
    for name in sorted({nfkc(name) for name in names}, key=len, reverse=True):
        if len(name) >= _SHORTEST_NAME and _REACH.search(name):
            text = text.replace(name, "")
    return text != before, text


def names_of(row: Passage) -> tuple[str, ...]:
    """Return the names of a row's table: its headings, and its columns."""
    return (*row.path, *(cell.column for cell in row.cells))


def is_judged(row: Passage, wish: Wish) -> bool:
    """Whether the row has what the wish is about: a target, and but for a list of targets a result too."""
    found = {role_of_column(cell.column) for cell in row.cells}
    return "目標" in found and (wish is Wish.TARGETS or "実績" in found)


def free_words(sought: Sought, about: Iterable[str]) -> frozenset[str]:
    """Return the words of the question that name something besides tables of targets and what `about` names."""
    told = frozenset[str]().union(*map(content_terms_cached, about)) | _OF_ANY
    return frozenset(word for word in sought.strong - told if not _REACH.match(word))


def over_targets(sought: Sought, weighed: Sequence[Weighed]) -> list[Weighed]:
    """Return the rows of tables of targets where the question is about such tables and names nothing else."""
    if sought.reckoning and sought.reckoning.operation is not Operation.COUNT:
        return []
    rows = [w for w in weighed if w.evidence.kind == "row"]
    wish = wish_of(sought.asked, dict.fromkeys(n for w in rows for n in names_of(w.evidence.passage)))
    if wish is None:
        return []
    judged = [w for w in rows if is_judged(w.evidence.passage, wish)]
    return [w for w in judged if not free_words(sought, names_of(w.evidence.passage))]
