"""What a question wants done with figures: the largest, those beyond a bound, a sum, a count, a change, a share."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from bot.understand.standing import asked_extreme, asked_noun, asked_verb
from ingest.normalise import Quantity, quantities


class Operation(StrEnum):
    """What is done with the figures of a table."""

    MOST = "most"
    """The largest of them, or the newest."""
    LEAST = "least"
    """The smallest of them, or the oldest."""
    BOUND = "bound"
    """Those above or below a figure that the question names."""
    SUM = "sum"
    """All of them together."""
    CHANGE = "change"
    """From the first to the last."""
    DIFFERENCE = "difference"
    """What lies between two."""
    SHARE = "share"
    """What share of its target a result is."""
    COUNT = "count"
    """How many there are."""
    TIMES = "times"
    """How many times the first the last is."""
    STAYING = "staying"
    """Those that are the same in two columns."""
    RISING = "rising"
    """Those that are more in the later of two columns."""
    FALLING = "falling"
    """Those that are less in it."""


@dataclass(frozen=True, slots=True)
class Reckoning:
    """An operation, the `wording` that asks for it, how many are wanted (1 for the largest, 3 for the top three).

    `of_two` where the larger or smaller is to be told of those that the question names.
    For BOUND, `bound` is the figure, `above` the side and `inclusive` whether the figure itself counts.
    """

    operation: Operation
    wording: str
    many: int = 1
    bound: Quantity | None = None
    above: bool = False
    inclusive: bool = False
    of_two: bool = False

    @property
    def done_here(self) -> bool:
        """Whether its wording is no word that a passage must have."""
        return self.operation in _DONE_HERE

    def holds(self, value: Decimal) -> bool:
        """Whether a figure lies on the side of the bound that is asked for."""
        if self.bound is None:
            return False
        if value == self.bound.value:
            return self.inclusive
        return (value > self.bound.value) is self.above


_ABOVE = re.compile(r"(?:を|に|よりも?)?\s?(以上|超え?|上回|多|大き|高|広|長)")
_BELOW = re.compile(r"(?:を|に|よりも?)?\s?(以下|未満|下回|満た(?:な|さ)|届(?:か|い)\S{0,2}な|少な|小さ|低|短|狭)")
_WHICH = re.compile(r"どれ|どの|どこ|どんな|もの|一覧|すべて|全部|教えて|いくつ|何[つ個件項か館校]|挙げ")
# Which rows stay as they are or do not: 増えない地区はどこ, どの部屋の料金が変わらない.
_STAY = r"(?:変わ[らり]|増え|増や[さし]|減[らり]|動か)(?:ない|ません|なかった)|同じ|据え?置"
_RISE, _FALL = r"増え(?:る|た|ます)|増や[すし]|上が[るっ]", r"減[るっ]|減らす|下が[るっ]"
_OF_THEM = (
    r"(?:(?:{verb})[^、。?]{{0,12}}(?:は|が|って)、?(?:どこ|どれ|どちら|どの|何(?=で|か|$|\?))"
    r"|(?:どの|どこの)[^、。?]{{1,14}}[がは、](?:{verb}))"
)
_MOVES = tuple(
    (operation, re.compile(_OF_THEM.format(verb=verb)), re.compile(verb))
    for operation, verb in ((Operation.STAYING, _STAY), (Operation.RISING, _RISE), (Operation.FALLING, _FALL))
)
_FIRST = r"最も|もっとも|一番|いちばん|1番"
_LARGE, _SMALL = "多|大き|高|長|広|重|新し|遅", "少な|小さ|低|短|狭|軽|安|古|早"
# Which of two is the larger: AとBではどちらの件数が多い.
_OF_TWO = r"(?:どちら|どっち)(?:の\s?[^\s、。?はがをに]{1,12})?(?:の?(?:ほう|方))?[がは]\s?"
# いちばん本が少ない: what is compared may stand between.
_WHAT = r"(?:[^\s、。?はをに]{1,12}[がの]\s?)?"
_RANKED = (
    (Operation.MOST, re.compile(rf"(?P<two>){_OF_TWO}(?P<size>(?:{_LARGE})\S?)")),
    (Operation.LEAST, re.compile(rf"(?P<two>){_OF_TWO}(?P<size>(?:{_SMALL})\S?)")),
    (Operation.MOST, re.compile(rf"(?P<first>{_FIRST})\s?{_WHAT}(?P<size>(?:{_LARGE})\S?)|(?:多|大き|高)い順")),
    (Operation.LEAST, re.compile(rf"(?P<first>{_FIRST})\s?{_WHAT}(?P<size>(?:{_SMALL})\S?)|(?:少な|小さ|低)い順")),
    (Operation.MOST, re.compile(r"上位\s?\d{1,2}つ?|トップ\s?\d{1,2}|ベスト\s?\d{1,2}")),
    (Operation.LEAST, re.compile(r"下位\s?\d{1,2}つ?|ワースト\s?\d{1,2}")),
)
_TOP = re.compile(
    r"(?:上位|下位|トップ|ベスト|ワースト|多い順に?|少ない順に?|高い順に?|低い順に?|大きい順に?)\s?(\d{1,2})"
)
# All of them, in order, where an order is asked for without a number.
_ALL = 50
_OTHERS = (
    (
        Operation.SUM,
        re.compile(
            r"(?:(?<![問組])(?<!い)(?<!み)(?:を|は|が)?[合あ]わせ(?:て|ると?|た)(?=.{0,8}(?:何|いく|どれ))"
            r"|全部で(?=何|いく))(?!.{0,14}(?:増え|減[りるっ]))"
        ),
    ),
    (
        Operation.DIFFERENCE,
        re.compile(
            r"(?:どれ|どの)(?:だけ|くらい|ぐらい|ほど|程度)(?:の)?(?:違|多|少な|高|低|長|短|増|減|差|伸)\S*"
            r"|(?:何[^\s何、。をがにはで]{1,4}|いくら|いくつ)(?:ぐらい|くらい)?"
            r"(?:違|多|少な|高|低|増|減|下が|上が|下げ|上げ|伸|縮|小さ|大き|長|短|広|狭|安|早|遅|重|軽)\S*"
            r"|差(?=[はがを額]|って|$|\?)"
        ),
    ),
    (Operation.TIMES, re.compile(r"何倍")),
    (Operation.SHARE, re.compile(r"達成(?:率|度)|何(?:%|割|パーセント).{0,6}達成|進捗率")),
    (Operation.CHANGE, re.compile(r"移り変わり|増え\S*|減っ\S*|減り\S*|伸び\S*")),
    (
        Operation.COUNT,
        re.compile(r"いくつ(?:あり|ある|です|\?|$)|何(?:つ|個|項目|[館校園室課])(?:あり|ある|です|\?|$)"),
    ),
)
# Words that ask for an operation only where they stand for it (`standing`): the rest is wording enough.
_EXTREMES = (
    (Operation.MOST, frozenset({"最多", "最大", "最高", "最長", "最新"})),
    (Operation.LEAST, frozenset({"最少", "最小", "最低", "最短", "最古"})),
)
_NOUNS = {
    Operation.SUM: frozenset({"合計", "合算", "総計", "総額", "トータル"}),
    Operation.CHANGE: frozenset({"推移", "増減", "変化", "増加", "減少"}),
}
_ADDING = frozenset({"足す", "足し算"})
# Operations whose wording a document need not have: it has the figures.
_DONE_HERE = frozenset({Operation.MOST, Operation.LEAST, Operation.BOUND, Operation.SUM, Operation.TIMES}) | {
    operation for operation, *_ in _MOVES
}


def reckoning_of(text: str, is_condition: Callable[[Quantity], bool] = lambda _: True) -> Reckoning | None:
    """Return what normalised `text` wants done with figures, or None where it only asks for them.

    `is_condition` tells whether a figure with a bound limits figures (10万点以上の館) or is a name (65歳以上の人口).
    """
    if _WHICH.search(text) and (bounded := _bounded(text)) and bounded.bound and is_condition(bounded.bound):
        return bounded
    for operation, nouns in _EXTREMES:
        if wording := asked_extreme(text, nouns):
            return Reckoning(operation, wording, _many(text, wording))
    for operation, asked_of, verb in _MOVES:
        if (found := asked_of.search(text)) and (said := verb.search(found[0])):
            return Reckoning(operation, said[0])
    for operation, pattern in (*_RANKED, *_OTHERS):
        if wording := _wording(text, operation, pattern):
            return Reckoning(operation, wording, _many(text, wording), of_two="two" in pattern.groupindex)
    return None


def _wording(text: str, operation: Operation, pattern: re.Pattern[str]) -> str:
    """Return what asks for the operation: what the pattern finds, or a noun or verb that stands for it."""
    if match := pattern.search(text):
        return "".join(filter(None, match.groups())) or match[0]
    noun = asked_noun(text, _NOUNS.get(operation, frozenset()))
    return noun or (asked_verb(text, _ADDING) if operation is Operation.SUM else "")


def _bounded(text: str) -> Reckoning | None:
    for quantity in quantities(text):
        behind = text[quantity.end :]
        below = _BELOW.match(behind)
        if match := below or _ABOVE.match(behind):
            wording = text[quantity.start : quantity.end] + match[0]
            inclusive = match[1] in {"以上", "以下"}
            return Reckoning(Operation.BOUND, wording, bound=quantity, above=below is None, inclusive=inclusive)
    return None


def _many(text: str, wording: str) -> int:
    top = _TOP.search(text)
    if top:
        return int(top[1])
    return _ALL if wording.endswith("順") else 1
