"""Rewrites a follow-up that only names another day: 去年の9月の時点では? after 布団の出し方は?."""

import re
from datetime import date

from ingest.japanese.reference_day import reference_days

_END = re.compile(
    r"[、,]?\s*(?:どう|いかが)?(?:です|でした|だった|でしょう|なる|なります|なりました|でしたでしょう)?(?:の|ん)?(?:です)?か?(?:ね|な)?[。?!]*"
)
_NOW = re.compile(rf"(?:今|いま|現在|現時点|今日|最新)(?:の?時点)?(?:では|で|だと|は)?{_END.pattern}")


def rewrite_for_day(text: str, previous: str, today: date) -> str | None:
    """Return the question `previous` for the day that is all that `text` names; None where it names more.

    今は? asks the previous question without its day.
    """
    before = reference_days(previous, today)
    if before and _NOW.fullmatch(text):
        return previous.replace(before[0].phrase, "", 1) if before[0].use == "state" else None
    days = reference_days(text, today)
    if len(days) != 1 or not _END.fullmatch(without_day(text, today)):
        return None
    new = text[days[0].start : days[0].time.end]
    if len(before) == 1:
        return f"{previous[: before[0].start]}{new}{previous[before[0].time.end :]}"
    return f"{new}の時点で、{previous}"


def without_day(text: str, today: date) -> str:
    """Return `text` without the days for which it asks."""
    for day in reversed(reference_days(text, today)):
        text = text[: day.start] + text[day.end :]
    return text
