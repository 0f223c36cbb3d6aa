"""Event dates of notices: whether the dates that a notice mentions are past."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from operator import attrgetter

from dateutil.relativedelta import relativedelta

from bot.answering.question.subject_words import names_only_labels
from bot.answering.relevance.catalogue import DocumentCatalogue
from bot.answering.state import Source
from ingest.documents import Document
from ingest.japanese import dates, nfkc
from ingest.japanese.mentions.times import days_without_year
from ingest.japanese.notation import WEEKDAY
from ingest.publications import published_on

_WEEKDAY = rf"\s?(?:\([^()]*\)|{WEEKDAY}曜日?)?\s?"
# After a date: an open period (10月1日(水)から), or a reference day or birthday, which is no event.
_NOT_AN_END = re.compile(
    rf"{_WEEKDAY}(?:(?:から|より|以降)(?![^。\n]*(?:\d[日月末][^。\n]{{0,6}}まで|\d月|\d日\s?\({WEEKDAY}))"
    r"|~(?!\s?(?:\d|翌))|現在|時点|生まれ)"
)
_DEADLINE = re.compile(rf"{_WEEKDAY}(?:\d{{1,2}}時(?:\d{{1,2}}分)?)?まで(?![^。\n]{{0,12}}[休閉])")
# Before a date: the label of a deadline, or the start of a period that a date with a year ends.
_DEADLINE_LABEL = re.compile(r"(?:期限|締め?切り?|期日|期間)[^。\n]{0,24}$")
# Before a date: the start of a period that it ends.
_PERIOD_START = re.compile(r"[^。\n]{0,16}?(?:~|から|より)\s?(?:翌年の?)?")
# Before a date: words for the next year.
_NEXT_YEAR = re.compile(r"[来翌]年の?$")
# Before a date: words for another year, every year, or the first such day after something.
_OTHER_YEAR = re.compile(r"(?:(?:[昨去前毎]|一昨)年|最初)の?$")
# After a date: another day of the same month, as the end of a period or in a list.
_FURTHER_DAY = re.compile(rf"{_WEEKDAY}([~・、,])\s?(?:翌月)?(\d{{1,2}})日(?!間|以内|前|目|分)")
# A day without a month: 12日(土), 28日まで.
_DAY_WITHOUT_MONTH = re.compile(rf"(?<![\d月])\d{{1,2}}日(?:\s?\({WEEKDAY}|まで(?!の間)|[~・]\d{{1,2}}日)")
# A notice announces events up to nine months ahead, so that a later month lies in the past. But a deadline until March
# (3月31日まで) in a notice of April or later is the end of the fiscal year.
_MAX_MONTHS_AHEAD = 9
_FISCAL_YEAR_START_MONTH = 4
_ANNOUNCING_KINDS = ("notice", "other")
# A document without a date names days of the months around the day of asking; older years than these are history.
_UNDATED_MONTHS = 6
_OLDEST_MONTHS = 24
_END_OF_MONTH = relativedelta(day=31)


@dataclass(frozen=True, slots=True)
class AnnouncedDay:
    """The last day of a date as it is written, and whether something has to be done by then."""

    written: str
    last_day: date
    is_deadline: bool = False


def find_past_day(catalogue: DocumentCatalogue, source: Source, day: date) -> str:
    """Return the day of a cited section that had passed by `day`, as it is written; "" if none had."""
    passage = source.passage
    document = catalogue.documents[passage.doc_id]
    depth = len(passage.path)
    while depth and names_only_labels(nfkc(passage.path[depth - 1])):
        depth -= 1
    # The section, what precedes its headings and, for a section of a label (費用), its neighbours.
    section = passage.path[:depth]
    others = catalogue.find_passages(passage.doc_id)
    near = [one for one in others if one.path[:depth] == section or passage.path[: len(one.path)] == one.path]
    headings = dict.fromkeys(heading for one in near for heading in one.path)
    # A row of a table tells of its own thing: a day beside the table is not the day of each row.
    texts = [] if passage.kind == "row" else [one.text for one in near]
    past = past_day(document, [source.quote], day) or past_day(document, [*headings, *texts], day)
    return past.written if past else ""


def past_day(document: Document, quotes: Sequence[str], day: date) -> AnnouncedDay | None:
    """Return the last deadline in `quotes` if all had passed by `day`, else the last day of a notice if all had.

    Days before publication are ignored. A document without a date is taken to be of the half year before `day`. None
    if nothing has passed.
    """
    if document.kind not in _ANNOUNCING_KINDS:
        return None
    published = published_on(document)
    first = published or day - relativedelta(months=_UNDATED_MONTHS, day=1)
    days = _announced_days(first, published or day - relativedelta(months=_OLDEST_MONTHS, day=1), tuple(quotes))
    events = days if document.kind == "notice" and published else ()
    deadlines = [one for one in days if one.is_deadline]
    latest = (max(each, key=attrgetter("last_day")) for each in (deadlines, events) if each)
    return next((one for one in latest if one.last_day < day), None)


@lru_cache(maxsize=4096)
def _announced_days(published: date, oldest: date, quotes: tuple[str, ...]) -> Sequence[AnnouncedDay]:
    found: list[AnnouncedDay] = []
    has_yearless_date = False
    without_month = ""
    for text in map(nfkc, quotes):
        yearless = list(_yearless_dates(text, published))
        has_yearless_date |= bool(yearless)
        recent = [each for each in dates(text) if each.month and each.last > oldest]
        for start, end, last in [*yearless, *((each.start, each.end, each.last) for each in recent)]:
            is_labelled = _DEADLINE_LABEL.search(text, 0, start) and not _NOT_AN_END.match(text, end)
            is_deadline = bool(is_labelled or _DEADLINE.match(text, end))
            found += [AnnouncedDay(text[start:end], last, is_deadline)] if last else []
        blanked = text
        for start, end, _ in reversed(yearless):
            blanked = f"{blanked[:start]}、{blanked[end:]}"
        if not without_month and (match := _DAY_WITHOUT_MONTH.search(blanked)):
            without_month = match[0]
    if without_month:
        # Its month is the month of another date in the notice, else at the latest the month after publication.
        next_month = published + relativedelta(months=1)
        months = found if found or has_yearless_date else [AnnouncedDay(without_month, next_month)]
        found = [replace(month, last_day=month.last_day + _END_OF_MONTH) for month in months]
    return found


def _yearless_dates(text: str, published: date) -> Iterator[tuple[int, int, date | None]]:
    # (start, end, last day) of each day or month without year; no last day if it is not of a single year.
    end = 0
    previous: date | None = None
    for time in days_without_year(text):
        between = text[end : time.start]
        end, day, month = time.end, time.day, time.month or 0
        if _NOT_AN_END.match(text, end) or _OTHER_YEAR.search(text, 0, time.start):
            yield time.start, end, None
            continue
        ahead = (month - published.month) % 12
        ends_fiscal_year = _DEADLINE.match(text, end) and month < _FISCAL_YEAR_START_MONTH <= published.month
        if ahead > _MAX_MONTHS_AHEAD and not ends_fiscal_year:
            ahead -= 12
        first = published + relativedelta(months=ahead, day=1)
        ends_period = previous and first < previous and _PERIOD_START.fullmatch(between)
        if ends_period or (first.year == published.year and _NEXT_YEAR.search(text, 0, time.start)):
            first += relativedelta(years=1)
        previous = first
        last = first + _END_OF_MONTH
        while day and (further := _FURTHER_DAY.match(text, end)):
            next_day = int(further[2])
            end = further.end()
            if further[1] == "~" and next_day < day:  # 29日~3日 runs into the next month
                last += relativedelta(months=1, day=31)
                day = next_day
            else:
                day = max(day, next_day)
        yield time.start, end, last + relativedelta(day=day) if day else last
