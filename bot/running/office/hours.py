"""Opening hours: weekly spans, closed days, the next opening, and how a setting is read."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby, pairwise
from typing import NoReturn

from bot.errors import OfficeError
from ingest.japanese import nfkc
from ingest.japanese.mentions.days import YearlyDays, is_within, read_weekdays
from ingest.japanese.notation import WEEKDAYS
from ingest.japanese.today import JAPAN

# The next opening is looked for within this many days.
_MAX_DAYS_AHEAD = 31


@dataclass(frozen=True, slots=True)
class DayHours:
    """Hours of one day from `opens` until before `closes`, in minutes since midnight."""

    opens: int
    closes: int

    def __str__(self) -> str:
        return f"{format_clock(self.opens)}〜{format_clock(self.closes)}"


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """The hours of each weekday, Monday first, in Japan's time zone, except on closed days.

    `shown` is the text for readers.
    """

    week: tuple[tuple[DayHours, ...], ...]
    closed: tuple[YearlyDays, ...]
    closed_on_holidays: bool
    shown: str

    def describe(self, words: Mapping[str, str]) -> str:
        """Return the text for readers in the language of the `further` texts of a catalogue."""
        if words["weekdays"].split() == list(WEEKDAYS):
            return self.shown
        names, parts = words["weekdays"].split(), []
        for spans, days in groupby(range(7), key=self.week.__getitem__):
            first, *_, last = [*days] * 2
            named = names[first] if first == last else f"{names[first]}–{names[last]}"
            parts += [f"{named} {', '.join(map(str, spans))}"] if spans else []
        closed = [words["holidays"]] if self.closed_on_holidays else []
        for days_closed in self.closed:
            ends = (words["month_day"].format(month=month, day=day) for month, day in dict.fromkeys(days_closed))
            closed.append("–".join(ends))
        return "; ".join(parts) + (words["days_closed"].format(days=", ".join(closed)) if closed else "")

    def on(self, day: date) -> tuple[DayHours, ...]:
        if any(is_within(day, days) for days in self.closed):
            return ()
        if self.closed_on_holidays:
            from jpholiday import is_holiday  # noqa: PLC0415 - only an office that closes on holidays asks for them

            if is_holiday(day):
                return ()
        return self.week[day.weekday()]

    def is_open_at(self, moment: datetime) -> bool:
        """Whether the office is open at this moment (with a time zone)."""
        here = moment.astimezone(JAPAN)
        minute = here.hour * 60 + here.minute
        return any(span.opens <= minute < span.closes for span in self.on(here.date()))

    def next_opening(self, moment: datetime) -> datetime | None:
        """Return the next opening after this moment (with a time zone) in Japan's time zone, None if not soon."""
        here = moment.astimezone(JAPAN)
        midnight = here.replace(hour=0, minute=0, second=0, microsecond=0)
        for days in range(_MAX_DAYS_AHEAD):
            morning = midnight + timedelta(days=days)
            for span in self.on(morning.date()):
                opening = morning + timedelta(minutes=span.opens)
                if opening > here:
                    return opening
        return None


def format_clock(minutes: int) -> str:
    """Return minutes since midnight as H:MM."""
    return f"{minutes // 60}:{minutes % 60:02}"


FORM = "「月-金 8:30-17:15、土 9:00-12:00、休 祝日 12/29-1/3」のように書いてください。"
HOLIDAYS = "祝日"
_DASHES = re.compile(r"[~〜ー‐‑–—−]")
_SPAN = re.compile(r"(\d{1,2}):([0-5]\d)-(\d{1,2}):([0-5]\d)")
_CLOSED = re.compile(r"(\d{1,2})/(\d{1,2})(?:-(\d{1,2})/(\d{1,2}))?")
_LEAP_YEAR = 2000


def parse_hours(text: str) -> OpeningHours:
    """Return the hours of a setting. Raises OfficeError with the part that cannot be read."""
    open_days, closed_days = _split_parts(text)
    week: list[list[DayHours]] = [[] for _ in WEEKDAYS]
    texts = []
    for days, times in open_days:
        spans = [_parse_span(time) for time in times]
        for _, number in read_weekdays(days):
            week[number] += spans
        texts.append(f"{days.replace('-', '〜')} {'・'.join(map(str, spans))}")
    shown_closed = "・".join(closed_days).replace("-", "〜")
    return OpeningHours(
        tuple(map(_sort_spans, week)),
        tuple(_parse_yearly_days(days) for days in closed_days if days != HOLIDAYS),
        closed_on_holidays=HOLIDAYS in closed_days,
        shown="、".join(texts) + (f"（{shown_closed}は休み）" if shown_closed else ""),
    )


def _split_parts(text: str) -> tuple[list[tuple[str, list[str]]], list[str]]:
    parts: list[tuple[str, list[str]]] = []
    for word in re.split(r"[\s、,;]+", _DASHES.sub("-", nfkc(text)).strip()):
        if word in {"休", "休み"} or read_weekdays(word):
            parts.append((word, []))
        elif parts:
            parts[-1][1].append(word)
        else:
            _fail(word, "曜日から書きます。")
    open_days = []
    closed_days = []
    for word, values in parts:
        if not values:
            _fail(word, "このあとに時刻か休みの日がありません。")
        if read_weekdays(word):
            open_days.append((word, values))
        else:
            closed_days += values
    return open_days or _fail(text, "曜日と時刻がありません。"), closed_days


def _parse_span(text: str) -> DayHours:
    match = _SPAN.fullmatch(text) or _fail(text, "時刻は 8:30-17:15 の形で書きます。")
    hour, minute, until, until_minute = map(int, match.groups())
    span = DayHours(hour * 60 + minute, until * 60 + until_minute)
    if not span.opens < span.closes <= 24 * 60:
        _fail(text, "0:00 から 24:00 までの時刻を、早いほうから書きます。")
    return span


def _sort_spans(spans: list[DayHours]) -> tuple[DayHours, ...]:
    ordered = sorted(spans, key=lambda span: span.opens)
    for earlier, later in pairwise(ordered):
        if later.opens < earlier.closes:
            _fail(f"{earlier} {later}", "同じ曜日の時刻が重なっています。")
    return tuple(ordered)


def _parse_yearly_days(text: str) -> YearlyDays:
    match = _CLOSED.fullmatch(text) or _fail(text, "休みの日は、祝日、12/29-1/3、5/1 の形で書きます。")
    first = (int(match[1]), int(match[2]))
    last = (int(match[3]), int(match[4])) if match[3] else first
    for month, day in (first, last):
        try:
            date(_LEAP_YEAR, month, day)
        except ValueError:
            _fail(text, f"{month}月{day}日という日はありません。")
    return first, last


def _fail(part: str, why: str) -> NoReturn:
    raise OfficeError(f"「{part}」を読めません。{why}{FORM}")
