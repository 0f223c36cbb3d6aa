"""Rewrites a follow-up that only names another day: 去年の9月の時点では? after 布団の出し方は?."""

import re
from datetime import date

from ingest.japanese.reference_day import reference_days

_QUESTION_END = re.compile(
    r"[、,]?\s*(?:どう|いかが)?(?:です|でした|だった|でしょう|なる|なります|なりました|でしたでしょう)?"
    r"(?:の|ん)?(?:です)?か?(?:ね|な)?[。?!]*"
)


def rewrite_for_day(text: str, previous_text: str, today: date) -> str | None:
    """Return the question `previous_text` for the day that is all that `text` names; None if it names more."""
    previous_days = reference_days(previous_text, today)
    days = reference_days(text, today)
    if len(days) != 1 or not _QUESTION_END.fullmatch(without_day(text, today)):
        return None
    new_day = text[days[0].start : days[0].time.end]
    if len(previous_days) == 1:
        (replaced,) = previous_days
        return previous_text[: replaced.start] + new_day + previous_text[replaced.time.end :]
    return f"{new_day}の時点で、{previous_text}"


def without_day(text: str, today: date) -> str:
    """Return `text` without the days for which it asks."""
    for day in reversed(reference_days(text, today)):
        text = text[: day.start] + text[day.end :]
    return text
