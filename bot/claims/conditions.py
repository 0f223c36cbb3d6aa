"""What a notice lays down in one of two ways: free or paid, with an application or without, from 65 on or up to 65.

A statement that gives the one way where its sources give the other alone contradicts them, though its figures stand.
"""

import re
from collections.abc import Iterator, Sequence

from bot.claims.figures import figures

_APPLYING = r"(?:申し?込み?|予約|届け?出|整理券|参加登録|事前登録)"
_UNTIL_NEGATED = r"(?!で(?:は|も)?[^、。]{0,8}(?:ません|ない))"
_NEEDLESS = (
    r"(?:不要|(?:要り|いり)ません|必要[はも]?(?:あり|ない|なく)|必要とし(?:ません|ない)"
    rf"|なし{_UNTIL_NEGATED})"
)
_NEEDED = r"(?:必要(?![はも]?(?:あり|ない|なく)|と)|必須|(?:要り|いり)ます|要(?=[。、)]|$))"
_PAYING = r"(?:お金|(?<!経)(?:料金?|費用?|代金?|実費))"
_FREE = re.compile(rf"無[料償]|{_PAYING}[はもが:]?\s?(?:一切)?(?:かかりません|かから(?:ない|ず)|{_NEEDLESS})")
_PAID = re.compile(
    rf"有料|(?<![\d,.])[1-9][\d,.十百千万]*円|{_PAYING}[はがも](?:\d[^、。]*)?(?:かかり?ます|かかる|{_NEEDED})"
)
_NOT_APPLIED = re.compile(rf"{_APPLYING}[^、。]{{0,4}}?{_NEEDLESS}|直接(?:会場|お越し)")
_APPLIED = re.compile(rf"要(?:{_APPLYING}|事前)|{_APPLYING}(?:制|[はがも:]?\s?{_NEEDED})")
_NEVER, _GIVEN = r"(?!)", "□"
_NO = r"(?!順?で(?:は|も)?(?:な|あり?ませ))"
_IN_ORDER, _BY_LOT = re.compile(rf"先着{_NO}"), re.compile(rf"抽[選せ]{_NO}")
# What is laid down, as notices write it and as people say it; its opposite; what else leaves it open.
_CONDITIONS = (
    (_FREE, _PAID, re.compile(_NEVER)),
    (_PAID, _FREE, re.compile(_NEVER)),
    (_NOT_APPLIED, _APPLIED, re.compile(_APPLYING)),
    (_APPLIED, _NOT_APPLIED, re.compile(rf"{_APPLYING}(?:方法|期間|先)?:(?!\s?{_GIVEN})")),
    (_IN_ORDER, _BY_LOT, re.compile(_NEVER)),
    (_BY_LOT, _IN_ORDER, re.compile(_NEVER)),
)
_FROM = "以上"
# Whom a bound leaves out is told by its other side.
_LEFT_OUT = re.compile(r"ません|ない|なく|なけれ|対象外|除[くい]|以外|不可")
# A day of the week on which something is held again and again; 11月3日(月) is the calendar's.
_RECURRING = re.compile(
    r"(?:毎週|隔週|第\s?[\d一二三四五](?:[・、]\s?第?\s?[\d一二三四五])*)\s?(?P<days>(?:[月火水木金土日](?:曜日?|・|、)*)+)"
)
_DAY = re.compile(r"(?<!曜)[月火水木金土日](?=曜|[・、]|$)")


def contradicted(text: str, sources: Sequence[str]) -> Iterator[str]:
    """Yield the words of normalised `text` that give a condition in the way opposite to that of all its `sources`."""
    told = "\n".join(sources)
    for given, opposite, is_open in _CONDITIONS:
        if given.search(told) and not opposite.search(told) and not is_open.search(given.sub(_GIVEN, told)):
            yield from (match[0] for match in opposite.finditer(text))
    yield from _turned(text, told)
    if days := _days(told):
        found = _RECURRING.finditer(text)
        yield from (match[0] for match in found if days.isdisjoint(_DAY.findall(match["days"])))


def _turned(text: str, told: str) -> Iterator[str]:
    """Yield the figures that bound from the side other than what is told of each."""
    bounded = [] if _LEFT_OUT.search(text) else [figure for figure in figures(text) if figure.bound]
    for figure in bounded:
        alike = [one.bound for one in figures(told) if (one.value, one.unit) == (figure.value, figure.unit)]
        if alike and all(bound and (bound == _FROM) != (figure.bound == _FROM) for bound in alike):
            yield f"{text[figure.start : figure.end]}{figure.bound}"


def _days(text: str) -> frozenset[str]:
    return frozenset(day for match in _RECURRING.finditer(text) for day in _DAY.findall(match["days"]))
