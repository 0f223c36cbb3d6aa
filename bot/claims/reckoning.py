"""Whether a figure follows by arithmetic from others: a sum, difference, share, multiple, rate, or length of time."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations, pairwise, permutations

from bot.claims.figures import ANY_THING, Figure, figures
from bot.claims.times import Time, times

_OPERATOR = re.compile(r"\s?([-+×÷*/])\s?")
_EQUALS = re.compile(r"\s?[=≒≈]\s?約?\s?(-?)")
_NAMES = {"×": "*", "÷": "/"}
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
_SPANS = {"年間", "年", "か月", "日間", "年度"}


@dataclass(frozen=True, slots=True)
class Sum:
    """A sum at `text[start:end]`; it is right when its result, to the digits shown, follows from its operands."""

    start: int
    end: int
    result: Figure
    right: bool


def sums(text: str) -> list[Sum]:
    """Return the sums that normalised `text` writes out: 130冊 - 100冊 = 30冊."""
    given = figures(text)
    found, operands, operators = [], [*given[:1]], ""
    for before, figure in pairwise(given):
        between = text[before.end : figure.start]
        if operator := _OPERATOR.fullmatch(between):
            operands.append(figure)
            operators += _NAMES.get(operator[1], operator[1])
            continue
        if operators and (equals := _EQUALS.fullmatch(between)):
            right = _is_right(operands, operators, figure, -1 if equals[1] else 1)
            found.append(Sum(operands[0].start, figure.end, figure, right))
        operands, operators = [figure], ""
    return found


def _is_right(operands: Sequence[Figure], operators: str, result: Figure, sign: int) -> bool:
    plain = set(operators) <= {"+", "-"}
    units = {operand.unit for operand in operands} - {""}
    points = units == {"%"} and result.unit == _POINTS  # 40% - 35% = 5ポイント
    if plain and len(units | {result.unit} - {""}) > 1 and not points:
        return False
    value = _value([operand.value for operand in operands], operators)
    if value is None:
        return False
    if not plain and result.unit == "%" and "%" not in units:
        value *= 100
    return abs(value - sign * result.value) <= _step(result) / 2


def _value(values: Sequence[Decimal], operators: str) -> Decimal | None:
    """Return the value, products before sums; None where it divides by zero."""
    terms = [values[0]]
    for operator, value in zip(operators, values[1:], strict=True):
        if operator == "*":
            terms[-1] *= value
        elif operator == "/":
            if not value:
                return None
            terms[-1] /= value
        else:
            terms.append(value if operator == "+" else -value)
    return sum(terms, Decimal(0))


def _step(figure: Figure) -> Decimal:
    """Return what one in the last digit that is shown is worth; of 2万6千 that is a thousand where it is rounded."""
    exponent = int(figure.value.as_tuple().exponent)
    if figure.below and exponent >= 0:
        exponent = int(figure.value.normalize().as_tuple().exponent)
    return Decimal(1).scaleb(exponent)


def reckoned(claim: Figure, texts: Sequence[str]) -> bool:
    """Whether the figure follows from figures of the normalised `texts`, rounded to the digits that it shows.

    The first of them is the statement that claims it.
    """
    given = _operands(claim, texts)
    told = (value for value, unit in given if unit == claim.unit and (claim.below or claim.above))
    if any(map(claim.allows, told)) or any(_rounds(claim, value) for value in _results(claim, given, texts[0])):
        return True
    if claim.unit in _SPANS and any(_rounds(claim, value) for value in _between(claim.unit, texts)):
        return True
    return claim.unit in ("時間", "分間") and any(_rounds(claim, value) for value in _lengths(claim.unit, texts))


def _operands(claim: Figure, texts: Sequence[str]) -> list[tuple[Decimal, str]]:
    most: Counter[tuple[Decimal, str]] = Counter()
    for text in texts:  # told again in another sentence it is the same operand
        most |= Counter((f.value, f.unit) for f in figures(text))
    del most[claim.value, claim.unit]
    return list(most.elements())[: _MOST_OPERANDS * 3]


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
    yield from (a - b for a, b in permutations(alike, 2) if a > b)
    if claim.unit in _RATIOS:
        yield from _ratios(claim.unit, given)
    if claim.unit == _POINTS:
        percents = [value for value, unit in given if unit == "%"]
        yield from (a - b for a, b in permutations(percents, 2) if a > b)
    others = [value for value, unit in given if unit != claim.unit and value]
    if _EACH.search(text):
        yield from (a / b for a in same for b in others)
        yield from (a * b for a in same for b in others if b == b.to_integral_value())


def _ratios(unit: str, given: Sequence[tuple[Decimal, str]]) -> Iterator[Decimal]:
    scale = 100 if unit == "%" else 1
    for (a, one), (b, other) in permutations(given, 2):
        # 40作品 and 8点: where both are counted, a share is of things.
        if b and (one == other or (unit == "%" and {one, other} & ANY_THING)):
            yield a / b * scale
            if unit == "%":
                yield abs(a - b) / b * scale


def _between(unit: str, texts: Sequence[str]) -> Iterator[Decimal]:
    """Yield the lengths between two dates, the first counted and not counted."""
    for one, other in (pair for text in texts for pair in pairwise(times(text))):
        if unit == "日間":
            yield from _days(one, other)
        elif one.year and other.year and unit == "か月" and one.month and other.month:
            months = (other.year - one.year) * 12 + other.month - one.month
            yield from (Decimal(months), Decimal(months + 1))
        elif one.year and other.year and one.year < other.year and unit != "か月":
            yield from (Decimal(other.year - one.year), Decimal(other.year - one.year + 1))


def _days(one: Time, other: Time) -> Iterator[Decimal]:
    if one.day and other.day and other.month in (one.month, None) and one.day < other.day:
        yield from (Decimal(other.day - one.day), Decimal(other.day - one.day + 1))


def _lengths(unit: str, texts: Sequence[str]) -> Iterator[Decimal]:
    """Yield the lengths between two times of day."""
    given = [_minutes(m) for text in texts for m in _TIME_OF_DAY.finditer(text)]
    for one, other in permutations(given, 2):
        if one < other:
            yield other - one if unit == "分間" else (other - one) / 60


def _minutes(match: re.Match[str]) -> Decimal:
    hours = int(match["h"]) + (12 if match["ampm"] and int(match["h"]) < 12 else 0)  # noqa: PLR2004 - noon
    return Decimal(hours * 60 + (30 if match["half"] else int(match["m"] or 0)))
