"""Finds conditions that contradict the sources: free or paid, by application or not, age bounds.

A statement contradicts its sources where they state only the opposite condition, even if its figures are correct.
"""

import re
from collections.abc import Iterator, Sequence

from ingest.japanese.figures import figures
from ingest.japanese.notation import WEEKDAY

_APPLYING = r"(?:申し?込み?(?!書)|予約|届け?出|整理券|参加登録|事前登録)"
_NEEDLESS = r"(?:不要|(?:要り|いり)ません|必要(?:で?[はも])?(?:あり|ない|なく)|必要とし(?:ません|ない)|なし)"
_NEEDED = r"(?:必要(?!(?:で?[はも])?(?:あり|ない|なく)|と)|必須|(?:要り|いり)ます|要(?=[。、)]|$))"
_PAYING = r"(?:お金|(?<!経)(?:料金?|費用?|代金?|実費))"
_FREE = re.compile(rf"無[料償]|{_PAYING}[はもが:]?\s?(?:一切)?(?:かかりません|かから(?:ない|ず)|{_NEEDLESS})")
_PAID = re.compile(
    rf"有料|(?<![\d,.])[1-9][\d,.十百千万]*円|{_PAYING}[はがも](?:\d[^、。]*)?(?:かかり?ます|かかる|{_NEEDED})"
)
_NOT_APPLIED = re.compile(rf"{_APPLYING}(?:[^、。にで]{{0,4}}?{_NEEDLESS}|[がは]?なくても)")
_APPLIED = re.compile(rf"要(?:{_APPLYING}|事前)|{_APPLYING}(?:制|[はがも:]?\s?{_NEEDED})")
_IN_ORDER, _BY_LOT = re.compile("先着"), re.compile("抽[選せ]")
_GIVEN, _NEVER = "□", re.compile(r"(?!)")
# A condition, its opposite, and source wordings that leave it open.
_CONDITIONS = (
    (_FREE, _PAID, re.compile(r"負担|実費|別途|別に")),
    (_PAID, _FREE, _NEVER),
    (_NOT_APPLIED, _APPLIED, re.compile(rf"{_APPLYING}|まで")),
    (_APPLIED, _NOT_APPLIED, re.compile(rf"{_APPLYING}(?:方法|期間|先)?:(?!\s?{_GIVEN})|直接")),
    (_IN_ORDER, _BY_LOT, _NEVER),
    (_BY_LOT, _IN_ORDER, _NEVER),
)
# Negated or additional conditions are not claimed.
_DENIED = re.compile(r"ません|ない|なく|なければ|なし|ず(?:に|$|、)|追加")
# The side of each bound, inclusive or exclusive.
_SIDES = {"以上": "from", "以下": "to", "以内": "to", "未満": "below"}
# An exclusion is expressed by the opposite bound.
_LEFT_OUT = re.compile(r"ません|ない|なく|なけれ|対象外|除[くい]|以外|不可|遠慮|断り")
# A recurring weekday; not that of a date (11月3日(月)).
_RECURRING = re.compile(
    r"(?P<way>毎週|隔週|第\s?[\d一二三四五](?:[・、]\s?第?\s?[\d一二三四五])*)\s?"
    rf"(?P<days>(?:{WEEKDAY}(?:曜日?|・|、)*)+)"
)
_DAY = re.compile(rf"(?<!曜){WEEKDAY}(?=曜|[・、]|$)")
# A range of weekdays includes those between.
_DAYS_ON_END = re.compile(rf"{WEEKDAY}(?:曜日?)?\)?\s?(?:~|から|-|ー)\s?\(?{WEEKDAY}曜?")


def find_contradicted_conditions(text: str, sources: Sequence[str]) -> Iterator[str]:
    """Yield the words of normalised `text` that state the opposite of a condition in its `sources`."""
    told = "\n".join(sources)
    for given, opposite, is_open in _CONDITIONS:
        is_laid_down = given.search(told) and not opposite.search(told) and not is_open.search(given.sub(_GIVEN, told))
        if is_laid_down and not _DENIED.search(opposite.sub("", text)):
            yield from (match[0] for match in opposite.finditer(text))
    yield from _find_bound_contradictions(text, told)
    yield from _find_schedule_contradictions(text, told)


def _find_schedule_contradictions(text: str, told: str) -> Iterator[str]:
    """Yield recurring weekdays or frequencies that the sources do not have."""
    days = {day for match in _RECURRING.finditer(told) for day in _DAY.findall(match["days"])}
    if not days or _DAYS_ON_END.search(f"{told}\n{text}") or _DENIED.search(text):
        return
    days |= set(re.findall(rf"{WEEKDAY}(?=曜)", told))
    for match in _RECURRING.finditer(text):
        is_counted = match["way"] not in told and not match["way"].startswith("第")  # which weeks they are is a figure
        if is_counted or days.isdisjoint(_DAY.findall(match["days"])):
            yield match[0]


def _find_bound_contradictions(text: str, told: str) -> Iterator[str]:
    """Yield figures with a bound on the opposite side of the sources' bound."""
    bounded = [] if _LEFT_OUT.search(text) else [figure for figure in figures(text) if figure.bound]
    for figure in bounded:
        alike = [one.bound for one in figures(told) if (one.value, one.unit) == (figure.value, figure.unit)]
        if alike and all(bound and _SIDES[bound] != _SIDES[figure.bound] for bound in alike):
            yield f"{text[figure.start : figure.end]}{figure.bound}"
