"""Finds the times from or until which a value holds: 令和8年9月まで, 10月分から, これまで, 改定後."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from ingest.japanese.lexicon import any_of, load_lexicon
from ingest.japanese.mentions.times import dates, days_without_year, fiscal_year, make_time
from ingest.japanese.spans import Spans

_WORDS = load_lexicon("effective_times")
# What a month is of, before the particle: 10月分から, 4月利用分まで.
_OF_MONTH = r"\s?(?:[一-龥]{0,4}分)?(?:の?時点)?\s?"
_FROM = re.compile(_OF_MONTH + any_of(_WORDS["from"]))
_UNTIL = re.compile(_OF_MONTH + any_of(_WORDS["until"]))
# By the order of their time.
_CHANGE = tuple((order, re.compile(any_of(_WORDS[name]))) for order, name in ((-1, "before"), (1, "after")))
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class EffectiveTime:
    """The time in which a value holds, as written at `text[start:end]`.

    Attributes:
        first, last: its days, both included; None if it is open or unknown.
        order: -1 for what held before a change (これまで), 1 for what holds after it (改定後), 0 for dates.
    """

    start: int
    end: int
    first: date | None = None
    last: date | None = None
    order: int = 0


def effective_times(text: str, reference: date) -> list[EffectiveTime]:
    """Return the effective times in normalised `text`, in order.

    A month or day without year is taken to be in the fiscal year of `reference`, the document's day if known.
    """
    times = list[EffectiveTime]()
    year = fiscal_year(reference)
    without_year = (
        make_time((day.start, day.end), year, day.month, day.day, fiscal=True) for day in days_without_year(text)
    )
    for mention in sorted([*dates(text), *filter(None, without_year)], key=lambda mention: mention.start):
        if until := _UNTIL.match(text, mention.end):
            start = times[-1] if times and not text[times[-1].end : mention.start].strip(" ~、") else None
            if start and start.first and not start.last:
                times[-1] = EffectiveTime(start.start, until.end(), start.first, mention.last)
            else:
                times.append(EffectiveTime(mention.start, until.end(), last=mention.last))
        elif match_from := _FROM.match(text, mention.end):
            times.append(EffectiveTime(mention.start, match_from.end(), first=mention.first))
    covered = Spans((time.start, time.end) for time in times)
    for order, wording in _CHANGE:
        spans = (match.span() for match in wording.finditer(text))
        times += [EffectiveTime(*span, order=order) for span in spans if not covered.meet(*span)]
    return sorted(times, key=lambda time: time.start)


def find_in_force(times: Sequence[EffectiveTime], day: date) -> int | None:
    """Return the index of the time that contains `day`; None if none or several do, or if it is unknown."""
    starts = [time.first for time in times if time.first]
    ends = [time.last for time in times if time.last]
    change = min(starts, default=max(ends) + _ONE_DAY if ends else None)

    def holds(time: EffectiveTime) -> bool:
        if time.order:
            return change is not None and (day >= change) == (time.order > 0)
        first = time.first or date.min
        next_start = min((start for start in starts if start > first), default=date.max)
        return first <= day <= time.last if time.last else first <= day < next_start

    containing = [i for i, time in enumerate(times) if holds(time)]
    return containing[0] if len(containing) == 1 else None


def segments_by_time(text: str, reference: date) -> list[tuple[int, int, EffectiveTime]]:
    """Return the parts of normalised `text` that each give a value for a time: start, end, time.

    これまで300円、4月1日から350円 has two. Empty for fewer than two times.
    """
    times = effective_times(text, reference)
    if len(times) <= 1:
        return []
    bounds = [*(time.start for time in times), len(text)]
    segments = [(start, end, time) for (start, end), time in zip(pairwise(bounds), times, strict=True)]
    has_figures = all(any(c.isdigit() for c in text[time.end : end]) for _, end, time in segments)
    return segments if has_figures else []


def reference_date(texts: Sequence[str], default: date) -> date:
    """Return the latest date in `texts`, such as titles, that has a year; else `default`."""
    return max((mention.first for text in texts for mention in dates(text)), default=default)
