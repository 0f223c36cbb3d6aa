"""Arithmetic: whether a figure follows from given ones by duration, count, sum or ratio.

An operand is told where the reply or the question says it, and given where the words quoted do or, without quotes, a
line of the sources that speaks of the same. Quotes are few words, and any two of their figures are reckoned with; two
of lines only where the statement says that it sums, sets apart or shares: of a page some pair gives any number.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from itertools import chain, combinations, groupby, pairwise, permutations

from bot.verification.alignment import find_related_lines
from bot.verification.hypothesis import Hypothesis
from bot.verification.source_text import SourceText, content_words, line_marker_kind
from ingest.japanese import quantities
from ingest.japanese.figures import COUNTS_NOTHING, Figure, convert_figure, figures
from ingest.japanese.partial_dates import times
from ingest.japanese.quantities import ANY_THING

_NOON, _HOUR = 12, 60
_CLOCK_UNITS = {"時間": _HOUR, "分間": 1}
# What a day is counted from where its year is not told: only lengths are taken from it.
_SOME_YEAR = 2001
_MONTH, _YEAR, _DAYS_OF_YEAR = Decimal("30.44"), Decimal("365.25"), 365
_LENGTHS = {"日間": Decimal(1), "週間": Decimal(7), "か月": _MONTH, "か月間": _MONTH, "年": _YEAR, "年間": _YEAR}
# Between more dates than these lies any number of days.
_MOST_DATES = 6
_FREE = re.compile("無料|かかりません|かからない|不要")
_NUMBERED = re.compile(r"\(\d{1,2}\)")
_JOINED = re.compile(r"[、・]|と(?=[^、。]{2})|及び|および|や(?=[^、。]{2})")
# What is below the one, or above the other, begins at the next whole number: 65歳以上, 18歳未満; 12歳まで.
_UPWARDS, _DOWNWARDS = re.compile("以上|未満|~"), re.compile("以下|以内|まで")
_BRACKETS = re.compile(r"\([^()]*\)")
_COMMA = re.compile("、")
_LIST_BEGINS = re.compile(r"(?<=[はで:])(?!の)、?|。")
_SHORT_LINE = 60
_SUM = re.compile("[合あ併]わせ|合計|計(?![画測])|総|足[しす]|両方|全部|全体|トータル|延べ|分(?=で|に|の|が|を|、|。)")
_DIFFERENCE = re.compile(
    "差|多[いく]|少な[いく]|上回|下回|より|増|減|違[いう]|[安高長短早遅][いく]|離れ|残|引|以外|除|ない|せん"
)
_EACH = re.compile(r"(?<!\d)1[人日組回枚件か世]|当たり|あたり|につき|ずつ|平均|÷|割ると|等分")
_RATIOS, _SHARES = ("", "%", "倍"), {"%", "ポイント"}
# More operands than these, and some pair or other gives any number.
_LINES_READ, _MOST_STATED, _MOST_IN_LINE = 4, 12, 16
_TERM = r"\d[\d,.十百千万億]*[^\s\d、。()=≒≈+×÷*/−-]{0,8}"
_SIGN = r"(?<!^)[-+×÷*/−]"
_SIGNS = {"×": "*", "÷": "/", "−": "-", "+": "+", "-": "-", "*": "*", "/": "/"}
_WRITTEN = re.compile(rf"({_TERM}(?:\s?[-+×÷*/−]\s?{_TERM})+)\s?[=≒≈]\s?約?({_TERM})")
_RELATIVE, _EXACT = Decimal("0.06"), Decimal("1e-9")


def is_derivable(claim: Figure, h: Hypothesis, *, counts: bool = True) -> bool:
    """Whether the figure is reckoned, as far as its digits show, nothing to be paid, or `counts` what is listed."""
    if claim.unit.startswith("第") and claim.unit.endswith("曜"):  # which week of a month is no sum of other weeks
        return False
    told, lines = _stated_texts(h), _operand_lines(h)
    if claim.value == 0:
        return any(_FREE.search(text) for text in (*told, *lines, *(premise.body for premise in h.cited)))
    reckoned = chain(_lengths(claim.unit, told, lines, h), _ends(claim.unit, h), _results(claim, h, lines))
    if any(_rounds(claim, value) for value in reckoned) or claim.value in set(_next_beyond_bound(claim, h)):
        return True
    countable = counts and claim.unit not in COUNTS_NOTHING - {"日間"}
    return countable and claim.value in set(_counts(claim, h, (*told, *lines)))


def find_written_calculations(text: str) -> Iterator[tuple[re.Match[str], bool]]:
    """Yield the sums that normalised `text` writes out (1 + 6 = 8; operands and result are groups), and whether right.

    A share may be claimed in percent, and what is about equal as far as its digits show.
    """
    for match in _WRITTEN.finditer(text):
        numbers = [number.value for number in quantities(match[1])]
        signs = [_SIGNS[sign] for sign in re.findall(_SIGN, match[1])]
        claimed = next((number.value for number in quantities(match[2])), None)
        if times(match[0]) or claimed is None or len(numbers) != len(signs) + 1:
            continue
        value, shown = _value(numbers, signs), claimed if "=" in match[0] else claimed.normalize()
        slack = Decimal(1).scaleb(int(shown.as_tuple().exponent)) / 2 if value % 1 or "=" not in match[0] else 0
        yield match, any(abs(abs(v) - shown) <= slack for v in (value, value * 100))


def _value(numbers: Sequence[Decimal], signs: Sequence[str]) -> Decimal:
    """Return the value of numbers with the signs between them, products before sums."""
    terms = [numbers[0]]
    for sign, number in zip(signs, numbers[1:], strict=True):
        if sign in "*/":
            terms[-1] = terms[-1] * number if sign == "*" else terms[-1] / (number or Decimal("Infinity"))
        else:
            terms.append(number if sign == "+" else -number)
    return sum(terms, Decimal(0))


def _stated_texts(h: Hypothesis) -> tuple[str, ...]:
    """Return the statement, the rest of the reply, what follows it first, and the question."""
    return (h.text, *h.reply[h.place :], *h.reply[: h.place], h.question)


def _operand_lines(h: Hypothesis) -> Sequence[str]:
    """Return the quotes; else the lines that speak of what the statement does, or else the reply and the question."""
    if h.quotes:
        return ("\n".join(h.quotes),)
    return (find_related_lines(h) or find_related_lines(h, "\n".join((*h.reply, h.question))))[:_LINES_READ]


def _next_beyond_bound(claim: Figure, h: Hypothesis) -> Iterator[Decimal]:
    """Yield the first whole numbers beyond the bounds quoted: who is 64歳以下 is not 65歳以上."""
    step = -1 if claim.bound == "以下" or h.text.startswith("まで", claim.end) else 1 if claim.bound == "以上" else 0
    beyond = _UPWARDS if step < 0 else _DOWNWARDS
    for quote in h.quotes if step else ():
        yield from (f.value + step for f in figures(quote) if f.unit == claim.unit and beyond.match(quote, f.end))


def _lengths(unit: str, told: Sequence[str], lines: Sequence[str], h: Hypothesis) -> Iterator[Decimal]:
    """Yield the lengths of time between any two times of day or dates of one text, and of all spans, in the unit."""
    spans = [] if h.quotes else [span for premise in h.cited for span in premise.spans]
    if minutes := _CLOCK_UNITS.get(unit):
        yield from (Decimal(length) / minutes for text in (*told, *lines, *spans) for length in _hours(text))
    elif days := _LENGTHS.get(unit):
        together = told[:1] if len(times(told[0])) > 1 else told
        texts = (together, *zip((*lines, *spans), strict=True))
        exact = (length / days for some in texts for length in _days(some))
        # Months and years are of different lengths, and told to the half.
        yield from (length if unit == "日間" else Decimal(round(length * 2)) / 2 for length in exact)


def _hours(text: str) -> Iterator[int]:
    """Yield the minutes between any two times of day that are told; the second may be after noon (午前11時から1時)."""
    for one, other in combinations(list(_clock(figures(text)))[:_MOST_DATES], 2):
        yield from (abs(other - one), other + _NOON * _HOUR - one)


def _ends(unit: str, h: Hypothesis) -> Iterator[Decimal]:
    """Yield hour or minutes of a time that is told, where it is a quoted time and a quoted length later."""
    told = set(_clock(figures(h.text))) if unit in ("時", "分間") else ()
    found = figures("\n".join(h.quotes)) if told else ()
    lengths = [int(f.value * _CLOCK_UNITS[f.unit]) for f in found if f.unit in _CLOCK_UNITS]
    for end in (begin + length for begin in _clock(found) for length in lengths):
        if end in told:
            yield Decimal(end // _HOUR if unit == "時" else end % _HOUR)


def _clock(found: Sequence[Figure]) -> Iterator[int]:
    """Yield the times of day among the figures of a text, in minutes."""
    for hours, behind in pairwise([*found, None]):
        if hours and hours.unit == "時":
            has_minutes = behind and behind.unit == "分間" and behind.start - hours.end <= 1
            yield int(hours.value) * _HOUR + (int(behind.value) if behind and has_minutes else 0)


def _days(texts: Sequence[str]) -> Iterator[Decimal]:
    """Yield the days from any date that is told to another, and to its end; without its year one may be of the next."""
    placed: dict[date, tuple[Decimal, bool]] = {}
    before = date(_SOME_YEAR, 1, 1)
    for time in (time for text in texts for time in times(text)):
        year = time.year or (time.era_year and _SOME_YEAR + time.era_year)
        try:
            before = date(year or before.year, time.month or (before.month if time.day else 1), time.day or 1)
        except ValueError:
            continue
        placed.setdefault(before, (Decimal(1) if time.day else _MONTH if time.month else _YEAR, bool(year)))
    for (one, _), (other, (last, whole)) in combinations(sorted(placed.items())[:_MOST_DATES], 2):
        length = Decimal((other - one).days)
        yield from (length, length + last)
        if not whole:
            yield from (_DAYS_OF_YEAR - length, _DAYS_OF_YEAR - length + last)


def _counts(claim: Figure, h: Hypothesis, texts: Sequence[str]) -> Iterator[int]:
    """Yield how many things are numbered, and members of lists are strung together, and listed by the sources."""
    said, lines = texts[: len(h.reply) + 1], texts[len(h.reply) + 2 :]
    before, behind = h.text[: claim.start], h.text[claim.end :]
    for part in (_LIST_BEGINS.split(before)[-1], _LIST_BEGINS.split(behind)[0], *said[1:]):
        yield from _members(part)
    yield from (len(set(_NUMBERED.findall(line))) for premise in h.cited for line in premise.body.splitlines())
    for line in lines:
        yield from (n for part in _LIST_BEGINS.split(line) for n in _members(part))
    yield from _sizes(h, said)


def _members(part: str) -> Iterator[int]:
    """Yield how many things are joined, with and without what leads to the first."""
    for joint in (_JOINED, _COMMA):
        members = [member for member in joint.split(_BRACKETS.sub("", part)) if member.strip()]
        yield from (len(members), len(members) - 1)


def _sizes(h: Hypothesis, said: Sequence[str]) -> Iterator[int]:
    """Yield how many rows there are, and members of lists whose lead the statement speaks of, or two that are told."""
    spoken_of, told = content_words(h.text), content_words("\n".join(said))
    for premise in h.cited:
        yield sum(other.path == premise.path for other in h.cited if premise.cells)
        for lead, members in () if premise.cells else _lists(premise):
            words = [content_words(member) for member in members]
            if content_words(lead) & spoken_of or sum(2 * len(own & told) >= len(own) > 0 for own in words) > 1:
                yield len(members)


def _lists(premise: SourceText) -> Iterator[tuple[str, list[str]]]:
    """Yield the lists of a premise with the line before: lines of one kind in a row, and headings of one rank."""
    lines = [line for line in map(str.strip, premise.body.splitlines()) if line]
    kinds = [line_marker_kind(line) or ("line" if len(line) <= _SHORT_LINE else "") for line in lines]
    at = 0
    for _, run in groupby(kinds):
        end = at + len(list(run))
        yield lines[at - 1] if at else premise.heading, lines[at:end]
        at = end
    for rank in {kind for kind in kinds if len(kind) == 1}:
        yield premise.heading, [line for line, kind in zip(lines, kinds, strict=True) if kind == rank]


def _results(claim: Figure, h: Hypothesis, lines: Sequence[str]) -> Iterator[Decimal]:
    """Yield the results of the formula, of two figures, and of a column of the sources, in the unit of the claim."""
    unit, is_sum, is_difference = claim.unit, bool(_SUM.search(h.text)), bool(_DIFFERENCE.search(h.text))

    def read(text: str) -> list[Figure]:
        return [convert_figure(f, unit) for f in figures(text)]

    own = [f for f in read(h.text) if (f.value, f.unit) != (claim.value, unit)]
    stated = _unique_figures([*own, *(f for text in _stated_texts(h)[1:] for f in read(text))])[:_MOST_STATED]
    by_line = [read(line)[:_MOST_IN_LINE] for line in lines]
    given = _unique_figures([f for line in by_line for f in line])
    operands = _unique_figures([*stated, *given])[:_MOST_STATED] if h.quotes else stated
    amounts = [f.value for f in (*stated, *given) if f.unit == unit not in _RATIOS]
    yield from _formula_results(h)
    yield from (f.value * g for f in operands if f.value > 1 and f.unit not in (unit, *_RATIOS) for g in amounts)
    pairs = list(combinations(operands, 2))
    if is_sum or is_difference or unit == "倍":
        pairs += [pair for line in by_line for pair in combinations(line, 2)]
        yield from _list_totals(unit, h)
    if is_sum or is_difference or unit in _RATIOS:
        pairs += [(a, b) for a in own for b in given]
    yield from (value for a, b in pairs for value in _combine_two(unit, a, b, h.text))


def _formula_results(h: Hypothesis) -> Iterator[Decimal]:
    """Yield the results of the right calculations of the formula whose operands are in the sources or the question."""
    known = {f.value for text in (*_stated_texts(h), *(premise.whole for premise in h.cited)) for f in figures(text)}
    for match, is_right in find_written_calculations(h.formula):
        if is_right and all(f.value in known for f in figures(match[1])):
            yield from (f.value for f in figures(match[2]))


def _unique_figures(found: Sequence[Figure]) -> list[Figure]:
    return list({(f.value, f.unit): f for f in found}.values())


def _combine_two(unit: str, a: Figure, b: Figure, said: str) -> Iterator[Decimal]:
    """Yield what two figures give in the unit: a sum, a difference, a share, so many times, or so many parts."""
    if {a.unit, b.unit} <= {unit, ""}:
        yield from (a.value + b.value, abs(a.value - b.value))
    if unit in _SHARES and {a.unit, b.unit} <= _SHARES:
        yield from (a.value + b.value, abs(a.value - b.value))
    for one, other in permutations((a, b)):
        alike = one.unit == other.unit or {one.unit, other.unit} & ANY_THING or _EACH.search(said)
        if unit in _RATIOS and other.value and alike and one.unit != "%":
            share = one.value / other.value
            shares = (share, share - 1, one.value / (one.value + other.value))
            yield from (abs(share) * 100 for share in shares) if unit == "%" else (share,)
        if one.unit == unit != other.unit and other.value > 1 and _EACH.search(said):
            yield one.value / other.value


def _list_totals(unit: str, h: Hypothesis) -> Iterator[Decimal]:
    """Yield the sums of one column or list of the sources, of all of it and of those that the statement speaks of."""
    groups: dict[tuple[str, ...], list[tuple[Decimal, frozenset[str]]]] = {}
    for premise in h.cited:
        for clause in premise.clauses:
            of = clause.heads[:1] if premise.cells or "\t" in premise.body else clause.heads
            words = content_words(" ".join((clause.text, *clause.heads)))
            members = [(f.value, words) for f in figures(clause.text) if f.unit == unit]
            groups.setdefault((premise.title, *premise.path, *of), []).extend(members)
    spoken_of = content_words(h.text)
    for group in (group for group in groups.values() if len(group) > 1):
        common = frozenset.intersection(*(words for _, words in group))
        for some in ([v for v, _ in group], [v for v, words in group if (words - common) & spoken_of]):
            if len(some) > 1 and _SUM.search(h.text):
                yield sum(some, Decimal(0))
            elif len(some) == 2:  # noqa: PLR2004 - a difference is of two
                yield abs(some[0] - some[1])


def _rounds(claim: Figure, value: Decimal) -> bool:
    if claim.below and claim.above:
        exponent = int(claim.value.normalize().as_tuple().exponent)
        near = max(Decimal(1).scaleb(exponent) / 2, abs(value) * _RELATIVE)
        return abs(value - claim.value) <= near
    if claim.below or claim.above:
        return claim.allows(value)
    step = Decimal(1).scaleb(int(claim.value.as_tuple().exponent))
    return abs(value - claim.value) <= (
        step / 2 if claim.value % 1 or (claim.unit == "%" and not claim.change) else _EXACT
    )
