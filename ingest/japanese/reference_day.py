"""Finds the day for which a text asks something (令和5年4月1日の時点で, 去年の9月末現在の), in both calendars."""

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

from ingest.japanese.characters import parse_number
from ingest.japanese.dates import YEARS_FROM_NOW, DateMention, dates, days_without_year, fiscal_year, make_mention
from ingest.japanese.lexicon import any_of, load_lexicon
from ingest.japanese.notation import DAY, KANJI_ONE_TO_TEN, MONTH, WEEKDAYS
from ingest.japanese.spans import Spans

Use = Literal["state", "figure", "document"]

# Months and days to go back by a unit, others being months, and by a word.
_UNITS = {"年": (12, 0), "週間": (0, 7), "日": (0, 1)}
_WORDS = {
    "先月": (1, 0), "前月": (1, 0), "先々月": (2, 0), "半年前": (6, 0), "先週": (0, 7), "先々週": (0, 14),
    "昨日": (0, 1), "きのう": (0, 1), "一昨日": (0, 2), "おととい": (0, 2),
}  # fmt: skip
# Relative to the day of asking: 去年の4月1日, 昨年度, 去年の今ごろ, 3年前の4月, 先月, 2週間前, 昨日.
_FROM_TODAY = re.compile(
    rf"(?<![一-龥\d.,])(?:(?P<year>{any_of(YEARS_FROM_NOW)})(?P<fiscal>度)?"
    rf"|(?P<count>\d{{1,3}}|[{KANJI_ONE_TO_TEN}])(?P<unit>年|[かカヵケヶ箇個]月|週間|日)前|(?P<word>{any_of(_WORDS)}))"
    rf"(?:の?(?P<month>{MONTH})月(?:\s?(?P<day>{DAY})日)?|(?P<same>の(?:今日|今[ごこ]ろ|今頃|いま[ごこ]ろ|同じ日)))?"
)
_PARTS = re.compile(
    r"の?(?:(?P<end>末日?|終わり)|(?P<start>初め|はじめ|初日|初頭|当初)|(?P<early>上旬)|(?P<middle>中旬)|(?P<late>下旬))"
)
_TENTH = 10
_TWENTIETH = 20
# A weekday or an hour after a day: 1日(月), 1日午前0時.
_HOUR = re.compile(rf"\s?(?:\([{WEEKDAYS}祝・]+\))?(?:\s?(?:午前|午後)?\d{{1,2}}時(?:\d{{1,2}}分)?)?")
_POINT = r"\s?の?(?:時点|現在|段階|当時)"
_PLANS = load_lexicon("plans")["plans"]
_DOCUMENT_NOUN = rf"(?:{any_of(_PLANS)}|資料)(?![値額上的])"
_USES: tuple[tuple[Use, re.Pattern[str]], ...] = (
    (
        "document",
        re.compile(
            r"(?:に|で|の|には|時点で?)*(?:有効|現行|適用)"
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
    time: DateMention
    use: Use
    has_year: bool = True

    @property
    def end(self) -> int:
        """Where the phrase ends."""
        return self.start + len(self.phrase)

    def iso_text(self, day: date) -> str:
        """Return the time as YYYY, YYYY-MM or YYYY-MM-DD; of a fiscal year, `day`."""
        parts = {"year": 1, "month": 2}.get(self.time.granularity, 3)
        stated_day = day if self.time.granularity == "fiscal_year" else self.time.first
        return "-".join(stated_day.isoformat().split("-")[:parts])

    def first_day(self, today: date) -> date:
        """Return the day for which the time is looked up: its first, `today` if it has not ended."""
        return today if self.time.first <= today <= self.time.last else self.time.first


def reference_days(text: str, today: date) -> list[ReferenceDay]:
    """Return the days for which normalised `text` asks, in order, counting relative ones from `today`.

    A day without year is the latest until `today`. A figure of a whole year (令和4年度時点の面積) has no day.
    """
    days = []
    for mention, has_year in _times(text, today):
        time = _narrow(text, mention)
        as_of = _AS_OF.search(text, 0, mention.start)
        use, end = _find_use(text, time)
        if _JOINED.search(text, 0, time.start) or not (use or as_of):
            continue
        if use == "figure" and time.granularity not in ("day", "month"):
            continue
        start = as_of.start() if as_of else time.start
        days.append(ReferenceDay(text[start:end], start, time, use or "state", has_year))
    return days


def _find_use(text: str, time: DateMention) -> tuple[Use | None, int]:
    hour = _HOUR.match(text, time.end)
    for use, form in _USES:
        if match := form.match(text, hour.end() if hour else time.end):
            return use, match.end() if use == "state" else time.end
    return None, time.end


def _times(text: str, today: date) -> Iterator[tuple[DateMention, bool]]:
    mentions = dates(text)
    covered = Spans((mention.start, mention.end) for mention in mentions)
    times = [(mention, True) for mention in mentions]
    for match in _FROM_TODAY.finditer(text):
        if not covered.meet(*match.span()) and (relative := _from_today(match, today)):
            covered.add(*match.span())
            times.append((relative, True))
    for start, end, month, day in days_without_year(text):
        if not covered.meet(start, end) and not _OTHER_YEAR.search(text, 0, start):
            years = (make_mention((start, end), year, month, day) for year in (today.year, today.year - 1))
            times += [(latest, False) for latest in years if latest and latest.first <= today][:1]
    return iter(sorted(times, key=lambda time: time[0].start))


def _from_today(match: re.Match[str], today: date) -> DateMention | None:
    span = match.span()
    part = match.groupdict()
    month, day = (int(part[name]) if part[name] else None for name in ("month", "day"))
    count = int(parse_number(part["count"])) if part["count"] else 1
    if part["year"] and part["same"]:
        months = -12 * YEARS_FROM_NOW[part["year"]]
        days = 0
    elif part["year"]:
        year = (fiscal_year(today) if part["fiscal"] else today.year) + YEARS_FROM_NOW[part["year"]]
        return make_mention(span, year, month, day, fiscal=bool(part["fiscal"]))
    elif part["unit"] == "年" and month:
        return make_mention(span, today.year - count, month, day)
    else:
        months, days = _WORDS[part["word"]] if part["word"] else _UNITS.get(part["unit"], (1, 0))
    year, month_index = divmod(today.year * 12 + today.month - 1 - months * count, 12)
    month_end = monthrange(year, month_index + 1)[1]
    reached = date(year, month_index + 1, min(today.day, month_end)) - timedelta(days * count)
    is_month = (part["word"] or "").endswith("月")
    return make_mention(span, reached.year, reached.month, None if is_month else reached.day)


def _narrow(text: str, time: DateMention) -> DateMention:
    part = _PARTS.match(text, time.end)
    if part is None or time.granularity == "day":
        return time
    first, last = {
        "start": (time.first, time.first),
        "early": (time.first, time.first.replace(day=_TENTH)),
        "middle": (time.first.replace(day=_TENTH + 1), time.first.replace(day=_TWENTIETH)),
        "late": (time.last.replace(day=_TWENTIETH + 1), time.last),
        "end": (time.last, time.last),
    }[str(part.lastgroup)]
    return replace(
        time, end=part.end(), first=first, last=last, granularity="day" if first == last else time.granularity
    )
