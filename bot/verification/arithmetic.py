"""Arithmetic: whether a figure follows from given ones by duration, count, sum or ratio.

Operands come from the reply and the question (stated) and from the quotes or, without quotes, from related lines of
the sources (given). Any two figures of quotes are combined. Two figures of source lines are combined only where the
statement expresses a sum, difference or share: on a long page some pair yields any number.
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
# The year assumed for dates without one; only differences are computed from it.
_ASSUMED_YEAR = 2001
_MONTH, _YEAR, _DAYS_OF_YEAR = Decimal("30.44"), Decimal("365.25"), 365
_LENGTHS = {"日間": Decimal(1), "週間": Decimal(7), "か月": _MONTH, "か月間": _MONTH, "年": _YEAR, "年間": _YEAR}
# Among more dates than this, some pair is any number of days apart.
_MAX_DATES = 6
_FREE = re.compile("無料|かかりません|かからない|不要")
_NUMBERED = re.compile(r"\(\d{1,2}\)")
_JOINED = re.compile(r"[、・]|と(?=[^、。]{2})|及び|および|や(?=[^、。]{2})")
# The opposite bound starts at the next whole number: 65歳以上 against 64歳まで.
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
# With more operands than this, some pair yields any number.
_MAX_LINES, _MAX_STATED, _MAX_IN_LINE = 4, 12, 16
_TERM = r"\d[\d,.十百千万億]*[^\s\d、。()=≒≈+×÷*/−-]{0,8}"
_SIGN = r"(?<!^)[-+×÷*/−]"
_SIGNS = {"×": "*", "÷": "/", "−": "-", "+": "+", "-": "-", "*": "*", "/": "/"}
_CALCULATION = re.compile(rf"({_TERM}(?:\s?[-+×÷*/−]\s?{_TERM})+)\s?[=≒≈]\s?約?({_TERM})")
_RELATIVE, _EXACT = Decimal("0.06"), Decimal("1e-9")


def is_derivable(claim: Figure, h: Hypothesis, *, counts: bool = True) -> bool:
    """Whether the figure follows by arithmetic, means free of charge or, with `counts`, counts listed items."""
    if claim.unit.startswith("第") and claim.unit.endswith("曜"):  # an ordinal of a weekday is not a sum
        return False
    stated, lines = _stated_texts(h), _operand_lines(h)
    if claim.value == 0:
        return any(_FREE.search(text) for text in (*stated, *lines, *(source.body for source in h.cited)))
    results = chain(_durations(claim.unit, stated, lines, h), _end_times(claim.unit, h), _results(claim, h, lines))
    if any(_rounds(claim, value) for value in results) or claim.value in set(_values_beyond_bound(claim, h)):
        return True
    countable = counts and claim.unit not in COUNTS_NOTHING - {"日間"}
    return countable and claim.value in set(_counts(claim, h, (*stated, *lines)))


def find_written_calculations(text: str) -> Iterator[tuple[re.Match[str], bool]]:
    """Yield the calculations written in normalised `text` (1 + 6 = 8), and whether each is right.

    Groups 1 and 2 of the match are operands and result. A share may be in percent; rounded results are accepted.
    """
    for match in _CALCULATION.finditer(text):
        numbers = [number.value for number in quantities(match[1])]
        signs = [_SIGNS[sign] for sign in re.findall(_SIGN, match[1])]
        claimed = next((number.value for number in quantities(match[2])), None)
        if times(match[0]) or claimed is None or len(numbers) != len(signs) + 1:
            continue
        value, rounded = _value(numbers, signs), claimed if "=" in match[0] else claimed.normalize()
        slack = Decimal(1).scaleb(int(rounded.as_tuple().exponent)) / 2 if value % 1 or "=" not in match[0] else 0
        yield match, any(abs(abs(v) - rounded) <= slack for v in (value, value * 100))


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
    """Return the statement, the sentences after and before it, and the question."""
    return (h.text, *h.reply[h.place :], *h.reply[: h.place], h.question)


def _operand_lines(h: Hypothesis) -> Sequence[str]:
    """Return the quotes; else source lines related to the statement, or to the reply and question."""
    if h.quotes:
        return ("\n".join(h.quotes),)
    return (find_related_lines(h) or find_related_lines(h, "\n".join((*h.reply, h.question))))[:_MAX_LINES]


def _values_beyond_bound(claim: Figure, h: Hypothesis) -> Iterator[Decimal]:
    """Yield the first whole numbers beyond quoted bounds: 64歳以下 gives 65歳以上."""
    step = -1 if claim.bound == "以下" or h.text.startswith("まで", claim.end) else 1 if claim.bound == "以上" else 0
    beyond = _UPWARDS if step < 0 else _DOWNWARDS
    for quote in h.quotes if step else ():
        yield from (f.value + step for f in figures(quote) if f.unit == claim.unit and beyond.match(quote, f.end))


def _durations(unit: str, stated: Sequence[str], lines: Sequence[str], h: Hypothesis) -> Iterator[Decimal]:
    """Yield the durations between times or dates of one text, in the unit."""
    spans = [] if h.quotes else [span for source in h.cited for span in source.spans]
    if minutes := _CLOCK_UNITS.get(unit):
        yield from (Decimal(length) / minutes for text in (*stated, *lines, *spans) for length in _hours(text))
    elif days := _LENGTHS.get(unit):
        dates_together = stated[:1] if len(times(stated[0])) > 1 else stated
        texts = (dates_together, *zip((*lines, *spans), strict=True))
        exact = (length / days for group in texts for length in _days(group))
        # Months and years differ in length, so they are rounded to halves.
        yield from (length if unit == "日間" else Decimal(round(length * 2)) / 2 for length in exact)


def _hours(text: str) -> Iterator[int]:
    """Yield the minutes between two times of day; the second may be after noon (午前11時から1時)."""
    for first, second in combinations(list(_clock(figures(text)))[:_MAX_DATES], 2):
        yield from (abs(second - first), second + _NOON * _HOUR - first)


def _end_times(unit: str, h: Hypothesis) -> Iterator[Decimal]:
    """Yield the hour or minutes of a stated time that is a quoted time plus a quoted duration."""
    stated_times = set(_clock(figures(h.text))) if unit in ("時", "分間") else ()
    quoted = figures("\n".join(h.quotes)) if stated_times else ()
    lengths = [int(f.value * _CLOCK_UNITS[f.unit]) for f in quoted if f.unit in _CLOCK_UNITS]
    for end in (begin + length for begin in _clock(quoted) for length in lengths):
        if end in stated_times:
            yield Decimal(end // _HOUR if unit == "時" else end % _HOUR)


def _clock(figures_of_text: Sequence[Figure]) -> Iterator[int]:
    """Yield the times of day among figures, in minutes."""
    for hours, following in pairwise([*figures_of_text, None]):
        if hours and hours.unit == "時":
            has_minutes = following and following.unit == "分間" and following.start - hours.end <= 1
            yield int(hours.value) * _HOUR + (int(following.value) if following and has_minutes else 0)


def _days(texts: Sequence[str]) -> Iterator[Decimal]:
    """Yield the days between dates, exclusive and inclusive; without a year also across the new year."""
    by_date: dict[date, tuple[Decimal, bool]] = {}
    current = date(_ASSUMED_YEAR, 1, 1)
    for time in (time for text in texts for time in times(text)):
        year = time.year or (time.era_year and _ASSUMED_YEAR + time.era_year)
        try:
            current = date(year or current.year, time.month or (current.month if time.day else 1), time.day or 1)
        except ValueError:
            continue
        by_date.setdefault(current, (Decimal(1) if time.day else _MONTH if time.month else _YEAR, bool(year)))
    for (first, _), (second, (last, has_year)) in combinations(sorted(by_date.items())[:_MAX_DATES], 2):
        length = Decimal((second - first).days)
        yield from (length, length + last)
        if not has_year:
            yield from (_DAYS_OF_YEAR - length, _DAYS_OF_YEAR - length + last)


def _counts(claim: Figure, h: Hypothesis, texts: Sequence[str]) -> Iterator[int]:
    """Yield the sizes of numbered and enumerated lists in the reply and the sources."""
    reply_texts, lines = texts[: len(h.reply) + 1], texts[len(h.reply) + 2 :]
    before, after = h.text[: claim.start], h.text[claim.end :]
    for part in (_LIST_BEGINS.split(before)[-1], _LIST_BEGINS.split(after)[0], *reply_texts[1:]):
        yield from _members(part)
    yield from (len(set(_NUMBERED.findall(line))) for source in h.cited for line in source.body.splitlines())
    for line in lines:
        yield from (n for part in _LIST_BEGINS.split(line) for n in _members(part))
    yield from _list_sizes(h, reply_texts)


def _members(part: str) -> Iterator[int]:
    """Yield the number of joined items, with and without the words before the first."""
    for joint in (_JOINED, _COMMA):
        members = [member for member in joint.split(_BRACKETS.sub("", part)) if member.strip()]
        yield from (len(members), len(members) - 1)


def _list_sizes(h: Hypothesis, reply_texts: Sequence[str]) -> Iterator[int]:
    """Yield the number of cited table rows, and of items in lists that the statement is about."""
    statement_words, reply_words = content_words(h.text), content_words("\n".join(reply_texts))
    for source in h.cited:
        yield sum(other.path == source.path for other in h.cited if source.cells)
        for heading, members in () if source.cells else _lists(source):
            words = [content_words(member) for member in members]
            if (
                content_words(heading) & statement_words
                or sum(2 * len(shared & reply_words) >= len(shared) > 0 for shared in words) > 1
            ):
                yield len(members)


def _lists(source: SourceText) -> Iterator[tuple[str, list[str]]]:
    """Yield each list of a source text with the line before it: lines of one kind, or headings of one rank."""
    lines = [line for line in map(str.strip, source.body.splitlines()) if line]
    kinds = [line_marker_kind(line) or ("line" if len(line) <= _SHORT_LINE else "") for line in lines]
    start = 0
    for _, run in groupby(kinds):
        end = start + len(list(run))
        yield lines[start - 1] if start else source.heading, lines[start:end]
        start = end
    for rank in {kind for kind in kinds if len(kind) == 1}:
        yield source.heading, [line for line, kind in zip(lines, kinds, strict=True) if kind == rank]


def _results(claim: Figure, h: Hypothesis, lines: Sequence[str]) -> Iterator[Decimal]:
    """Yield the results of the formula, of two figures, and of source columns, in the unit of the claim."""
    unit, is_sum, is_difference = claim.unit, bool(_SUM.search(h.text)), bool(_DIFFERENCE.search(h.text))

    def read(text: str) -> list[Figure]:
        return [convert_figure(f, unit) for f in figures(text)]

    own = [f for f in read(h.text) if (f.value, f.unit) != (claim.value, unit)]
    stated = _unique_figures([*own, *(f for text in _stated_texts(h)[1:] for f in read(text))])[:_MAX_STATED]
    by_line = [read(line)[:_MAX_IN_LINE] for line in lines]
    given = _unique_figures([f for line in by_line for f in line])
    operands = _unique_figures([*stated, *given])[:_MAX_STATED] if h.quotes else stated
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
    """Yield the results of correct calculations whose operands are in the sources or the question."""
    known = {f.value for text in (*_stated_texts(h), *(source.whole for source in h.cited)) for f in figures(text)}
    for match, is_right in find_written_calculations(h.formula):
        if is_right and all(f.value in known for f in figures(match[1])):
            yield from (f.value for f in figures(match[2]))


def _unique_figures(found: Sequence[Figure]) -> list[Figure]:
    return list({(f.value, f.unit): f for f in found}.values())


def _combine_two(unit: str, a: Figure, b: Figure, text: str) -> Iterator[Decimal]:
    """Yield the sum, difference, share or ratio of two figures, in the unit."""
    if {a.unit, b.unit} <= {unit, ""}:
        yield from (a.value + b.value, abs(a.value - b.value))
    if unit in _SHARES and {a.unit, b.unit} <= _SHARES:
        yield from (a.value + b.value, abs(a.value - b.value))
    for part, whole in permutations((a, b)):
        alike = part.unit == whole.unit or {part.unit, whole.unit} & ANY_THING or _EACH.search(text)
        if unit in _RATIOS and whole.value and alike and part.unit != "%":
            share = part.value / whole.value
            shares = (share, share - 1, part.value / (part.value + whole.value))
            yield from (abs(share) * 100 for share in shares) if unit == "%" else (share,)
        if part.unit == unit != whole.unit and whole.value > 1 and _EACH.search(text):
            yield part.value / whole.value


def _list_totals(unit: str, h: Hypothesis) -> Iterator[Decimal]:
    """Yield the sums of each source column or list: of all entries, and of those that the statement names."""
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
