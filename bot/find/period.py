"""Whether a piece tells a stretch of time: how long it is, when it begins or ends; and a time said without its year."""

import re

from bot.find.evidence import Evidence
from bot.find.of_dates import spans
from bot.find.sought import Sought
from ingest.normalise import dates, nfkc

_LENGTHS = frozenset({"か年", "年間", "年", "か月", "か月間", "週間", "日間", "日", "時間"})
# A time said without its year, or by its distance: 9月末, 7日前; and what comes back: 毎年度.
_RELATIVE_TIME = re.compile(
    r"(?:昨|今|来|再来|翌)年度?|(?:1[0-2]|[1-9])月(?:[1-3]?\d日|末|上旬|中旬|下旬|頃)?|\d+(?:日|週間|か月|年|時間|分)(?:前|後|以内)"
)
_ASKS_DATES = re.compile(r"いつ|何年(?:度|から|まで|に)|西暦|和暦")
_ASKS_SPAN = re.compile(r"期間|から.{0,6}まで|始まりと終わり")
_ASKS_START = re.compile(r"(?:いつ|何年度?|何月)から(?!\S{0,6}まで)|いつ(?:始|開始|スタート)")
_STARTS = re.compile(r"稼働|開始|始ま|始め|開設|開館|運行|運用|施行|供用|設置|発足|創設|スタート")
_YEARLESS_SPAN = re.compile(
    r"\d月(?:\d{1,2}日|末|上旬|中旬|下旬)?(?:\([^()]{1,6}\))?\S{0,2}(?:から|~)\S{0,4}\d{1,2}[月日]"
)
# What may stand between a date and what tells that it is a beginning or an end: 4月14日(月)から, 9月末まで.
_BESIDE_DATE = re.compile(r"(?:末|頃|ごろ|中)?(?:\([^()]{1,6}\))?")


def tells_period(evidence: Evidence, sought: Sought) -> bool:
    """Whether the piece tells the stretch of time that is asked for: its length, its first or last day."""
    found, text = evidence.dates, evidence.normal
    if not found and not is_relative(evidence) and _ASKS_DATES.search(sought.asked.text):
        return False
    if evidence.units & _LENGTHS or spans(text):
        return True
    if found and _ASKS_START.search(sought.asked.text) and (_STARTS.search(text) or _marked(text, "から", "より")):
        return True
    if _ASKS_SPAN.search(sought.asked.text):
        return bool(_YEARLESS_SPAN.search(text))
    if is_relative(evidence):
        return True
    passage = evidence.passage
    parts = [nfkc(p) for p in (*(c.value for c in passage.cells), *passage.notes)] if evidence.kind == "row" else [text]
    return any(_marked(part, "まで") for part in parts)


def _marked(text: str, *marks: str) -> bool:
    """Whether one of the marks follows a date of normalised `text`, as まで follows the last day."""
    ends = (_BESIDE_DATE.match(text, day.end) for day in dates(text))
    return any(text[end.end() :].lstrip().startswith(marks) for end in ends if end)


def is_relative(evidence: Evidence) -> bool:
    """Whether a time without its year stands in the piece outside its dates."""
    return any(
        not any(d.start <= match.start() < d.end for d in evidence.dates)
        for match in _RELATIVE_TIME.finditer(evidence.normal)
    )
