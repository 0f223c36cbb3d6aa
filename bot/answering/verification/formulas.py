"""Figures that follow from others: by a written formula, which is recomputed, or by one operation on quoted figures."""

import ast
import operator
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import chain, combinations, permutations, product
from math import ceil, floor

from bot.answering.state.citation_marks import read_marks
from bot.answering.verification.source_text import SourceText
from ingest.japanese import quantities
from ingest.japanese.mentions.quantities import (
    ANY_THING,
    COUNTS_NOTHING,
    Quantity,
    clock_times,
    convert_figure,
    figures,
)
from ingest.japanese.mentions.times import times

# A term may have its label before it: 小学校 420人.
_NUMBER = r"\d[\d,.十百千万億]*+"
_TERM = (
    rf"\(*+(?:[^\s\d、。():=≒≈+×÷*/−-]{{1,20}}\s)?{_NUMBER}"
    r"(?:(?!分の\d)[^\s\d、。()=≒≈+×÷*/−-]){0,8}+(?:分の\d+)?+\)*+"
)
_SIGN = r"\s?[-+×÷*/−]\s?"
_SIGNS = {"×": "*", "÷": "/", "−": "-"}
_OPERATIONS: Mapping[type[ast.operator], Callable[[Decimal, Decimal], Decimal]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: lambda one, other: one / (other or Decimal("Infinity")),
}
# What is no whole calculation is read once, up to where it stops being one.
_CALCULATION = re.compile(rf"({_TERM}(?:{_SIGN}{_TERM})++)(?:\s?[=≒≈]\s?約?({_TERM}))?|{_NUMBER}|\(++")
_FRACTION = re.compile(r"(?<!\d)(\d++)分の(\d+)|(?<!\d)(\d++)/(\d+)")
_COUNT = re.compile(r"((?:\[\d{1,3}\]\s?+){1,99})の?\s?項目数\s?=\s?(\d{1,3})")
_SHARES = frozenset({"%", "ポイント"})
_RATIOS = frozenset({"", "%", "倍"})
_EXACT = Decimal("1e-9")
# Minutes.
_HOUR = 60
_NOON = 12 * _HOUR
_MINUTES = {"時間": Decimal(60), "分間": Decimal(1)}
# Months and years differ in length, so durations in them are rounded to halves.
_DAYS = {"日間": 1, "週間": 7, "か月": 30.44, "か月間": 30.44, "年": 365.25, "年間": 365.25}
# A year of 365 days, for dates without a year.
_COMMON_YEAR = 2001
_DAYS_OF_YEAR = 365
# Among more operands than this, some pair yields any number.
_MAX_OPERANDS = 12
# Dates or times of day of one text, for the same reason.
_MAX_DATES = 6
# 上限20万円, 20万円を上限に.
_CAP_BEFORE = re.compile(r"(?:(?:上限|限度)[^\d、。]{0,8}|最大|最高)$")
_CAP_AFTER = re.compile(r"\s?(?:を?(?:上限|限度)|を(?:超え|こえ)る(?:とき|場合))")
_MINIMUM = re.compile(r"\s?(?:に満たない|未満の)(?:とき|場合)")
_REMAINDER = re.compile("端数|未満")
_ROUNDED = re.compile(r"切り?[捨上][てげ]?")
_FREE_OF_CHARGE = re.compile("無料|かかりません|かからない|不要")
_ITEM_SEPARATOR = re.compile(r"[、・]|と(?=[^、。]{2})|及び|および|や(?=[^、。]{2})|\n")
_BRACKETS = re.compile(r"\([^()]*\)")
_LIST_BEGINS = re.compile(r"(?<=[はで:])(?!の)、?|。")
_ITEM_MARKER = re.compile(r"[■□◆◇●◯○◎★☆▼▽▲△▶▷・•※【]|\((?=\d)")


def written_calculations(text: str) -> Iterator[tuple[re.Match[str], bool]]:
    """Yield the calculations written in normalised `text` (1 + 6 = 8), and whether each is right.

    Groups 1 and 2 of the match are operands and result. A share may be in percent; rounded results are accepted.
    """
    for match in filter(lambda found: found[2], _CALCULATION.finditer(text)):
        claimed = next((number.value for number in quantities(match[2])), None)
        value = None if times(match[0]) else _evaluate(match[1])
        if claimed is None or value is None:
            continue
        is_exact = "=" in match[0]
        rounded = claimed if is_exact else claimed.normalize()
        tolerance = _half_unit(rounded) if value % 1 or not is_exact else Decimal(0)
        results = (value, value * 100, *((value / 100,) if "%" in match[1] else ()))
        yield match, any(abs(abs(result) - rounded) <= tolerance for result in results)


def operand_values(text: str) -> Iterator[Decimal]:
    """Yield the numbers of normalised `text` that a formula may use.

    Of a fraction (3分の2) also its parts, of a percentage the share, what is left, and the whole with it.
    """
    for figure in figures(text):
        yield figure.value
        if figure.unit == "%":
            share = figure.value / 100
            yield from (share, 1 - share, 1 + share)
    yield from (Decimal(number) for match in _FRACTION.finditer(text) for number in match.groups() if number)


def rounded_values(values: Iterable[Decimal], texts: Sequence[str]) -> Iterator[Decimal]:
    """Yield the values rounded up and down by the units that sentences of the normalised `texts` round to."""
    steps = {step for text in texts for _, step in _rounding_units(text)}
    for value, step in product(values, steps):
        yield floor(value / step) * step
        yield ceil(value / step) * step


def broken_bound(claim: Quantity, statement: str, texts: Sequence[str]) -> str:
    """Return the words of the `texts` that a computed figure breaks: a cap, a minimum or a rounding unit; else "".

    A bound that the statement mentions is not broken. Texts are normalised.
    """
    for text in texts:
        for figure in figures(text):
            words = text[figure.start : figure.end]
            if figure.unit != claim.unit or words in statement:
                continue
            cap = _CAP_BEFORE.search(text, 0, figure.start) or _CAP_AFTER.match(text, figure.end)
            minimum = _MINIMUM.match(text, figure.end)
            bound = (cap if claim.value > figure.value else None) or (minimum if claim.value < figure.value else None)
            if bound:
                return text[min(bound.start(), figure.start) : max(bound.end(), figure.end)]
        for words, step in _rounding_units(text):
            if words.endswith(claim.unit) and claim.value % step:
                return words
    return ""


def _rounding_units(text: str) -> Iterator[tuple[str, Decimal]]:
    for sentence in re.split(r"[。\n]", text):
        *_, rounded = None, *_ROUNDED.finditer(sentence)
        if rounded and (remainder := _REMAINDER.search(sentence, 0, rounded.start())):
            rule = sentence[sentence.rfind("、", 0, remainder.start()) + 1 : rounded.end()]
            yield from ((rule[one.start : one.end], one.value) for one in figures(rule) if one.value > 1)


def right_counts(formula: str, sources: Sequence[SourceText], item_count: int = 0) -> set[int]:
    """Return the counts of a normalised formula that are right: [1] の項目数 = 9, [1][2] の項目数 = 12.

    Items are those that the passages mark or enumerate, their table rows, or the `item_count` items of the answer.
    """
    right = set[int]()
    for match in _COUNT.finditer(formula):
        claimed = int(match[2])
        counted = [sources[n - 1] for n in read_marks(match[1]) if 1 <= n <= len(sources)]
        totals = {0} if counted else set[int]()
        for source in counted:
            sizes = {*_list_sizes(source.body.splitlines()), *_list_sizes([source.body])}
            # Without the totals above the claim, many passages are counted as fast as few.
            totals = {total + size for total in totals for size in sizes if total + size <= claimed}
        totals |= {item_count, sum(bool(source.cells) for source in counted)}
        right |= totals & {claimed}
    return right


def follows_from(claim: Quantity, statement: str, given: Sequence[str], lines: Sequence[str] = ()) -> bool:
    """Whether the figure of a statement is one operation away from figures of the `given` texts or the statement.

    `lines` are those of the sources, each of which may have the ends of a span or a list to be counted.

    The operations: sum, difference, product, share, ratio, time between two dates or times, the number beyond a bound,
    number of listed items, free of charge. Texts are normalised.
    """
    if claim.value == 0:
        return any(_FREE_OF_CHARGE.search(text) for text in (statement, *given, *lines))
    if claim.unit.startswith("第") and claim.unit.endswith("曜"):  # an ordinal of a weekday is no result
        return False
    computed = list(_pair_results(claim, statement, given))
    results = chain(
        computed,
        rounded_values(computed, (*given, *lines)),
        _values_beyond_bound(claim, statement, given),
        _clock_durations(claim.unit, (statement, *given, *lines)),
        _date_durations(claim.unit, (statement, *given, "\n".join((statement, *given)), *lines)),
    )
    if any(_rounds_to(claim, value) for value in results):
        return True
    is_count = claim.unit not in COUNTS_NOTHING - {"日間"}
    return is_count and claim.value in _list_sizes((statement, *given, *lines))


def _list_sizes(texts: Sequence[str]) -> set[int]:
    lines = [line.strip() for text in texts for line in text.splitlines()]
    markers = Counter(match[0] for line in lines if (match := _ITEM_MARKER.match(line)))
    numbered = {number for line in lines for number in re.findall(r"\(\d{1,2}\)", line)}
    joined = {count for text in texts for count in _item_counts(text)}
    return {*joined, *markers.values(), len(numbered)}


def _evaluate(expression: str) -> Decimal | None:
    written = ""
    end = 0
    for number in quantities(expression):
        signs = re.sub(r"[^-+×÷*/−()]", "", expression[end : number.start])
        written += "".join(_SIGNS.get(sign, sign) for sign in signs) + f"{number.value:f}"
        end = number.end
    written += re.sub(r"[^)]", "", expression[end:])
    # A bracket around the whole calculation closes after its result.
    written = written.removeprefix("(" * (written.count("(") - written.count(")")))
    try:
        return _value_of(ast.parse(written, mode="eval").body)
    except (SyntaxError, RecursionError, MemoryError):
        return None


def _value_of(node: ast.expr) -> Decimal | None:
    if isinstance(node, ast.Constant):
        return Decimal(str(node.value))
    if isinstance(node, ast.BinOp) and (operation := _OPERATIONS.get(type(node.op))):
        one, other = _value_of(node.left), _value_of(node.right)
        return None if one is None or other is None else operation(one, other)
    return None


def _pair_results(claim: Quantity, statement: str, given: Sequence[str]) -> Iterator[Decimal]:
    for text in (*given, "\n".join(given)):
        yield sum((figure.value for figure in figures(text) if figure.unit == claim.unit), Decimal(0))
    operands = _operands(claim, (*given, statement))
    for first, second in combinations(operands, 2):
        if {first.unit, second.unit} <= {claim.unit, ""} or {claim.unit, first.unit, second.unit} <= _SHARES:
            yield first.value + second.value
            yield abs(first.value - second.value)
    for part, total in permutations(operands, 2):
        if part.unit == claim.unit and not total.unit and 0 < total.value < 1:  # three quarters, or so much off
            yield from (part.value * total.value, part.value * (1 - total.value))
        if part.unit == claim.unit and total.unit not in (claim.unit, *_RATIOS):
            yield part.value * total.value
            yield part.value / (total.value or 1)
        has_same_unit = part.unit == total.unit or bool({part.unit, total.unit} & ANY_THING)
        if claim.unit in _RATIOS and total.value and has_same_unit and part.unit != "%":
            yield from _ratios(part.value, total.value, in_percent=claim.unit == "%")


def _operands(claim: Quantity, texts: Sequence[str]) -> Sequence[Quantity]:
    distinct = dict[tuple[Decimal, str], Quantity]()
    for text in texts:
        for figure in figures(text):
            converted = convert_figure(figure, claim.unit)
            distinct[converted.value, converted.unit] = converted
    distinct.pop((claim.value, claim.unit), None)
    return list(distinct.values())[:_MAX_OPERANDS]


def _ratios(part: Decimal, total: Decimal, *, in_percent: bool) -> Iterator[Decimal]:
    ratio = part / total
    if not in_percent:
        yield ratio
        return
    yield from (abs(share) * 100 for share in (ratio, ratio - 1, part / (part + total)))


def _clock_durations(unit: str, texts: Sequence[str]) -> Iterator[Decimal]:
    if minutes := _MINUTES.get(unit):
        for line in (line for text in texts for line in text.splitlines()):
            for first, second in combinations([time for _, _, time in clock_times(line)][:_MAX_DATES], 2):
                yield from (Decimal(length) / minutes for length in (abs(second - first), second + _NOON - first))


def _date_durations(unit: str, texts: Sequence[str]) -> Iterator[Decimal]:
    if days := _DAYS.get(unit):
        exact = (length / Decimal(days) for text in texts for length in _days_between(text))
        yield from exact if unit == "日間" else (Decimal(round(length * 2)) / 2 for length in exact)


def _days_between(text: str) -> Iterator[Decimal]:
    days: dict[date, tuple[Decimal, bool]] = {}
    current = date(_COMMON_YEAR, 1, 1)
    for time in times(text):
        year = time.year or (time.era_year and _COMMON_YEAR + time.era_year)
        try:
            current = date(year or current.year, time.month or (current.month if time.day else 1), time.day or 1)
        except ValueError:
            continue
        length_in_days = 1 if time.day else _DAYS["か月"] if time.month else _DAYS["年"]
        days.setdefault(current, (Decimal(length_in_days), bool(year)))
    for (first, _), (second, (unit, has_year)) in combinations(sorted(days.items())[:_MAX_DATES], 2):
        length = Decimal((second - first).days)
        yield from (length, length + unit)
        if not has_year:
            yield from (_DAYS_OF_YEAR - length, _DAYS_OF_YEAR - length + unit)


def _values_beyond_bound(claim: Quantity, statement: str, given: Sequence[str]) -> Iterator[Decimal]:
    if claim.bound == "以上":
        step = 1
        opposite_bounds = ("以下", "以内", "まで")
    elif claim.bound == "以下" or statement.startswith("まで", claim.end):
        step = -1
        opposite_bounds = ("以上", "未満", "~")
    else:
        return
    for text in given:
        for figure in figures(text):
            if figure.unit == claim.unit and text.startswith(opposite_bounds, figure.end):
                yield figure.value + step


def _item_counts(text: str) -> Iterator[int]:
    for part in _LIST_BEGINS.split(_BRACKETS.sub("", text)):
        items = [item for item in _ITEM_SEPARATOR.split(part) if item.strip()]
        yield from (len(items), len(items) - 1)


def _rounds_to(claim: Quantity, value: Decimal) -> bool:
    if claim.below or claim.above:
        return claim.allows(value)
    is_rounded = claim.value % 1 or claim.unit == "%"
    return abs(value - claim.value) <= (_half_unit(claim.value) if is_rounded else _EXACT)


def _half_unit(number: Decimal) -> Decimal:
    return Decimal(1).scaleb(int(number.as_tuple().exponent)) / 2
