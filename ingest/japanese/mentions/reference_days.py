"""Finds the day for which a text asks something (令和5年4月1日の時点で, 去年の9月末現在の), in both calendars."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from dateutil.relativedelta import relativedelta

from ingest.japanese.characters import parse_number
from ingest.japanese.lexicon import any_of, load_lexicon
from ingest.japanese.mentions.days import YEARS_FROM_NOW
from ingest.japanese.mentions.times import Time, dates, days_without_year, fiscal_year, make_time
from ingest.japanese.notation import DAY, KANJI_ONE_TO_TEN, MONTH, WEEKDAYS
from ingest.japanese.spans import Spans

Use = Literal["state", "figure", "document"]

# How far to go back by a unit, others being months, and by a word.
_MONTH = relativedelta(months=1)
_WEEK = relativedelta(weeks=1)
_ONE_DAY = relativedelta(days=1)
_UNITS = {"年": relativedelta(years=1), "週間": _WEEK, "日": _ONE_DAY}
_WORDS = {
    "先月": _MONTH, "前月": _MONTH, "先々月": _MONTH * 2, "半年前": _MONTH * 6, "先週": _WEEK, "先々週": _WEEK * 2,
    "昨日": _ONE_DAY, "きのう": _ONE_DAY, "一昨日": _ONE_DAY * 2, "おととい": _ONE_DAY * 2,
}  # fmt: skip
# Relative to the day of asking: 去年の4月1日, 昨年度, 去年の今ごろ, 3年前の4月, 先月, 2週間前, 昨日.
_FROM_TODAY = re.compile(
    rf"(?<![一-龥\d.,])(?:(?P<year>{any_of(YEARS_FROM_NOW)})(?P<fiscal>度)?"
    rf"|(?P<count>\d{{1,3}}|[{KANJI_ONE_TO_TEN}])(?P<unit>年|[かカヵケヶ箇個]月|週間|日)前|(?P<word>{any_of(_WORDS)}))"
    rf"(?:の?(?P<month>{MONTH})月(?:\s?(?P<day>{DAY})日)?|(?P<same>の(?:今日|今[ごこ]ろ|今頃|いま[ごこ]ろ|同じ日)))?"
)
# Parts of a month or year, by their first day.
_PARTS = re.compile(
    r"の?(?:(?P<end>末日?|終わり)|(?P<day1>初め|はじめ|初日|初頭|当初|上旬)|(?P<day11>中旬)|(?P<day21>下旬))"
)
# A weekday or an hour after a day: 1日(月), 1日午前0時.
_HOUR = re.compile(rf"\s?(?:\([{WEEKDAYS}祝・]+\))?(?:\s?(?:午前|午後)?\d{{1,2}}時(?:\d{{1,2}}分)?)?")
_POINT = r"\s?の?(?:時点|現在|段階|当時)"
_PLANS = load_lexicon("plans")["plans"]
_DOCUMENT_NOUN = rf"(?:{any_of(_PLANS)}|資料)(?![値額上的])"
_USES: tuple[tuple[Use, re.Pattern[str]], ...] = (
    (
        "document",
        re.compile(
            r"(?:には?|で|の|時点)*+(?:有効|現行|適用)"
            r"|の?(?:時点|現在|当時|ころ|頃)(?:に?の|[にで][^、。はがを]{1,10}[たるの])?"
            rf"[^、。はがをの]{{0,10}}?{_DOCUMENT_NOUN}"
        ),
    ),
    ("figure", re.compile(r"\s?の?(?:時点|現在|段階)(?:で?の|における)")),
    # An age is a condition of the person who asks: 4月1日の時点で70歳.
    (
        "state",
        re.compile(
            rf"\s?の?当時の|{_POINT}(?:(?:で|に(?:おいて)?)[はも]?[、,]?|[はも、,]|(?=\s|[?。]|$))\s*(?!満?\d+歳)"
        ),
    ),
)
# Before a date that ends a range or a list: 4月から6月の時点.
_JOINED = re.compile(r"(?:[年月日度]|時点|現在)(?:から|~|-|と|・|や|及び)\s?$")
# Before a day that comes every year, in the year of something else, or in a year that does not exist (令和0年).
_OTHER_YEAR = re.compile(r"年度?の?\s?$")
_AS_OF = re.compile(r"(?:\bas of|截至)\s*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ReferenceDay:
    """A day or longer time for which something is asked.

    Attributes:
        phrase: the words to leave out of what is asked, 令和5年4月1日の時点で or only the date.
        start: the position of the phrase.
        time: the time, with the span of the date.
        has_year: whether the year is written or counted from the day of asking.
        use: whether what holds at the time is asked (時点で), a figure of the time (時点の), or a document that was in
            force (有効だった計画).
    """

    phrase: str
    start: int
    time: Time
    use: Use
    has_year: bool = True

    @property
    def end(self) -> int:
        return self.start + len(self.phrase)


def reference_days(text: str, today: date) -> list[ReferenceDay]:
    """Return the days for which normalised `text` asks, in order, counting relative ones from `today`.

    A day without year is the latest until `today`. A figure of a whole year (令和4年度時点の面積) has no day.
    """
    days = []
    for time, has_year in _times(text, today):
        as_of = _AS_OF.search(text, 0, time.start)
        hour = _HOUR.match(text, time.end)
        place = hour.end() if hour else time.end
        matches = ((use, form.match(text, place)) for use, form in _USES)
        use, match = next((each for each in matches if each[1]), (None, None))
        is_year = time.granularity in ("year", "fiscal_year")
        if _JOINED.search(text, 0, time.start) or not (use or as_of) or (use == "figure" and is_year):
            continue
        start = as_of.start() if as_of else time.start
        end = match.end() if match and use == "state" else time.end
        days.append(ReferenceDay(text[start:end], start, time, use or "state", has_year))
    return days


def _times(text: str, today: date) -> Iterator[tuple[Time, bool]]:
    mentions = dates(text)
    covered = Spans((mention.start, mention.end) for mention in mentions)
    times = [(mention, True) for mention in mentions]
    for match in _FROM_TODAY.finditer(text):
        if not covered.meet(*match.span()) and (relative := _from_today(match, today)):
            covered.add(*match.span())
            times.append((relative, True))
    for named in days_without_year(text):
        span = named.start, named.end
        if not covered.meet(*span) and not _OTHER_YEAR.search(text, 0, named.start):
            years = (make_time(span, year, named.month, named.day) for year in (today.year, today.year - 1))
            times += [(latest, False) for latest in years if latest and latest.first <= today][:1]
    return ((_narrow(text, time), has_year) for time, has_year in sorted(times, key=lambda time: time[0].start))


def _from_today(match: re.Match[str], today: date) -> Time | None:
    span = match.span()
    month, day = (int(match[name]) if match[name] else None for name in ("month", "day"))
    count = int(parse_number(match["count"])) if match["count"] else 1
    if match["year"] and not match["same"]:
        year = (fiscal_year(today) if match["fiscal"] else today.year) + YEARS_FROM_NOW[match["year"]]
        return make_time(span, year, month, day, fiscal=bool(match["fiscal"]))
    if match["unit"] == "年" and month:
        return make_time(span, today.year - count, month, day)
    if match["year"]:
        reached = today + relativedelta(years=YEARS_FROM_NOW[match["year"]])
    else:
        reached = today - (_WORDS[match["word"]] if match["word"] else _UNITS.get(match["unit"], _MONTH)) * count
    is_month = (match["word"] or "").endswith("月")
    return make_time(span, reached.year, reached.month, None if is_month else reached.day)


def _narrow(text: str, time: Time) -> Time:
    part = _PARTS.match(text, time.end)
    if part is None or time.granularity == "day":
        return time
    first = time.last if part["end"] else time.first.replace(day=int(str(part.lastgroup).removeprefix("day")))
    return replace(time, end=part.end(), year=first.year, month=first.month, day=first.day)
