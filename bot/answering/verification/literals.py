"""Literals of a text, and whether a source text has them in any notation: figures, dates, contacts, names.

Of sentences in another language than their sources, numbers, contacts and Japanese names are compared.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache

from bot.answering.verification.source_text import SourceText, content_words, period_ends
from ingest.japanese import era_year, fiscal_year
from ingest.japanese.contacts import contact_key, contacts
from ingest.japanese.lexicon import COMMITTEE, CORPORATION, DEPARTMENT, MINISTRY, any_of
from ingest.japanese.mentions.days import YEARS_FROM_NOW, YEARS_FROM_TEXT, possible_dates
from ingest.japanese.mentions.quantities import (
    ANY_THING,
    COUNTS_NOTHING,
    Quantity,
    figures,
    names_of_unit,
    to_base_unit,
)
from ingest.japanese.mentions.times import Time, dates, times, with_months
from ingest.japanese.normal_forms import fold_normalised, normalise_figures
from ingest.japanese.notation import BRACKETED_WEEKDAYS, WEEKDAY, WEEKDAYS
from ingest.japanese.spans import Spans
from ingest.japanese.tokenise import Morpheme, morphemes

_QUOTED = re.compile(r"[「『]([^「」『』]+)[」』]")
_LATIN = re.compile(r"(?<![\dA-Za-z.])[A-Za-z][A-Za-z0-9]*(?:[./&+_@:-]+[A-Za-z0-9]+)*")
# The last word of what an office, a body or a place is called.
_ORGANISATION = re.compile(
    rf".{{2,}}(?:{DEPARTMENT}|{MINISTRY}|{COMMITTEE}|{CORPORATION}|会議|公社|センター|プラザ|大学|学校|病院|署|園|館)$|.*長$"
)
_DETERMINERS = frozenset("各全同本当両")


def names(text: str) -> list[tuple[int, str]]:
    """Return (start, name) of each 「…」, proper name by Sudachi, and Latin word in normalised `text`."""
    covered = [*((mention.start, mention.end) for mention in dates(text)), *contacts(text)]
    quoted = [(match.start(1), match[1]) for match in _QUOTED.finditer(text) if match.span(1) not in covered]
    proper = [(word.start, word.surface) for word in morphemes(text, "C") if word.pos[1] == "固有名詞"]
    proper += [(match.start(), match[0]) for match in _LATIN.finditer(text)]
    outside = [name for name in proper if not any(start <= name[0] < end for start, end in covered)]
    return list(dict.fromkeys([*quoted, *outside]))


def organisations(text: str) -> Iterator[tuple[str, ...]]:
    """Yield the compound nouns of normalised `text` that name an organisation, office or place, as their words.

    A single word (映画館) is a common noun.
    """
    for compound in _noun_compounds(text):
        words = compound[1:] if compound[0] in _DETERMINERS else compound
        if len(words) > 1 and _ORGANISATION.match("".join(words)):
            yield words


def organisation_names(text: str) -> list[str]:
    """Return the organisations, offices and places that normalised `text` names, without repetition."""
    return list(dict.fromkeys("".join(words) for words in organisations(text)))


def _noun_compounds(text: str) -> Iterator[tuple[str, ...]]:
    covered = Spans((figure.start, figure.end) for figure in figures(text))
    for time in times(text):
        covered.add(time.start, time.end)
    run: list[Morpheme] = []
    for word in morphemes(text):
        is_noun = word.is_noun and word.pos[1] != "数詞" and word.pos[2] not in ("副詞可能", "助数詞")
        if run and (not is_noun or run[-1].end != word.start):
            yield tuple(noun.surface for noun in run)
            run = []
        if is_noun and not covered.meet(word.start, word.start + 1):
            run.append(word)
    if run:
        yield tuple(noun.surface for noun in run)


_YEARS = frozenset({"年", "年間"})
# Numbers below this may name rather than count: 区分2, 改訂3; not 約5.
_MAX_NAMING_NUMBER = 100
_NOUN_BEFORE = re.compile("(?![約計全各第年毎最大小差])[一-龥ァ-ヶーA-Za-z]$")
# A month this far after the month of issue may belong to the previous year: an event of November in a January issue.
_MAX_MONTHS_AFTER_ISSUE = 6
_AFTER_DATE_OF_ISSUE = re.compile(r"\s?(?:\([^()]*\))?(?:の|号|発行|公表|発表|時点|現在|に(?:策定|公表|発行|作成))")
_OFFSETS_IN_YEARS = YEARS_FROM_NOW | YEARS_FROM_TEXT
_RELATIVE_YEAR = re.compile(
    rf"(?P<word>{any_of(_OFFSETS_IN_YEARS)})(?P<fiscal>度)?|(?<!\d)(?P<count>\d{{1,2}})年(?P<direction>前|後)"
)
_WEEKDAY_OF_DAY = re.compile(rf"(?:\s?[の(]|は、?)({WEEKDAY})(?:曜|(?<!は.)[)・])")
_WEEKDAY = re.compile(BRACKETED_WEEKDAYS)
# Suffixes that a list writes only once: 浜・港・岬市.
_SUFFIXES_WRITTEN_ONCE = "市町村区県課部館園校"
# The years of 令和, the most likely era of a bare year number.
_CURRENT_ERA = range(2019, 2100)
# The year before the first of 平成 and of 昭和, and the centuries of a year in two digits.
_YEARS_BEFORE_FIRST = (1988, 1925, 1900, 2000)
_NOON = 12
_NUMBER = re.compile(r"\d+(?:[,.]\d{3})*(?:\.\d+)?")
# Commas part thousands in some languages, and points do in others.
_THOUSANDS = re.compile(r"[,.](?=\d{3}(?!\d))")
_JAPANESE_RUN = re.compile("[ぁ-んァ-ヶ一-龥々ー]{2,}")
_KANA_RUN = re.compile("[ぁ-んァ-ヶー]{2,}")
_LATIN_WORDS = re.compile(r"[A-Za-zÀ-ỹ]{2}\s[A-Za-zÀ-ỹ]{2}")
# 年に3回, 1年分: one year is a rate, not a figure of the source.
_PER_YEAR = re.compile(r"1年(?:間)?(?=に|分)")


class LiteralKind(StrEnum):
    """The kinds of words that code compares with a source."""

    FIGURE = "figure"
    DATE = "date"
    CONTACT = "contact"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class LiteralMention:
    """A literal at `text[start:end]` of a normalised statement; `value` is its canonical form."""

    kind: LiteralKind
    start: int
    end: int
    text: str
    value: Quantity | Time | str

    @property
    def written(self) -> str:
        return self.text[self.start : self.end]


@lru_cache(maxsize=2048)
def literals(text: str) -> tuple[LiteralMention, ...]:
    """Return the figures, dates and contacts of normalised `text` in order, then its names.

    Numbers within a date or a contact are no figures, and 1 of something (1人, 1回) is none.
    """
    contact_spans = contacts(text)
    covered = Spans(contact_spans)
    dated = [time for time in times(text) if not covered.meet(time.start, time.start + 1)]
    for time in dated:
        covered.add(time.start, time.end)
    mentions = [
        LiteralMention(LiteralKind.CONTACT, start, end, text, contact_key(text[start:end]))
        for start, end in contact_spans
    ]
    mentions += [LiteralMention(LiteralKind.DATE, time.start, time.end, text, time) for time in dated]
    mentions += [
        LiteralMention(LiteralKind.FIGURE, figure.start, figure.end, text, figure)
        for figure in figures(text)
        if not (figure.is_each or covered.meet(figure.start, figure.start + 1) or _PER_YEAR.match(text, figure.start))
    ]
    named = (LiteralMention(LiteralKind.NAME, start, start + len(name), text, name) for start, name in names(text))
    return (*sorted(mentions, key=lambda mention: mention.start), *named)


@lru_cache(maxsize=16384)
def content_terms(text: str) -> frozenset[str]:
    """Return the content words of normalised `text`, and each of its figures and dates as one word."""
    terms = {f"{figure.value.normalize():f}{figure.unit}" for figure in figures(text) if figure.unit not in ANY_THING}
    for time in times(text):
        if time.day or time.month:
            terms.add(f"{time.month or ''}/{time.day or ''}")
        if time.year:
            terms.add(f"{time.year}年")
    return content_words(_WEEKDAY.sub("", text)) | terms


def is_in_source(literal: LiteralMention, source: SourceText, nearby: Sequence[Time] = ()) -> bool:
    """Whether passage, headings, title or publication date have the literal; `nearby` dates complete a partial date."""
    if isinstance(literal.value, Time):
        return _has_date(source, literal.value, literal.text[literal.end :], nearby)
    if isinstance(literal.value, Quantity):
        claim, preceding = literal.value, literal.text[: literal.start]
        if not claim.unit and claim.value < _MAX_NAMING_NUMBER and _NOUN_BEFORE.search(preceding):
            return has_name(source, f"{preceding[-1]}{claim.value:f}")
        return any(is_same_figure(stated, claim, source.heading_and_body) for stated in source.figures)
    if literal.kind is LiteralKind.CONTACT:
        given = {contact_key(source.body[start:end]) for start, end in contacts(source.body)}
        return literal.value in given or (not literal.value.isdigit() and literal.value in source.comparison_text)
    return has_name(source, literal.value)


def is_in_question(literal: LiteralMention, question: str) -> bool:
    """Whether the normalised question has the literal, so that a statement may repeat it."""
    if isinstance(literal.value, Time):
        return not literal.value.contradicts and any(_states_date(literal.value, t, (), "") for t in times(question))
    if isinstance(literal.value, Quantity):
        claim = literal.value  # 「52ですが」 is taken up as 52歳
        return any(
            is_same_figure(stated, claim, "") or (not stated.unit and stated.value == claim.value)
            for stated in figures(question)
        )
    return fold_normalised(literal.written) in fold_normalised(question)


def is_same_figure(stated: Quantity, claim: Quantity, text: str) -> bool:
    """Whether a figure equals the claim in any unit or notation; a bare number may have its unit elsewhere in `text`.

    An hour below noon may be meant in the afternoon (午後3時から4時).
    """
    unit, value = stated.unit, stated.value
    is_one_kind = (
        unit == claim.unit
        or not claim.unit
        or (unit and ANY_THING & {unit, claim.unit} and not COUNTS_NOTHING & {unit, claim.unit})
        or {unit, claim.unit} == _YEARS
        or (claim.unit[:1] == "第" and unit in ("第", "") and "曜" in claim.unit)
        or (not unit and any(name in text for name in names_of_unit(claim.unit)))
    )
    if is_one_kind and (claim.allows(value) or (unit == "時" and claim.value < _NOON == value - claim.value)):
        return True
    return unit != claim.unit and to_base_unit(value, unit) == to_base_unit(claim.value, claim.unit)


def has_name(source: SourceText, name: str) -> bool:
    """Whether the source text has the name letter for letter, in text, headings or document names."""
    letters = fold_normalised(name)
    is_in_list = letters[-1:] in _SUFFIXES_WRITTEN_ONCE and re.search(
        rf"{re.escape(letters[:-1])}(?:[・、][^\W・、]+)+{letters[-1:]}", source.comparison_text
    )
    return letters in source.comparison_text or bool(is_in_list)


def find_wrong_weekdays(text: str, sources: Sequence[SourceText], today: date | None = None) -> Iterator[str]:
    """Yield the days of normalised `text` whose weekday is wrong in every possible year, that nearest `today` too.

    A weekday that a source text gives is accepted.
    """
    stated = {found[:3] for source in sources for found in _dated_weekdays(source.heading_and_body)}
    for month, day, weekday, time, end in _dated_weekdays(text):
        years = {time.year} if time.year else set[int]()
        if not years:
            years.update(year for source in sources for year in _years(time, source.times, source.published))
            years.update(near.year for near in (possible_dates(month, day, today) if today else ()))
        dates = [date(year, month, 1) + timedelta(day - 1) for year in years]
        is_wrong = dates and all(WEEKDAYS[candidate.weekday()] != weekday for candidate in dates)
        if is_wrong and (month, day, weekday) not in stated:
            yield text[time.start : end]


def _dated_weekdays(text: str) -> Iterator[tuple[int, int, str, Time, int]]:
    # Month, day, weekday, the time and where the weekday ends.
    for time in with_months(times(text)):
        if (weekday := _WEEKDAY_OF_DAY.match(text, time.end)) and time.month and time.day:
            yield time.month, time.day, weekday[1], time, weekday.end()


def _has_date(source: SourceText, claim: Time, following: str, nearby: Sequence[Time]) -> bool:
    if claim.contradicts:
        return False
    source_times = [*source.times, *_relative_years(source)]
    all_times = [*source_times, *nearby]
    if any(_states_date(claim, stated, all_times, source.published) for stated in source_times):
        return True
    issue = _issue(source.published)
    if issue is None or not (claim.month is None or _AFTER_DATE_OF_ISSUE.match(following)):
        return False
    return _states_date(claim, replace(issue, year=fiscal_year(issue.first)) if claim.fiscal else issue, (), "")


def _states_date(claim: Time, stated: Time, near: Sequence[Time], published: str) -> bool:
    if claim.day is not None and claim.day != stated.day:
        return False
    if claim.month is not None and claim.month not in _months(stated, near, published):
        return False
    years = set(_years(stated, near, published))
    if claim.era_year is not None:
        return claim.era_year == stated.era_year or any(claim.era_year in (_era_number(y), y % 100) for y in years)
    is_of_year = claim.year is None or claim.year in years or not years
    is_year_alone = claim.day is None and claim.month is None and claim.year is not None
    return is_of_year and bool(years or not is_year_alone)


def _months(stated: Time, near: Sequence[Time], published: str) -> set[int | None]:
    if stated.month is not None:
        return {stated.month}
    if stated.day is None:
        return {None}
    months: set[int | None] = {t.month for t in near if t.month is not None}
    issue = _issue(published)
    # 年始は6日から, in an issue of December.
    return months | ({issue.first.month, issue.first.month % 12 + 1} if issue else set())


def _years(stated: Time, near: Sequence[Time], published: str) -> Iterator[int]:
    if stated.year is not None:
        yield stated.year
        return
    if stated.era_year is not None:
        nearby_years = (t.year for t in near if t.year is not None)
        yield from (year for year in (*nearby_years, *_CURRENT_ERA) if _era_number(year) == stated.era_year)
        yield from (year + stated.era_year for year in _YEARS_BEFORE_FIRST)
        return
    yield from (t.year for t in near if t.year is not None)
    if issue := _issue(published):
        day = issue.first
        month = stated.month or day.month
        yield day.year
        if month < day.month:
            yield day.year + 1
        if month > day.month + _MAX_MONTHS_AFTER_ISSUE:
            yield day.year - 1


def _era_number(year: int | None) -> int | None:
    if year is None:
        return None
    written = era_year(year).replace("元", "1")
    return int("".join(filter(str.isdigit, written)))


def _issue(published: str) -> Time | None:
    # A publication is given as YYYY, YYYY-MM or YYYY-MM-DD.
    year, month, day = (*(int(part) for part in published.split("-") if part.isdigit()), None, None, None)[:3]
    return Time(0, 0, year, month, day) if year else None


@lru_cache(maxsize=4096)
def _relative_years(source: SourceText) -> tuple[Time, ...]:
    issue = _issue(source.published)
    if issue is None:
        return ()
    years = []
    for match in _RELATIVE_YEAR.finditer(source.body):
        offset = _OFFSETS_IN_YEARS[match["word"]] if match["word"] else int(match["count"])
        is_fiscal = bool(match["fiscal"])
        year = fiscal_year(issue.first) if is_fiscal else issue.first.year
        years.append(Time(*match.span(), year + (-offset if match["direction"] == "前" else offset), fiscal=is_fiscal))
    return (*years, *period_ends(years, source.body))


def find_ungrounded_numbers(text: str, cited: Sequence[SourceText], other_text: str = "") -> list[str]:
    """Return the numbers and contacts of a sentence that are in none of the sources `cited`, nor in `other_text`.

    Years are compared in all calendars, numbers in all notations. Names of months are not read.
    """
    source_texts = [normalise_figures(other_text)]
    for source in cited:
        source_texts += (source.heading_and_body, source.published)
    source_numbers = set[Decimal]()
    source_contacts = set[str]()
    for source_text in source_texts:
        source_numbers.update(_values(source_text))
        source_contacts.update(contact_key(source_text[start:end]) for start, end in contacts(source_text))
    sentence = normalise_figures(text)
    written = [sentence[start:end] for start, end in contacts(sentence)]
    ungrounded = [contact for contact in written if contact_key(contact) not in source_contacts]
    covered = Spans(contacts(sentence))
    numbers = (match[0] for match in _NUMBER.finditer(sentence) if not covered.meet(*match.span()))
    return ungrounded + [number for number in numbers if Decimal(_THOUSANDS.sub("", number)) not in source_numbers]


def _values(text: str) -> Iterator[Decimal]:
    for figure in figures(text):
        yield figure.value
        if figure.unit == "時":
            yield figure.value + (_NOON if figure.value <= _NOON else -_NOON)
    for time in times(text):
        yield from (Decimal(part) for part in (time.year, time.month, time.day) if part)
    yield from (Decimal(_THOUSANDS.sub("", match[0])) for match in _NUMBER.finditer(text))


def find_ungrounded_names(text: str, sources: Sequence[SourceText], question: str) -> list[str]:
    """Return the names in Japanese letters of a sentence that no source has; of a Chinese sentence, those in kana."""
    known = "".join((fold_normalised(question), *(source.comparison_text for source in sources)))
    letters = _JAPANESE_RUN if _LATIN_WORDS.search(text) else _KANA_RUN
    runs = (run[0] for run in letters.finditer(normalise_figures(text)))
    # 倉敷市役所 is known where 倉敷市 and 役所 are.
    return [run for run in runs if any(fold_normalised(word.surface) not in known for word in morphemes(run))]
