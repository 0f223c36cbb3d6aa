"""The days on which something is closed, as a text states them: weekdays, holidays, the turn of the year, dates."""

import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

import jpholiday

from ingest.japanese.mentions.days import NthWeekday, YearlyDays, is_weekday_of, is_within, read_weekdays
from ingest.japanese.mentions.times import dates
from ingest.japanese.notation import BRACKETED_WEEKDAYS, DAY, MONTH, WEEKDAY

Shift = Literal["", "open", "next day", "next weekday"]
"""What is done on a closed weekday that is a holiday: nothing else, open, or closed on a later day instead."""

_DAY = timedelta(1)
_SATURDAY = 5
_WEEKDAY = rf"(?:第\s?[1-5](?:\s?[・,、と]\s?第?[1-5](?!\d))*\s?の?|(?<!\d)){WEEKDAY}"
_WEEKDAYS = (
    rf"(?:毎週|毎月)?の?{_WEEKDAY}(?:曜日?)?"
    rf"(?:(?:\s?[・,、と~]\s?|\s?及び\s?|から)?{_WEEKDAY}(?:曜日?|(?=[・,、と\s~(]|$)))*"
)
_HOLIDAY = (
    r"(?:国民の)?(?:祝祭日|祝休日|祝日(?:・|又は|または|及び|や)(?:振替)?休日|祝日|休日)"
    r"(?:法(?:による|に規定する)休日)?"
)
_YEAR = r"(?:(?:令和|平成)?\d+年の?|翌年の?)?"
_ONE = rf"{MONTH}(?:月|/){DAY}日?(?:\s?{BRACKETED_WEEKDAYS})?"
_DATES = rf"{_YEAR}{_ONE}(?:\s?(?:~|から|-)\s?{_YEAR}(?:{_ONE}|{DAY}日?(?:\s?{BRACKETED_WEEKDAYS})?)(?:まで)?)?"
# What brackets hold that say nothing of days, but may name a closure: 館内整理日.
_REMARK = r"\((?![^()]*(?:除|祝|休日|ただし|場合|とき|開|営業|[\d第月火水木金土]))[^()]*\)"
_PART = re.compile(
    rf"(?P<none>年中無休|無休|なし|ありません)|(?P<holiday>{_HOLIDAY})(?P<after>の翌日)?"
    rf"|(?P<month_end>(?:毎月)?(?:月?末日|月末))|(?P<dates>{_DATES})"
    rf"|(?P<weekdays>{_WEEKDAYS})(?P<clause>\s?\([^()]*{_HOLIDAY}[^()]*\)|[。、]\s?ただし[^。]*{_HOLIDAY}[^。]*)?"
    rf"|(?:年末年始の?|[^\s、,。()]{{1,12}}(?=\())\(?(?P<named>{_DATES})\)?|(?P<turn>年末年始)"
    rf"|(?P<filler>{_REMARK}|[・,、。\s]|及び|および|並びに|又は|または|と)"
)
_ENDS = re.compile(rf"(?:(?P<month>{MONTH})(?:月|/))?(?P<day>{DAY})(?:日|(?=[~\-\s(]|$))")
WEEKDAYS_FORM = re.compile(_WEEKDAYS)
"""Weekdays as they are written together: 第2・第4月曜日, 土・日曜日."""
_INSTEAD = re.compile(r"(?P<weekday>平日|開館日|開園日|営業日)|翌日")
_OPENS = re.compile(r"開[館園所庁場]|営業|除く|診療")
# The days that any closure at the turn of the year has, and those that it may have.
_TURN: YearlyDays = ((12, 31), (1, 2))
_AROUND_TURN: YearlyDays = ((12, 26), (1, 8))


@dataclass(slots=True)
class ClosedDays:
    """The closed days that a text states.

    Attributes:
        weekdays: the weekdays, with their number in the month or 0.
        shift: what is done on such a weekday that is a holiday.
        holidays, after_holidays, month_ends: whether these are closed.
        dates: days of the year.
        spans: days of one year, the first and the last of each span.
        leaves_turn_open: whether it is closed at the turn of the year, but the days are not stated.
        is_complete: whether every word of the text was read.
    """

    weekdays: frozenset[NthWeekday] = frozenset()
    shift: Shift = ""
    holidays: bool = False
    after_holidays: bool = False
    month_ends: bool = False
    dates: list[YearlyDays] = field(default_factory=list)
    spans: list[tuple[date, date]] = field(default_factory=list)
    leaves_turn_open: bool = False
    is_complete: bool = True

    def closes(self, day: date) -> bool | None:
        """Whether it is closed on a day; None if the text leaves it open."""
        holiday, before = jpholiday.is_holiday(day), day - _DAY
        is_closed = (
            any(is_within(day, each) for each in self.dates)
            or any(first <= day <= last for first, last in self.spans)
            or (self.holidays and holiday)
            or (is_weekday_of(day, self.weekdays) and not holiday)
            or (self.after_holidays and jpholiday.is_holiday(before) and not holiday and day.weekday() < _SATURDAY)
            or (self.month_ends and (day + _DAY).month != day.month)
            or self._is_instead(day)
        )
        if is_closed:
            return True
        # Another page may say what is done where a closed weekday is a holiday.
        is_of_weekday = is_weekday_of(day, self.weekdays) or self._may_be_instead(day)
        is_unsaid = (not self.shift and is_of_weekday) or (self.after_holidays and jpholiday.is_holiday(before))
        is_open = self.is_complete and not (self.leaves_turn_open and is_within(day, _AROUND_TURN))
        return False if is_open and not is_unsaid else None

    def _is_instead(self, day: date) -> bool:
        """Whether a day is closed instead of a weekday before it that was a holiday."""
        if self.shift == "next weekday":
            return self._may_be_instead(day)
        before = day - _DAY
        return self.shift == "next day" and is_weekday_of(before, self.weekdays) and jpholiday.is_holiday(before)

    def _may_be_instead(self, day: date) -> bool:
        """Whether a day is the first weekday after a closed weekday that was a holiday."""
        if jpholiday.is_holiday(day) or day.weekday() >= _SATURDAY:
            return False
        before = day - _DAY
        while not is_weekday_of(before, self.weekdays) and (
            jpholiday.is_holiday(before) or before.weekday() >= _SATURDAY
        ):
            before -= _DAY
        return is_weekday_of(before, self.weekdays) and jpholiday.is_holiday(before)


def read_closed_days(text: str) -> ClosedDays:
    """Return the closed days of a normalised text that names them: 月曜日(祝日の場合は翌日)、12月29日~1月3日.

    What follows words that cannot be read is not read either, since they may say the opposite of it.
    """
    closed = ClosedDays()
    position = 0
    has_days = False
    while position < len(text):
        part = _PART.match(text, position)
        if part is None:
            closed.is_complete = False
            break
        position = part.end()
        has_days |= part["filler"] is None
        if part["weekdays"]:
            closed.weekdays |= read_weekdays(part["weekdays"])
            shift = read_shift(part["clause"] or "")
            closed.is_complete &= shift is not None and closed.shift in ("", shift)
            closed.shift = shift or closed.shift
        elif part["turn"]:
            closed.leaves_turn_open = True
            closed.dates.append(_TURN)
        elif written := part["dates"] or part["named"]:
            exact = [each.first for each in dates(written) if each.granularity == "day"]
            if exact:
                closed.spans.append((exact[0], exact[-1]))
            else:
                closed.dates.append(_read_dates(written))
        elif part["holiday"]:
            closed.after_holidays |= part["after"] is not None
            closed.holidays |= part["after"] is None
        elif part["month_end"]:
            closed.month_ends = True
    closed.is_complete &= has_days
    return closed


def read_shift(clause: str) -> Shift | None:
    """Return what a clause about holidays says; None if it cannot be read."""
    instead = _INSTEAD.search(clause)
    if not clause:
        return ""
    if "翌日も" in clause or not (instead or _OPENS.search(clause)):
        return None
    if instead is None:
        return "open"
    return "next weekday" if "平日" in clause or instead["weekday"] else "next day"


def _read_dates(text: str) -> YearlyDays:
    ends = [(int(match["month"] or 0), int(match["day"])) for match in _ENDS.finditer(text)]
    first, last = ends[0], ends[-1]
    return first, (last[0] or first[0], last[1])
