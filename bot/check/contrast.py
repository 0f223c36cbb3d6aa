"""Words that stand for one of a few: a day of the week, a step of school, who is inside and who outside.

A statement that names one of them, where its source names only another, speaks of something else.
"""

import re
from collections.abc import Iterator, Sequence

from bot.check.grounds import Grounds
from bot.check.statements import Statement

_DAY = re.compile(r"([月火水木金土日])曜|\(([月火水木金土日])\)|(?<![一-龥\d])([土日])(?=[日・、]|祝)")
_ALL_DAYS = re.compile("平日|毎日|月曜日?(?:から|~|-)金曜|月~金|週末|年中|休日")
_STEPS = ("未就学", "小学生", "中学生", "高校生", "大学生")
_ANY_STEP = re.compile(r"児童|生徒|学生(?!服)|小・?中|中・?高|年生|(?<!\d)1?\d歳|年代|子ども|こども")
# Of each row one holds where the other does not; the first pattern that a text has is what it speaks of.
_ROWS = tuple(
    tuple(map(re.compile, row))
    for row in (
        ("平日", "休日|土日|週末"),
        ("(?:市|町|村|区|県)(?:民|内)", "(?:市|町|村|区|県)外"),
        ("(?:個人|1人)(?!情報)", "団体|共同"),
        ("大人|一般", "子ども|こども|小人"),
        ("男性|男子", "女性|女子"),
        ("屋内|室内", "屋外"),
        ("公立|公営|[市町村]立", "私立|民営|民間"),
        ("新規|新しく|新たに", "継続|更新"),
        ("前期|上期", "後期|下期"),
    )
)


def other_of_few(statement: Statement, sources: Sequence[Grounds]) -> Iterator[str]:
    """Yield the days of the week and steps of school that no source names, where the sources name others."""
    told = "\n".join(source.text for source in sources)
    days = _days(told)
    for day in _days(statement.text) - days:
        if days and not _ALL_DAYS.search(told):
            yield f"「{day}曜」は出典では別の曜日です"
    steps = [step for step in _STEPS if step in told]
    for step in _STEPS:
        if step in statement.text and steps and step not in steps and not _ANY_STEP.search(_without_steps(told)):
            yield f"「{step}」は出典では別の学年です"


def contrary(said: str, text: str) -> bool:
    """Whether `said` speaks of one of a few, and `text` of the other and not of that one."""
    return any(
        one.search(said) and not other.search(said) and other.search(text) and not one.search(text)
        for row in _ROWS
        for one, other in (row, row[::-1])
    )


def _days(text: str) -> set[str]:
    return {day for found in _DAY.findall(text) for day in found if day}


def _without_steps(text: str) -> str:
    return re.sub("|".join(_STEPS), "", text)
