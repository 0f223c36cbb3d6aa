"""Dates that leave out what the date before them said: 2024年1月~3月, 令和5年度から7年度まで, 同年10月."""

import re
from collections.abc import Iterator, Sequence

from ingest.normalise.eras import western_year
from ingest.normalise.mention import DateMention, mention
from ingest.normalise.notation import DAY, ERA, MONTH, SHORT_ERA, with_unit
from ingest.normalise.numerals import number

# Before these a number of years, months or days is a length of time or a count: 4月1日から3日間.
_LENGTH = r"間|以内|以上|前|後|目|程度|ほど|ぶり|生|分"
_NEXT = re.compile(
    rf"\s?(?:\([^()\d]{{1,3}}\))?\s?(?P<join>から|より|~|-|・|、|,|及び|と)\s?"
    rf"(?P<rest>(?=\d|元)(?:(?P<year>元|\d{{1,2}})(?!\d)(?:\s?\(\d{{4}}\))?"
    rf"(?:年(?P<fiscal>度)?|(?=(?:[~・-]\d{{1,2}})+年(?P<shared>度)?)))?"
    rf"(?:(?P<month>{MONTH}){with_unit('月')})?(?:(?P<day>{DAY}){with_unit('日')})?)(?!{_LENGTH})"
)
_RANGE = {"から", "より", "~", "-"}
_RELATIVE = re.compile(
    rf"(?P<year>[同翌])年\s?(?P<month>{MONTH})\s?月(?:\s?(?P<day>{DAY})\s?日)?|同月\s?(?P<of_month>{DAY})\s?日"
)
_ERA = re.compile(f"{ERA}|{SHORT_ERA}")


def carried(text: str, written: Sequence[DateMention]) -> list[DateMention]:
    """Return the dates of `text` that carry on from those `written` out, which stand in order."""
    chained = [following for head in written for following in _chain(text, head)]
    free = [m for m in chained if not any(m.start < w.end and w.start < m.end for w in written)]
    return free + list(_relative(text, [*written, *free]))


def _chain(text: str, head: DateMention) -> Iterator[DateMention]:
    """Yield the dates joined to `head` by から, ~, ・ and the like, each carrying on from the one before."""
    era = _ERA.match(text, head.start)
    last: DateMention | None = head
    while last and (match := _NEXT.match(text, last.end)) and match["rest"]:
        last = _next(text, match, last, era[0] if era else None)
        if last:
            yield last


def _next(text: str, match: re.Match[str], last: DateMention, era: str | None) -> DateMention | None:
    if match["year"]:
        return _next_year(text, match, last, era)
    span = match.span("rest")
    month, day = (int(match[name]) if match[name] else None for name in ("month", "day"))
    if month and last.granularity in ("month", "day"):
        turned = match["join"] in _RANGE and month < last.first.month
        return mention(span, last.first.year + turned, month, day)
    if day and not month and last.granularity == "day":
        return mention(span, last.first.year, last.first.month, day)
    return None


def _next_year(text: str, match: re.Match[str], last: DateMention, era: str | None) -> DateMention | None:
    """Return a later year of the same era or century; a bare 7年 behind から is a length of time but for まで."""
    short = int(number(match["year"]))
    year = western_year(era, short) if era else last.first.year // 100 * 100 + short
    month, day = (int(match[name]) if match[name] else None for name in ("month", "day"))
    fiscal = bool(match["fiscal"] or match["shared"])
    names_time = fiscal or month or re.match(r"\s?(?:まで|にかけ)", text[match.end() :])
    if year <= last.first.year or not (names_time or match["join"] in {"~", "-", "・"}):
        return None
    return mention(match.span("rest"), year, month, day, fiscal=fiscal)


def _relative(text: str, known: Sequence[DateMention]) -> Iterator[DateMention]:
    """Yield 同年3月, 翌年3月31日 and 同月15日, counted from the date that stands before them."""
    for match in _RELATIVE.finditer(text):
        before = max((m for m in known if m.end <= match.start()), key=lambda m: m.start, default=None)
        if before is None:
            continue
        if match["of_month"]:
            found = mention(match.span(), before.first.year, before.first.month, int(match["of_month"]))
        else:
            day = int(match["day"]) if match["day"] else None
            found = mention(match.span(), before.first.year + (match["year"] == "翌"), int(match["month"]), day)
        if found:
            yield found
