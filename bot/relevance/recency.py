"""Detects questions about the past, the months that a text names, and the days that a passage is about."""

import re
from functools import lru_cache

from bot.question.query import Query
from ingest.documents import Document, Passage
from ingest.japanese import DateMention, dates, nfkc
from ingest.japanese.reference_day import ReferenceDay, reference_days
from ingest.metadata.validity import published_on

_PAST = re.compile(
    r"(?<!午)[先前]月(?!曜)|[先前]回|前号|[昨去]年|一昨年|おととし|この前|先日|[年月週日]前(?!後|半)|(?<!年)以前|過去|当時|昔(?!話)"
    r"|先々?週|昨[日晩夜]|きのう|おととい|この間|終わっ"
)
# 6月, 2024年6月号 and 6/8.
_MONTH = re.compile(r"(?<![\d/])(1[0-2]|[1-9])(?:月|/\d)")


def asks_about_past(query: Query) -> bool:
    """Whether the question asks for something past (先月の, 昨年の)."""
    return _PAST.search(query.topic) is not None


def named_months(text: str) -> set[str]:
    """Return the months that a text names, as strings of their numbers."""
    return set(_MONTH.findall(text))


def states_day(passage: Passage, document: Document, day: ReferenceDay) -> bool:
    """Whether a passage or its headings name the day in a question, or a time within it.

    A longer time counts only where both end together (令和5年度末, 2024年3月末), because a later document names the
    current year for many reasons. Days without year count before 現在 and 時点.
    """
    return any(_is_within(named, day.time) for named in _times(passage, document))


def _is_within(named: DateMention, asked: DateMention) -> bool:
    return asked.covers(named) or (named.overlaps(asked) and (named.granularity == "month" or named.last == asked.last))


@lru_cache(maxsize=1024)
def _times(passage: Passage, document: Document) -> tuple[DateMention, ...]:
    columns = (cell.column for cell in passage.cells)
    text = nfkc("\n".join((document.title, *passage.path, passage.text, *columns, *passage.notes)))
    published = published_on(document)
    without_year = (day.time for day in reference_days(text, published) if not day.has_year) if published else ()
    return (*dates(text), *without_year)
