"""Detects the table operation that a question asks for: extreme, sum, difference, target.

One lexicon for all: the words by which questions ask are those by which columns are headed (column_roles.py) and
claims are made.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from ingest.chunking.column_roles import ROLE_WORDING, Role, roles_of
from ingest.japanese import DateMention, quantities
from ingest.japanese.interrogatives import (
    DEGREE,
    HOW,
    HOW_MANY,
    HOW_MUCH,
    TO_WHAT_DEGREE,
    WHAT_KIND,
    WHEN,
    WHERE,
    WHICH,
    WHICH_OF_TWO,
    WHO,
    WHY,
)
from ingest.japanese.polarity import DENIALS, PREFIXES
from ingest.japanese.tokenise import Morpheme, morphemes, words


class Operator(StrEnum):
    """An operation over the rows of a relation (Codd 1970), as questions ask for it."""

    SELECT = "select"
    """The value of a cell, or the cells of a row."""
    LIST = "list"
    """The rows that satisfy a condition."""
    COUNT = "count"
    """How many rows satisfy a condition."""
    SUM = "sum"
    """The sum of a column, or of a row over its years."""
    MOST = "most"
    """The row with the greatest value."""
    LEAST = "least"
    """The row with the least value."""
    DIFFERENCE = "difference"
    """By how much two values differ: two rows, two years, target and result."""
    RATIO = "ratio"
    """How many times, or what share of the other, one of two values is."""
    COMPARE = "compare"
    """Two values side by side, and which is greater."""


class Outcome(StrEnum):
    """The condition that the rows must satisfy."""

    REACHED = "reached"
    """Their target was reached."""
    MISSED = "missed"
    """It was not."""
    BOUNDED = "bounded"
    """They lie on one side of a figure that the question names."""
    MOVED = "moved"
    """They rose, fell or stayed as they were."""


@dataclass(frozen=True, slots=True)
class Operation:
    """An `operator`, and what the question says of the cells that it runs over.

    `roles` are those of the columns that it names, `outcome` the condition on the rows, `many` how many of them are
    wanted (the first of a ranking: 1), `span` whether its dates are the ends of a time, `of_time` whether what is
    greatest is the newest, `gap` whether a difference is that from the target, `asks` how many things are asked for,
    `which` whether rows are, `words` the index terms that ask for the operation and that no passage need have.
    """

    operator: Operator
    roles: frozenset[Role] = frozenset()
    outcome: Outcome | None = None
    many: int = 1
    span: bool = False
    of_time: bool = False
    gap: bool = False
    asks: int = 1
    which: bool = False
    words: frozenset[str] = frozenset()

    @property
    def asks_which(self) -> bool:
        """Whether rows answer: those that satisfy a condition, or the greatest; not a cell of one."""
        return self.operator in {Operator.LIST, Operator.COUNT, Operator.MOST, Operator.LEAST}


_GREAT, _SMALL = r"多|大き|高|長|広|重", r"少な|小さ|低|短|狭|軽|安"
_NEW, _OLD = r"新し|遅(?!れ)", r"古|早"
_FIRST = r"(?:最も|もっとも|一番|いちばん|1番)[^\s、。?]{0,10}?"
_MUCH = rf"(?:何[^、。?\sはがを]{{0,5}}?|{HOW_MUCH}|{HOW_MANY}|{TO_WHAT_DEGREE})"
_NOT = r"(?:な[いかくけ]|ていな|ません|ず)"
_APART = rf"{_GREAT}|{_SMALL}|{_NEW}|{_OLD}|増|減|伸び|伸ば|上が|下が|縮|違|差|足り|不足|上回|下回|超え|開き"
# 最大風速 is what a column is called, 最大で何円 asks for a limit: neither asks for a row.
_STANDING = r"(?=の|は|と|[、。?]|$|で(?:す|あ|し))"

# By these a target is reached; by the second alone where it is named. Normal forms of Sudachi.
_REACHING = frozenset({"達成", "到達", "届く", "クリア", "上回る"})
_REACHING_A_TARGET = frozenset({"達する", "満たす"})
_FALLING_SHORT = frozenset({"未達", "下回る"})
# What may come between a verb and its denial: 達成(できて)いない, 達成(には至ら)なかった.
_LINKS = frozenset({"て", "で", "に", "と", "は", "も", "至る"})
# 達成 in the head of a column is no outcome: 達成状況, 達成率.
_MEASURES = frozenset({"状況", "率", "度"})
_TO_GO = rf"(?:あと|残り)は?{_MUCH}"
_OF_TARGET = re.compile(rf"{_TO_GO}|足り|不足|届か|目標[^。]{{0,12}}(?:差|開き|上回|下回|超え)")
_ALL = re.compile(r"一覧|すべて|全て|全部(?!で)|挙げ")
_WHICH = re.compile(
    rf"{WHICH}(?!{DEGREE})|{WHERE}|{WHICH_OF_TWO}|もの|た[^\s、。?はが]{{1,8}}[はが]あ[りる]|教えて|何(?:[がはか]|です|$|\?)|は\??$"
    rf"|{_ALL.pattern}"
)
_ARE_THERE = re.compile(r"[はが]あ[りる]")
_ASKS_COUNT = re.compile(rf"{HOW_MANY}|何(?:個|つ|項目|件|[か箇]所|施設|指標|地区|[館校園室課人])(?!以)")
_MOVES = (
    rf"(?:変わ[らり]|増え|増や[さし]|減[らり]){_NOT}|同じ|据え?置|増え[るたて]|増や[すし]|増加|上が[るっ]|伸びた"
    r"|減[るっ]|減ら[すし]|減少|下が[るっ]"
)
# Rows that changed are asked for where the verb precedes a noun (増えた路線) or follows どの (どの路線が増えた).
_OF_MOVING = re.compile(rf"(?:{_MOVES})[^\s、。?はがを]{{1,12}}[はをが]|どの[^、。?]{{1,14}}[がは](?:{_MOVES})")
_BEYOND = re.compile(rf"以上|以下|以内|未満|(?:を|より)も?(?:下回|{_SMALL}|超|上回|{_GREAT})|に(?:届か|満た)")
_SHARE = r"何(?:割|%|パーセント)"
_BOUND = re.compile(r"[\d,.]+[^\s、。\d]{0,4}?(?:以上|以下|以内|未満|を超|を[上下]回|より)")
_OPERATORS = (
    (Operator.RATIO, re.compile(rf"何倍|達成率|達成度|進捗率|目標の{_SHARE}|{_SHARE}[^、。?]{{0,4}}達成")),
    (Operator.COMPARE, re.compile(rf"{WHICH_OF_TWO}[のがは]|比べて(?:くださ|[?。]*$)|比較|それぞれ")),
    (Operator.MOST, re.compile(rf"{_FIRST}(?:{_GREAT}|{_NEW})|最[多大高長新]{_STANDING}|上位|トップ\d")),
    (Operator.LEAST, re.compile(rf"{_FIRST}(?:{_SMALL}|{_OLD})|最[少小低短古]{_STANDING}|下位|ワースト")),
    (Operator.DIFFERENCE, re.compile(rf"{_MUCH}[^、。?\s]{{0,6}}?(?:{_APART})|の差|差は|{_TO_GO}")),
    (Operator.SUM, re.compile(rf"合計|合算|総計|合わせ(?:て|ると?|た)|全部で(?={_MUCH})|足[しす]|トータル")),
)
_TOP = re.compile(r"(?:上位|下位|トップ|ワースト|順に)\s?(\d{1,2})(?:つ|[件位人]|か所)?")
_OTHERS = (_OF_TARGET, re.compile(_MUCH), _WHICH, _ASKS_COUNT, _BOUND, _TOP)
_WORDING = (*ROLE_WORDING.values(), re.compile(_MOVES), *_OTHERS)
_TIME = re.compile(rf"(?:{_NEW}|{_OLD})|最[新古]")
_SPAN = re.compile(r"度?\s?(?:から|~|-)\s?")
_ASKED = re.compile(
    rf"何(?!ら|とぞ|度も|か(?!所|国|月|年))|{HOW_MUCH}|{HOW_MANY}|{WHEN}|{WHERE}(?!か)|{WHO}|{WHICH}|{WHICH_OF_TWO}"
)
_PREDICATES = frozenset({"動詞", "副詞可能", "形容詞", "形状詞", "副詞", "感動詞", "接続詞", "連体詞", "代名詞"})
# Reasons, ways of doing and meanings are not in cells found by row and column.
_NOT_OF_ROWS = re.compile(
    rf"{WHY}|理由|わけ(?=[はがを]|で[すし])|{HOW}"
    rf"|とは(?:何|[?。]|$)|意味|{WHAT_KIND}|何を|何[でに](?!す|し[ょた])|何[^、。?]{{1,3}}(?:以上|以下|未満|以内)"
)


def parse_operation(text: str, dates: Sequence[DateMention] = ()) -> Operation | None:
    """Return what normalised `text` asks of a table's rows, its `dates` given; None where it asks nothing of rows."""
    if not text.strip() or _NOT_OF_ROWS.search(text):
        return None
    outcome = _outcome(text)
    operator, wording = _operator(text, outcome)
    gap = operator is Operator.DIFFERENCE and bool(_OF_TARGET.search(text))
    of_target = gap or (operator is Operator.RATIO and "倍" not in wording)
    top = _TOP.search(text)
    return Operation(
        operator,
        roles_of(text) | ({Role.TARGET} if of_target else set()),
        outcome,
        many=int(top[1]) if top else 1,
        span=len(dates) > 1 and bool(_SPAN.fullmatch(text[dates[0].end : dates[1].start])),
        of_time=bool(_TIME.search(wording)),
        gap=gap,
        asks=len(_ASKED.findall(text)),
        which=bool(_WHICH.search(text)),
        words=_operation_terms(text, wording),
    )


def detect_outcome(text: str) -> Outcome | None:
    """Return whether a normalised text speaks of a target as reached or as missed; None where it does neither."""
    outcomes = {outcome for outcome, _ in _outcomes(text)}
    return next((outcome for outcome in (Outcome.MISSED, Outcome.REACHED) if outcome in outcomes), None)


def _outcomes(text: str) -> Iterator[tuple[Outcome, Morpheme]]:
    """Yield the outcomes that a text names, each with its word."""
    ms = morphemes(text)
    for place, word in enumerate(ms):
        before, following = ms[max(0, place - 1) : place], ms[place + 1 :]
        if word.normal in _FALLING_SHORT:
            yield Outcome.MISSED, word
        elif word.normal in _REACHING | _REACHING_A_TARGET and not (following and following[0].normal in _MEASURES):
            if _is_denied(following) or any(prefix.surface in PREFIXES for prefix in before):
                yield Outcome.MISSED, word
            elif word.normal in _REACHING or any(one.normal == "目標" for one in ms[:place]):
                yield Outcome.REACHED, word


def _is_denied(following: Sequence[Morpheme]) -> bool:
    """Whether a predicate that goes on with these morphemes ends as a denial: its own, not that of another verb."""
    for word in following:
        if word.normal in DENIALS:
            return word.pos[0] in {"助動詞", "形容詞"}
        if word.pos[0] != "助動詞" and word.pos[1] != "非自立可能" and word.normal not in _LINKS:
            return False
    return False


def _operator(text: str, outcome: Outcome | None) -> tuple[Operator, str]:
    """Return the operator, and the words that ask for it."""
    for operator, wording in _OPERATORS:
        if found := wording.search(text):
            return operator, found[0]
    if outcome and (many := _ASKS_COUNT.search(text)):
        return Operator.COUNT, many[0]
    if (which := _WHICH.search(text) or _ARE_THERE.search(text)) and (outcome or _ALL.search(text)):
        return Operator.LIST, which[0]
    return Operator.SELECT, ""


def _outcome(text: str) -> Outcome | None:
    if any(_BEYOND.match(text, quantity.end) for quantity in quantities(text)):
        return Outcome.BOUNDED
    return Outcome.MOVED if _OF_MOVING.search(text) and _WHICH.search(text) else detect_outcome(text)


def _operation_terms(text: str, wording: str) -> frozenset[str]:
    """Return the terms of what speaks of the operation, and verbs, adjectives, adverbs (うち, 時 too): nouns name."""
    outcomes = (word.surface for _, word in _outcomes(text))
    spans = (wording, *outcomes, *(match[0] for pattern in _WORDING for match in pattern.finditer(text)))
    ms = morphemes(text)
    predicates = (m.normal.lower() for m in ms if _PREDICATES & {m.pos[0], m.pos[2]})
    how = (m.normal.lower() for m, following in pairwise(ms) if m.pos[2] == "形状詞可能" and following.surface == "な")
    return frozenset((*words(" ".join(spans)), *predicates, *how))
