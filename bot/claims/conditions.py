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
# The two ways of each condition, as notices write them and as people say them; and what leaves it open.
_NEVER = re.compile(r"(?!)")
_CONDITIONS = (
    (
        re.compile(rf"無料|{_PAYING}[はもが:]?\s?(?:一切)?(?:かかりません|かから(?:ない|ず)|{_NEEDLESS})"),
        re.compile(
            rf"有料|(?<![\d,.])[1-9][\d,.十百千万]*円|{_PAYING}[はがも](?:\d[^、。]*)?(?:かかり?ます|かかる|{_NEEDED})"
        ),
        _NEVER,
    ),
    (
        re.compile(rf"{_APPLYING}[^、。]{{0,4}}?{_NEEDLESS}|直接(?:会場|お越し)"),
        re.compile(rf"要(?:{_APPLYING}|事前)|{_APPLYING}(?:制|[はがも:]?\s?{_NEEDED})"),
        re.compile(rf"{_APPLYING}(?:方法|期間|先)?:(?!\s?(?:{_NEEDLESS}|要|必要))"),
    ),
    (re.compile(r"先着(?!順?で[はも]?な)"), re.compile(r"抽[選せ](?!で[はも]?な)"), _NEVER),
)
_FROM = "以上"
# Whom a bound leaves out is told by its other side.
_LEFT_OUT = re.compile(r"ません|ない|なく|なけれ|対象外|除[くい]|以外|不可")
# A day of the week on which something is held again and again; 11月3日(月) is the calendar's.
_RECURRING = re.compile(
    r"(?:毎週|隔週|第\s?[\d一二三四五](?:[・、]\s?第?\s?[\d一二三四五])*)\s?(?P<days>(?:[月火水木金土日](?:曜日?|・|、)*)+)"
)
_DAY = re.compile(r"[月火水木金土日](?=曜|[・、]|$)")


def contradicted(text: str, sources: Sequence[str]) -> Iterator[str]:
    """Yield the words of normalised `text` that give a condition in the way opposite to that of all its `sources`."""
    told = "\n".join(sources)
    for *ways, is_open in _CONDITIONS:
        given = [way for way in ways if way.search(told)]
        if len(given) == 1 and not is_open.search(told):
            yield from (match[0] for way in ways if way not in given for match in way.finditer(text))
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
