"""Whether the dates and spans of time of a statement stand in the sources."""

from collections.abc import Iterator, Sequence

from bot.check.claims import Span, contradicts_itself, days_without_year, spans
from bot.check.grounds import Grounds
from bot.check.statements import Statement
from ingest.normalise import DateMention, dates


def unstated_dates(statement: Statement, sources: Sequence[Grounds]) -> Iterator[str]:
    """Yield the dates that no source names, or whose two calendars disagree."""
    text = statement.text
    found = dates(text)
    for mention in found:
        written = text[mention.start : mention.end]
        if not any(_states_date(mention, source) for source in sources):
            yield f"日付「{written}」は出典にありません"
        elif any(text[other.end : mention.start].strip() == "=" and not other.overlaps(mention) for other in found):
            yield f"日付「{written}」は、等しいとされた日付と合いません"
        elif contradicts_itself(text, mention) and not any(written in source.text for source in sources):
            yield f"日付「{written}」の和暦と西暦が合いません"


def _states_date(claim: DateMention, source: Grounds) -> bool:
    """Whether `source` names this time or a part of it (2023年1月 for 令和5年), or the bare number of the year."""
    if claim.granularity in ("year", "fiscal_year") and claim.first.year in source.numbers:
        bare = not any(d.first.year == claim.first.year for d in source.dates)
        if bare:
            return True
    return any(claim.covers(d) for d in source.dates)


def unstated_days(statement: Statement, sources: Sequence[Grounds]) -> Iterator[str]:
    """Yield the months and days without a year that no source names."""
    for start, end, month, day in days_without_year(statement.text):
        stated = {d for source in sources for d in source.days}
        if not any(month == m and (day is None or day == d) for m, d in stated):
            yield f"日付「{statement.text[start:end]}」は出典にありません"


def unstated_spans(statement: Statement, sources: Sequence[Grounds]) -> Iterator[str]:
    """Yield the spans whose ends the sources name, but not as ends of one span."""
    stated = [span for source in sources for span in source.spans]
    for span in spans(statement.text):
        written = statement.text[span.first.start : span.last.end]
        if any(_same_span(span, other) for other in stated):
            continue
        if span.last.first < span.first.first:
            yield f"期間「{written}」の前後が逆です"
        elif any(span.first.overlaps(o.first) != span.last.overlaps(o.last) for o in stated):
            yield f"期間「{written}」は出典の期間と合いません"


def _same_span(one: Span, other: Span) -> bool:
    return one.first.overlaps(other.first) and one.last.overlaps(other.last)
