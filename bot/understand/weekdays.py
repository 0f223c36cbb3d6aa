"""Days of the week in words: 水曜日, 平日, 土・日・祝日, 月曜~金曜."""

import re

_WEEK = "月火水木金土日"
_WORKDAYS, _WEEKEND = frozenset("月火水木金"), frozenset("土日")
HOLIDAY = "祝"
"""The mark of a public holiday among days."""
_DAY = re.compile(rf"([{_WEEK}])曜")
_NAMED = (("平日", _WORKDAYS), ("週末", _WEEKEND), ("土日", _WEEKEND), ("祝日", frozenset({HOLIDAY})))
# A head of nothing but days: 平日, 土・日・祝日, 月曜日~金曜日(祝日を除く).
_HEAD = re.compile(rf"(?:平日|週末|休日|祝日?|[{_WEEK}](?:曜日?)?|[・、,/~\-]|から|まで|及び|と|\s)+")
_RANGE = re.compile(rf"([{_WEEK}])(?:曜日?)?\s?(?:~|-|から)\s?([{_WEEK}])")
# A column 日 or 月 is of dates.
_SHORTEST = 2
_BRACKETS = re.compile(r"\([^()]*\)")


def days_asked(text: str) -> frozenset[str]:
    """Return the days of the week that a question in normalised `text` names (水, 祝); a day of the month is none."""
    found = frozenset(_DAY.findall(text))
    return found.union(*(days for name, days in _NAMED if name in text))


def days_of_head(head: str) -> frozenset[str]:
    """Return the days for which a column in normalised `head` holds; none where it is no column of days."""
    head = _BRACKETS.sub("", head).strip()
    if len(head) < _SHORTEST or not _HEAD.fullmatch(head):
        return frozenset()
    found = {c for name, days in _NAMED if name in head for c in days}
    found |= set(_WEEKEND | {HOLIDAY}) if "休日" in head else set()
    for first, last in _RANGE.findall(head):
        found |= set(_WEEK[_WEEK.index(first) : _WEEK.index(last) + 1])
    single = re.sub(r"平日|休日|曜日?", "", head).replace("祝日", HOLIDAY)
    return frozenset(found | {c for c in single if c in _WEEK + HOLIDAY})
