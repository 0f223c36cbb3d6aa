"""Both calendars: 令和8年度 -> 令和8年度（2026年度）, 2024年2月 -> 2024年（令和6年）2月.

Each year once, never inside quotes.
"""

import re
from datetime import date
from itertools import accumulate

from ingest.normalise import DateMention, dates, era_year, fiscal_year, nfkc

_WESTERN = re.compile(r"(?<!\d)(?:1[89]|20)\d\d(?!\d)")
_ERA = re.compile(r"明治|大正|昭和|平成|令和|(?<![A-Za-z])[MTSHR]\s?\d|[昭平令]\d")
_BOTH = re.compile(r"\s?[(（=＝]\s?(?:明治|大正|昭和|平成|令和|[MTSHR]\d|(?:1[89]|20)\d\d)")
_YEAR = re.compile(r"(?:\d+|[元〇一二三四五六七八九十]+)\s?年度?")
# The last day of each era but the running one, by the western year in which it changed.
_LAST_DAYS = {1912: date(1912, 7, 29), 1926: date(1926, 12, 24), 1989: date(1989, 1, 7), 2019: date(2019, 4, 30)}
_OPENING, _CLOSING = "「『【", "」』】"


def both_calendars(text: str) -> str:
    """Return `text` with each year outside quotes in 和暦 and 西暦, where it first stands; what has both stays."""
    told: set[str] = set()
    return "\n".join(_line(line, told) for line in text.split("\n"))


def _line(line: str, told: set[str]) -> str:
    normal = nfkc(line)
    mentions = [m for m in dates(normal) if _YEAR.search(normal, m.start, m.end)]
    if not mentions:
        return line
    places = _places(line, normal)
    depth = list(accumulate((c in _OPENING) - (c in _CLOSING) for c in normal))
    for mention in reversed(_first_of_each(mentions, normal, depth, told)):
        end = _year_end(mention, normal)
        at = places.get(end)
        if at is None:
            continue
        other = _other(mention, normal[mention.start : end])
        inside = normal.count("(", 0, end) > normal.count(")", 0, end)
        line = f"{line[:at]}＝{other}{line[at:]}" if inside else f"{line[:at]}（{other}）{line[at:]}"
    return line


def _first_of_each(mentions: list[DateMention], normal: str, depth: list[int], told: set[str]) -> list[DateMention]:
    """Return the mentions that are to be given in both: outside quotes, of a year not yet told in both."""
    found = []
    for m in mentions:
        year = f"{m.first.year}{m.granularity == 'fiscal_year'}"
        has_both = bool(_WESTERN.search(normal, m.start, m.end) and _ERA.search(normal, m.start, m.end))
        if has_both or _BOTH.match(normal, m.end) or _BOTH.match(normal, _year_end(m, normal)):
            told.add(year)
        elif depth[m.start] <= 0 and year not in told:
            told.add(year)
            found.append(m)
    return found


def _year_end(mention: DateMention, normal: str) -> int:
    """Return where the year of a mention ends: behind 年 or 年度."""
    year = _YEAR.search(normal, mention.start, mention.end)
    return year.end() if year else mention.end


def _other(mention: DateMention, written: str) -> str:
    """Return the year in the calendar in which it is not written."""
    unit = "年度" if written.endswith("度") else "年"
    of_fiscal = unit == "年度" and mention.granularity in {"month", "day"}
    year = fiscal_year(mention.first) if of_fiscal else mention.first.year
    if not _WESTERN.search(written):
        return f"{year}{unit}"
    changed = _LAST_DAYS.get(year)
    if unit == "年度" or changed is None or mention.first > changed:
        return f"{era_year(year)}{unit}"
    before = _before_change(year)
    return f"{before}年" if mention.last <= changed else f"{before}年・{era_year(year)}年"


def _before_change(year: int) -> str:
    """Return the 和暦 year of a western year before the era changed in it: 2019 -> 平成31."""
    last = era_year(year - 1)
    name = last[:2]
    return f"{name}{int(last[2:]) + 1}"


def _places(line: str, normal: str) -> dict[int, int]:
    """Return for each offset in the normal form the one in the line, where they fall together."""
    if len(line) == len(normal):
        return {i: i for i in range(len(line) + 1)}
    return {len(nfkc(line[:i])): i for i in range(len(line) + 1)}
