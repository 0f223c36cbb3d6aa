"""Times told from today: 昨年度, 今年の7月, 3年前, 来月, and 7年度 of the era that runs."""

import re
from collections.abc import Iterator
from datetime import date

from ingest.normalise import DateMention, dates, era_year, fiscal_year, number, western_year
from ingest.normalise.mention import mention

_YEARS = {"一昨": -2, "おとと": -2, "昨": -1, "去": -1, "今": 0, "本": 0, "来": 1, "再来": 2}
_MONTHS = {"先々": -2, "先": -1, "今": 0, "来": 1, "再来": 2}
_RELATIVE = re.compile(
    r"(?P<which>一昨|おとと|再来|昨|去|今|本|来)(?:年(?P<fiscal>度)?|い?し)(?![齢間々])(?:の?(?P<month>1[0-2]|[1-9])月)?"
)
_DISTANCE = re.compile(
    r"(?<![\d.])(?P<number>\d{1,2}|[一二三四五六七八九十]{1,2})年(?P<fiscal>度)?(?P<side>前|後)(?![半期])(?:の(?P<month>1[0-2]|[1-9])月)?"
)
_MONTH = re.compile(r"(?P<which>先々|再来|先|今|来)月")
_ERA_LEFT_OUT = re.compile(r"(?<![\d.一-龥ヶケかカ])(?P<number>[1-9]|[1-4]\d)年度(?![目間])")


def relative_dates(text: str, today: date) -> list[DateMention]:
    """Return the times that `text` names by their distance from `today`, with their place in it."""
    written = dates(text)
    found = [m for m in _relative(text, today) if not any(w.start < m.end and m.start < w.end for w in written)]
    return sorted(found, key=lambda m: m.start)


def _relative(text: str, today: date) -> Iterator[DateMention]:
    for match in _RELATIVE.finditer(text):
        month = int(match["month"]) if match["month"] else None
        yield from _year(match.span(), today, _YEARS[match["which"]], month, fiscal=bool(match["fiscal"]))
    for match in _DISTANCE.finditer(text):
        years = int(number(match["number"])) * (-1 if match["side"] == "前" else 1)
        month = int(match["month"]) if match["month"] else None
        yield from _year(match.span(), today, years, month, fiscal=bool(match["fiscal"]))
    for match in _MONTH.finditer(text):
        months = today.year * 12 + today.month - 1 + _MONTHS[match["which"]]
        yield from filter(None, [mention(match.span(), months // 12, months % 12 + 1)])
    era = re.sub(r"\d+|元", "", era_year(today.year))
    for match in _ERA_LEFT_OUT.finditer(text):
        yield from filter(None, [mention(match.span(), western_year(era, int(match["number"])), fiscal=True)])


def _year(
    span: tuple[int, int], today: date, distance: int, month: int | None, *, fiscal: bool
) -> Iterator[DateMention]:
    """Yield the year so many years from today's, or a month of it."""
    year = (fiscal_year(today) if fiscal else today.year) + distance
    yield from filter(None, [mention(span, year, month, fiscal=fiscal)])
