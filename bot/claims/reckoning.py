"""Whether a figure follows from what is given: a length of time, a count of what is listed, or plain arithmetic.

An operand is told where the reply or the question says it, and given where a line of the sources does that speaks of
the same. Two figures of the sources are reckoned with where the statement says that it sums, sets apart or shares: of
any two figures of a page some pair gives any number.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import chain, combinations, pairwise, permutations

from bot.claims.alignment import lines_about
from bot.claims.figures import ANY_THING, COUNTS_NOTHING, Figure, converted, figures
from bot.claims.premise import Clause, Hypothesis, content_words, kind_of_line
from bot.claims.times import Time, times
from ingest.normalise import quantities

_NOON = 12
_TO = re.compile(r"\s?(?:~|-|から|より)\D{0,6}")
_CLOCK_UNITS = {"時間": 60, "分間": 1}
# What a day is counted from where its year is not told: only lengths are taken from it.
_SOME_YEAR = 2001
_MONTH, _YEAR, _DAYS_OF_YEAR = Decimal("30.44"), Decimal("365.25"), 365
_LENGTHS = {"日間": Decimal(1), "週間": Decimal(7), "か月": _MONTH, "か月間": _MONTH, "年": _YEAR, "年間": _YEAR}
# Between more dates than these lies any number of days.
_MOST_DATES = 6
_FROM_A_DAY = re.compile("[もほどの]*(?:[前後早遅先]|以[前後])")
_FREE = re.compile("無料|かかりません|かからない|不要")
_NUMBERED = re.compile(r"\(\d{1,2}\)")
_JOINED = re.compile(r"[、・]|と(?=[^、。]{2})|及び|および|や(?=[^、。]{2})")
_BRACKETS = re.compile(r"\([^()]*\)")
_COMMA = re.compile("、")
_LIST_BEGINS = re.compile(r"(?<=[はで:])(?!の)、?|。")
_SUM = re.compile("[合あ併]わせ|合計|計(?![画測])|総|足[しす]|両方|全部|全体|トータル|延べ|分(?=で|に|の|が|を|、|。)")
_APART = re.compile(
    "差|多[いく]|少な[いく]|上回|下回|より|増|減|違[いう]|[安高長短早遅][いく]|離れ|残|引|以外|除|ない|せん"
)
_EACH = re.compile(r"(?<!\d)1[人日組回枚件か世]|当たり|あたり|につき|ずつ|平均|÷|割ると|等分")
_RATIOS, _SHARES = ("", "%", "倍"), {"", "%", "ポイント"}
# More operands than these, and some sum or other gives any number.
_LINES_READ, _MOST_ADDED, _MOST_TOLD, _MOST_GIVEN = 4, 7, 12, 16
_TERM = r"\d[\d,.十百千万億]*[^\s\d、。()=≒≈+×÷*/−-]{0,8}"
_SIGN = r"(?<!^)[-+×÷*/−]"
_SIGNS = {"×": "*", "÷": "/", "−": "-", "+": "+", "-": "-", "*": "*", "/": "/"}
_WRITTEN = re.compile(rf"({_TERM}(?:\s?[-+×÷*/−]\s?{_TERM})+)\s?[=≒≈]\s?約?({_TERM})")
_TWO, _EXACT = 2, Decimal("1e-9")


def follows(claim: Figure, h: Hypothesis, *, counts: bool = True) -> bool:
    """Whether the figure is reckoned, as far as its digits show, nothing to be paid, or `counts` what is listed."""
    told, about = _told(h), lines_about(h)
    lines = [line for line in about if figures(line) or times(line)][:_LINES_READ]
    if claim.value == 0:
        return any(_FREE.search(text) for text in (*told, *lines, *(premise.body for premise in h.cited)))
    reckoned = chain(_lengths(claim, h, told, lines), _results(claim, h, lines))
    if any(_rounds(claim, value) for value in reckoned):
        return True
    countable = counts and claim.unit not in COUNTS_NOTHING - {"日間"}
    return countable and claim.value in set(_counts(claim, h, (*told, *about[:_LINES_READ])))


def written_sums(text: str) -> Iterator[tuple[re.Match[str], bool]]:
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


def _told(h: Hypothesis) -> tuple[str, ...]:
    """Return the statement, the rest of the reply, what follows it first, and the question."""
    return (h.text, *h.reply[h.place :], *h.reply[: h.place], h.question)


def _lengths(claim: Figure, h: Hypothesis, told: Sequence[str], lines: Sequence[str]) -> Iterator[Decimal]:
    """Yield the lengths of time between any two times of day or dates of one text, in the claim's unit."""
    apart = bool(_FROM_A_DAY.match(h.text, claim.end))
    if minutes := _CLOCK_UNITS.get(claim.unit):
        apart = apart or bool(_APART.search(h.text))
        read = (*told, "\n".join(lines)) if apart else (*told, *lines)
        yield from (length * 60 / minutes for text in read for length in _hours(text, apart=apart))
    elif claim.unit == "時":
        yield from (end for text in (*told, *lines) for end in _ends(text))
    elif days := _LENGTHS.get(claim.unit):
        together = told[:1] if len(times(told[0])) > 1 else told
        some = [together, lines] if apart else [together, *zip(lines, strict=True)]
        # 令和元年度から6年度までに5年, and 6年間.
        ways = (True, False) if claim.unit == "年" else (apart,)
        exact = (length / days for texts in some for way in ways for length in _days(texts, apart=way))
        # Months and years are of different lengths, and told to the half.
        yield from (length if days == 1 else Decimal(round(length * 2)) / 2 for length in exact)


def _hours(text: str, *, apart: bool) -> Iterator[Decimal]:
    """Yield the hours of the spans that are told; where they are set `apart`, what lies between times, or spans.

    A span may end after noon (午前11時から1時).
    """
    told = [figure for figure in figures(text) if figure.unit == "時"][:_MOST_DATES]
    spans = [
        b.value - a.value + (0 if a.value <= b.value else _NOON)
        for a, b in pairwise(told)
        if _TO.fullmatch(text[a.end : b.start])
    ]
    yield from spans
    if apart:
        both = (*combinations((figure.value for figure in told), 2), *combinations(spans, 2))
        yield from (abs(a - b) for a, b in both)


def _ends(text: str) -> Iterator[Decimal]:
    """Yield when what begins at a time of day and is as long as is told ends (9時30分から45分間)."""
    told = [converted(figure, "時間") for figure in figures(text)]
    yield from (a.value + b.value for a in told for b in told if (a.unit, b.unit) == ("時", "時間"))


def _days(texts: Sequence[str], *, apart: bool) -> Iterator[Decimal]:
    """Yield the days from any date that is told to the end of a later one, or only to it where they are set `apart`.

    What a date leaves open is as before it, or before what follows (28日~1月2日); its year may be the next. Of years
    both are told (2010年から2020年までの10年間).
    """
    said = [time for text in texts for time in times(text)][:_MOST_DATES]
    placed: list[tuple[date, Time]] = []
    month = next((t.month - ((said[0].day or 0) > (t.day or 31)) for t in said if t.month), 1) or 12
    years = [time.year or (time.era_year and _SOME_YEAR + time.era_year) for time in said]
    year = next(
        (y - ((said[0].month or 0) > (t.month or 12)) for t, y in zip(said, years, strict=True) if y), _SOME_YEAR
    )
    for time, own in zip(said, years, strict=True):
        year = own or year
        month = time.month or (month if time.day else 1)
        day = date(year, month, 1) + timedelta((time.day or 1) - 1)
        placed.append((day, replace(time, year=own)))
    for (one, _), (other, end) in combinations(placed, 2):
        length = Decimal((other - one).days)
        if apart:
            yield abs(length)
        if length < 0 and not end.year:
            length += _DAYS_OF_YEAR
        if not apart:
            yield length + (1 if end.day else _MONTH if end.month else _YEAR)
        if apart or not (end.day or end.month or end.fiscal):
            yield length


def _counts(claim: Figure, h: Hypothesis, texts: Sequence[str]) -> Iterator[int]:
    """Yield how many things are numbered, and members of lists are strung together, and listed by the sources."""
    said, lines = texts[: len(h.reply) + 1], texts[len(h.reply) + 2 :]
    before, behind = h.text[: claim.start], h.text[claim.end :]
    for part in (_LIST_BEGINS.split(before)[-1], _LIST_BEGINS.split(behind)[0], *said[1:]):
        yield from _members(part)
    for line in lines:
        yield from (n for part in _LIST_BEGINS.split(line) for n in _members(part))
    yield from (len(set(_NUMBERED.findall(line))) for premise in h.cited for line in premise.body.splitlines())
    yield from (len({clause.line for clause in group}) for kind, group in _groups(h) if kind)


def _members(part: str) -> Iterator[int]:
    """Yield how many things are joined, with and without what leads to the first."""
    for joint in (_JOINED, _COMMA):
        members = [member for member in joint.split(_BRACKETS.sub("", part)) if member.strip()]
        yield from (len(members), len(members) - 1)


def _groups(h: Hypothesis) -> list[tuple[str, list[Clause]]]:
    """Return what the sources set side by side, by kind: a table's columns, items, headings of one rank; else lines."""
    groups: dict[tuple[str, ...], list[Clause]] = {}
    for premise in h.cited:
        is_table = premise.cells or "\t" in premise.body
        for clause in premise.clauses:
            kind = "row" if is_table else kind_of_line(clause.line) or ""
            over = clause.heads[:1] if is_table else () if len(kind) == 1 else clause.heads
            groups.setdefault((premise.title, *premise.path, *over, kind), []).append(clause)
    return [(kind, group) for (*_, kind), group in groups.items()]


def _results(claim: Figure, h: Hypothesis, lines: Sequence[str]) -> Iterator[Decimal]:
    """Yield what the figures that are told, those of one line, and a column give in the claim's unit."""
    unit, summed, apart = claim.unit, bool(_SUM.search(h.text)), bool(_APART.search(h.text))

    def read(text: str) -> list[Figure]:
        return [converted(f, unit) for f in figures(text)]

    said = [f for f in read(h.text) if (f.value, f.unit) != (claim.value, unit)]
    digits = {f.value.normalize().as_tuple().digits for f in figures(h.formula)}
    sources = (f for premise in h.cited for f in premise.figures)
    written = [converted(f, unit) for f in sources if f.value.normalize().as_tuple().digits in digits]
    known = _once([*said, *written, *(f for text in _told(h)[1:] for f in read(text))])[:_MOST_TOLD]
    given = [read(line)[:_MOST_GIVEN] for line in lines]
    every = _once([f for line in given for f in line])
    amounts = [f.value for f in (*known, *every) if f.unit == unit not in _RATIOS]
    products = [f.value * g for f in known if f.value > 1 and f.unit not in (unit, *_RATIOS) for g in amounts]
    yield from products
    if summed:
        yield from _sums([*(f.value for f in known if f.unit == unit), *products])
        for values in ([f.value for f in line if f.unit == unit] for line in given):
            runs = combinations(range(len(values) + 1), 2)
            yield from (sum(values[a:b], Decimal(0)) for a, b in runs if b - a > 1)
    pairs = list(combinations(known, 2))
    if summed or apart or unit == "倍":
        pairs += [pair for line in given for pair in combinations(line, 2)]
    if summed or apart or unit in _RATIOS:
        columns = [*_columns(unit, h)]
        pairs += [(a, b) for a in said for b in every] + [(some[0], some[1]) for some in columns if len(some) == _TWO]
        yield from (sum((f.value for f in some), Decimal(0)) for some in columns if summed and len(some) > 1)
    yield from (value for a, b in pairs for value in _of_two(unit, a, b, h.text))


def _once(found: Sequence[Figure]) -> list[Figure]:
    return list({(f.value, f.unit): f for f in found}.values())


def _sums(values: Sequence[Decimal]) -> Iterator[Decimal]:
    some = values[:_MOST_ADDED]
    yield from (sum(few, Decimal(0)) for size in range(2, len(some) + 1) for few in combinations(some, size))


def _of_two(unit: str, a: Figure, b: Figure, said: str) -> Iterator[Decimal]:
    """Yield what two figures give in the unit: a sum, a difference, a share, so many times, or so many parts."""
    if {a.unit, b.unit} <= (_SHARES if unit in _SHARES else {unit, ""}):
        yield from (a.value + b.value, abs(a.value - b.value))
    for one, other in permutations((a, b)):
        alike = one.unit == other.unit or {one.unit, other.unit} & ANY_THING or _EACH.search(said)
        if unit in _RATIOS and other.value and alike and one.unit != "%":
            share = one.value / other.value
            shares = (share, share - 1, one.value / (one.value + other.value))
            yield from (abs(share) * 100 for share in shares) if unit == "%" else (share,)
        if one.unit == unit != other.unit and other.value > 1 and _EACH.search(said):
            yield one.value / other.value


def _columns(unit: str, h: Hypothesis) -> Iterator[list[Figure]]:
    """Yield the figures of one unit in a column or list of the sources, all and those that the statement speaks of."""
    spoken_of = content_words(h.text)
    for _, group in _groups(h):
        words = [content_words(" ".join((clause.text, *clause.heads))) for clause in group]
        common = frozenset.intersection(*words)
        members = [(f, own - common) for c, own in zip(group, words, strict=True) for f in figures(c.text)]
        for kind in {f.unit for f, _ in members} if unit in _RATIOS else (unit,):
            yield [f for f, _ in members if f.unit == kind]
            yield [f for f, own in members if f.unit == kind and own & spoken_of]


def _rounds(claim: Figure, value: Decimal) -> bool:
    if claim.below or claim.above:
        return claim.allows(value)
    step = Decimal(1).scaleb(int(claim.value.as_tuple().exponent))
    is_rounded = claim.value % 1 or (claim.unit == "%" and not claim.change)
    return abs(value - claim.value) <= (step / 2 if is_rounded else _EXACT)
