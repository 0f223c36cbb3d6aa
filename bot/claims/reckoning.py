"""Whether a figure follows by arithmetic from others: a sum, difference, share, multiple, rate, or length of time."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import combinations, pairwise, permutations

from bot.claims.figures import ANY_THING, Figure, figures
from bot.claims.premise import Premise, content_words
from bot.claims.times import Time, times

_POINTS = "ポイント"
_RATIOS = ("", "%", "倍")
# More operands than this and some sum or other gives any number.
_MOST_OPERANDS = 7
_RELATIVE = Decimal("0.06")
_TIME_OF_DAY = re.compile(
    r"(?P<ampm>午後|夕方)?(?<![\d,.])(?P<h>\d{1,2})(?:時(?!間)|:|(?=半?[~-]\d{1,2}時(?!間)))(?:(?P<m>\d{2})分?|(?P<half>半))?"
)
# Only where a rate is told, or times so many, units are divided and multiplied.
_EACH = re.compile("当たり|あたり|につき|ずつ|平均|[×÷]|倍|分(?=で|に|の|が|、|。)")
# Only where a sum or a difference is told, figures that the statement does not repeat are added or taken away.
_SUM = re.compile("合わせ|合計|計(?![画測])|総|足し|全部|全体|トータル")
_DIFFERENCE = re.compile(
    "差|多[いく]|少な[いく]|上回|下回|より|増|減|違[いう]|安[いく]|高[いく]|長[いく]|短[いく]|離れ|残"
)
_TIMES_SO_MANY = re.compile("延べ|掛け|分(?=で|に|の|が|、|。)|合わせ|合計|計(?![画測])|半分|倍")
# More figures than this in a line, and some two of them give any number.
_MOST_OF_LINE = 8
_TWO, _FEW_TIMES = 2, 100
_SPANS = {"年間", "年", "か月", "日間", "年度"}


def reckoned(claim: Figure, texts: Sequence[str]) -> bool:
    """Whether the figure follows from figures of the normalised `texts`, rounded to the digits that it shows.

    The first of them is the statement that claims it.
    """
    given = _operands(claim, texts)
    told = (value for value, unit in given if unit == claim.unit and (claim.below or claim.above))
    values = [_results(claim, given, texts[0])]
    values += [_between(claim.unit, texts)] if claim.unit in _SPANS else []
    values += [_lengths(claim.unit, texts)] if claim.unit in ("時間", "分間") else []
    return any(map(claim.allows, told)) or any(_rounds(claim, value) for some in values for value in some)


def added_up(claim: Figure, text: str, premises: Sequence[Premise]) -> bool:
    """Whether `text` tells the figure as a sum or difference of figures of one column or list of the premises.

    A sum of all of them or of those that it speaks of, a difference of the two; all are in the unit of the claim.
    """
    groups: dict[tuple[str, ...], list[tuple[Decimal, frozenset[str]]]] = {}
    for premise in premises:
        for clause in premise.clauses:
            of = clause.heads[:1] if premise.cells or "\t" in premise.body else clause.heads
            words = content_words(" ".join((clause.text, *clause.heads)))
            members = [(f.value, words) for f in figures(clause.text) if f.unit == claim.unit]
            groups.setdefault((premise.title, *premise.path, *of), []).extend(members)
    said = content_words(text)
    for group in (group for group in groups.values() if len(group) > 1):
        common = frozenset.intersection(*(words for _, words in group))
        every, told = [value for value, _ in group], [value for value, words in group if (words - common) & said]
        sums = [sum(some, Decimal(0)) for some in (every, told) if len(some) > 1 and _SUM.search(text)]
        apart = [abs(some[0] - some[1]) for some in (every, told) if len(some) == _TWO and _DIFFERENCE.search(text)]
        if any(_rounds(claim, value) for value in (*sums, *apart)):
            return True
    return False


def of_one_line(claim: Figure, text: str, lines: Sequence[str]) -> bool:
    """Whether `text` tells the figure as the difference or multiple of two figures of one of the `lines`."""
    for line in lines:
        given = figures(line)[:_MOST_OF_LINE]
        same = [figure.value for figure in given if figure.unit == claim.unit]
        results = [abs(a - b) for a, b in combinations(same, 2)] if _DIFFERENCE.search(text) else []
        if _TIMES_SO_MANY.search(text):
            counts = [f.value for f in (*given, *figures(text)) if f.unit != claim.unit and 1 < f.value <= _FEW_TIMES]
            results += [value * count for value in same for count in counts]
            results += [sum(same, Decimal(0))] if len(same) > 1 else []
        if any(_rounds(claim, value) for value in results):
            return True
    return False


def _operands(claim: Figure, texts: Sequence[str]) -> list[tuple[Decimal, str]]:
    most: Counter[tuple[Decimal, str]] = Counter()
    for text in texts:  # told again in another sentence it is the same operand
        most |= Counter((f.value, f.unit) for f in figures(text))
    del most[claim.value, claim.unit]
    return list(most.elements())[: _MOST_OPERANDS * 3]


def _step(figure: Figure) -> Decimal:
    """Return what one in the last digit that is shown is worth; of 2万6千 that is a thousand where it is rounded."""
    exponent = int(figure.value.as_tuple().exponent)
    if figure.below and exponent >= 0:
        exponent = int(figure.value.normalize().as_tuple().exponent)
    return Decimal(1).scaleb(exponent)


def _rounds(claim: Figure, value: Decimal) -> bool:
    if claim.below or claim.above:
        near = max(_step(claim) / 2, abs(value) * _RELATIVE)
        return value - near <= claim.value <= value + near
    return abs(value - claim.value) <= (_step(claim) / 2 if claim.value % 1 else 0)


def _results(claim: Figure, given: Sequence[tuple[Decimal, str]], text: str) -> Iterator[Decimal]:
    same = [value for value, unit in given if unit == claim.unit][:_MOST_OPERANDS]
    alike = [value for value, unit in given if unit in (claim.unit, "")][:_MOST_OPERANDS]
    for size in range(2, len(alike) + 1):
        yield from (sum(some, Decimal(0)) for some in combinations(alike, size))
    percents = [value for value, unit in given if unit == "%" and claim.unit == _POINTS]
    yield from (abs(a - b) for some in (alike, percents) for a, b in combinations(some, 2))
    if claim.unit in _RATIOS:
        yield from _ratios(claim.unit, given)
    if _EACH.search(text):
        others = [value for value, unit in given if unit != claim.unit and value]
        yield from (a / b for a in same for b in others)
        yield from (a * b for a in same for b in others if b == b.to_integral_value())


def _ratios(unit: str, given: Sequence[tuple[Decimal, str]]) -> Iterator[Decimal]:
    for (a, one), (b, other) in permutations(given, 2):
        # 40作品 and 8点: where both are counted, a share is of things.
        if b and (one == other or (unit == "%" and {one, other} & ANY_THING)):
            yield from (a / b * 100, abs(a - b) / b * 100) if unit == "%" else (a / b,)


def _between(unit: str, texts: Sequence[str]) -> Iterator[Decimal]:
    """Yield the lengths between two dates, the first counted and not counted."""
    for one, other in (pair for text in texts for pair in pairwise(times(text))):
        if length := _length(unit, one, other):
            yield from (Decimal(length), Decimal(length + 1))


def _length(unit: str, one: Time, other: Time) -> int:
    if unit == "日間":
        return other.day - one.day if one.day and other.day and other.month in (one.month, None) else 0
    if not one.year or not other.year or (unit == "か月" and not (one.month and other.month)):
        return 0
    years = other.year - one.year
    return max(0, years * 12 + (other.month or 0) - (one.month or 0) if unit == "か月" else years)


def _lengths(unit: str, texts: Sequence[str]) -> Iterator[Decimal]:
    """Yield the lengths between two times of day."""
    given = [_minutes(m) for text in texts for m in _TIME_OF_DAY.finditer(text)]
    for one, other in combinations(sorted(given), 2):
        yield other - one if unit == "分間" else (other - one) / 60


def _minutes(match: re.Match[str]) -> Decimal:
    hours = int(match["h"]) + (12 if match["ampm"] and int(match["h"]) < 12 else 0)  # noqa: PLR2004 - noon
    return Decimal(hours * 60 + (30 if match["half"] else int(match["m"] or 0)))
