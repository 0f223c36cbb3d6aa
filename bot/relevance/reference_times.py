"""Finds the days and times that a passage is about."""

from functools import lru_cache

from ingest.documents import Document, Passage
from ingest.japanese import DateMention, dates, nfkc
from ingest.japanese.reference_day import ReferenceDay, reference_days
from ingest.metadata.validity import published_on


def states_day(passage: Passage, document: Document, day: ReferenceDay) -> bool:
    """Whether a passage or its headings name the day in a question, or a time within it.

    A longer time counts only if both end together (令和5年度末, 2024年3月末), because a later document names the
    current year for many reasons. Days without year count before 現在 and 時点.
    """
    return any(_is_within(stated, day.time) for stated in _times(passage, document))


def _is_within(stated: DateMention, requested: DateMention) -> bool:
    if requested.covers(stated):
        return True
    return stated.overlaps(requested) and (stated.granularity == "month" or stated.last == requested.last)


@lru_cache(maxsize=1024)
def _times(passage: Passage, document: Document) -> tuple[DateMention, ...]:
    columns = (cell.column for cell in passage.cells)
    text = nfkc("\n".join((document.title, *passage.path, passage.text, *columns, *passage.notes)))
    published = published_on(document)
    without_year = (day.time for day in reference_days(text, published) if not day.has_year) if published else ()
    return (*dates(text), *without_year)
