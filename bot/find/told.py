"""Whether a piece tells no more than the last answer told, more than which is wanted."""

import re

from bot.find.evidence import Evidence
from bot.find.part import where
from bot.find.sought import Sought
from ingest.documents import Document

# What answers add to a date: 2021年度＝令和3年度, 令和9年度（2027年度）.
_OTHER_CALENDAR = re.compile(r"（[^（）]{2,8}年度?）|＝[^）)＝]{2,7}年度?")
# What ties a note to a row, and is told as a note instead.
_NOTE_MARK = re.compile(r"\s*[※*＊]\s?(?:\d{1,2}(?!\d|[^\s\d]))?\s*")


def is_told(evidence: Evidence, told: str) -> bool:
    """Whether all of the piece stands in the answer `told`, its figures' other calendars aside."""
    plain = _OTHER_CALENDAR.sub("", told)
    parts = evidence.items or (evidence.text,)
    if evidence.kind == "row":
        plain = _NOTE_MARK.sub("", plain)
        written = (*(cell.value for cell in evidence.passage.cells), *evidence.passage.notes)
        parts = tuple(part for text in written for part in _NOTE_MARK.split(text))
    return bool(told) and all(part.strip("。 \n") in plain for part in parts)


@where(lambda sought: bool(sought.asked.told))
def told_again(evidence: Evidence, sought: Sought, _: Document) -> float:
    """Put back what the last answer told, where more than it is wanted."""
    return -0.6 if is_told(evidence, sought.asked.told) else 0.0
