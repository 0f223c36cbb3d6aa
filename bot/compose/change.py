"""Changes and differences: along the years of a row, or between two rows, with both figures and the subtraction."""

import re
from collections.abc import Sequence
from decimal import Decimal

from bot.check.roles import role_of_column
from bot.compose.down_years import down_years
from bot.compose.entries import DAY, Entry, column_asked, dated_entries, entries, subtraction
from bot.compose.members import named, total_of, without_totals
from bot.compose.reaching import say_share
from bot.compose.row import Row
from bot.compose.statement import MARK, Statement
from bot.find.sides import side_of
from bot.find.sought import Sought
from ingest.normalise import nfkc

_RISE, _FALL = re.compile(r"増え|増加|伸び|上が|上昇|多く"), re.compile(r"減|下が|低下|少なく")
# Who makes something more or less means a target: 何人増やすつもり.
_MEANT = re.compile(r"(?:増や|減ら|伸ば|上げ|下げ)[すしるた]|つもり|予定|計画で")
_WHOLE_COURSE = re.compile(r"推移|変化|移り変わり|増減")
_TOGETHER = re.compile(r"全部|全体|すべて|全て|合計|トータル|合わせて|あわせ[てる]")
_PAIR = 2


def change(rows: Sequence[Row], sought: Sought) -> list[Statement]:
    """Say the figures of the row that is named over its years, and by how much the last differs from the first."""
    only = named(without_totals(rows), sought)
    total = total_of(rows) if not only and _TOGETHER.search(sought.asked.text) else None
    only = [total] if total else only
    course = _course(only[0], sought) if len(only) == 1 else []
    return _say_course(course, sought) if len(course) > 1 else down_years(rows, sought)


def difference(rows: Sequence[Row], sought: Sought) -> list[Statement]:
    """Say the difference between the years of one row, or between the two rows that are named in one column."""
    if said := change(rows, sought):
        return said
    both = named(without_totals(rows), sought)
    column = column_asked(both, sought) if len(both) == _PAIR else None
    found = entries(both, column) if column else []
    if len(found) < _PAIR:
        return []
    figures = "、".join(f"{e.row.subject}が{e.said}" for e in found)
    text = f"{column}は、{figures}です{MARK}。差は{subtraction(found[0], found[1])}です。"
    return [Statement(text, tuple(e.row.source for e in found))]


def share(rows: Sequence[Row], sought: Sought) -> list[Statement]:
    """Say what share of its target the row that is named has reached; not where the table tells it itself."""
    only = named(without_totals(rows), sought)
    told = any("達成率" in c.column for row in rows for c in row.cells)
    said = say_share(only[0]) if len(only) == 1 and not told else None
    return [said] if said else []


def times(rows: Sequence[Row], sought: Sought) -> list[Statement]:
    """Say how many times the first figure of the row that is named the last one is, with the division."""
    only = named(without_totals(rows), sought)
    course = _course(only[0], sought) if len(only) == 1 else []
    if len(course) < _PAIR or not course[0].value:
        return []
    first, last = course[0], course[-1]
    figures = "、".join(f"{e.cell.column}が{e.said}" for e in (first, last))
    many = (last.value / first.value).quantize(Decimal("0.1")).normalize()
    division = f"{last.written} ÷ {first.written} = {many:f}倍"
    return [Statement(f"{first.row.subject}は、{figures}です{MARK}。{division}です。", (first.row.source,))]


def _course(row: Row, sought: Sought) -> list[Entry]:
    """Return the figures between the years that the question names, by time; targets only where it speaks of one."""
    wanted = sought.asked.dates
    with_targets = "target" in sought.asked.aspects or bool(_MEANT.search(sought.asked.text))
    found = [
        (day, e)
        for day, e in dated_entries(row)
        if e.unit != DAY and (with_targets or role_of_column(e.cell.column) != "目標")
    ]
    first = min((w.first for w in wanted), default=None)
    last = max((w.last for w in wanted), default=None) if len(wanted) > 1 else None
    return [e for day, e in found if (not first or day.last >= first) and (not last or day.first <= last)]


def _say_course(course: Sequence[Entry], sought: Sought) -> list[Statement]:
    first, last, text = course[0], course[-1], sought.asked.text
    shown = course if _WHOLE_COURSE.search(text) else (first, last)
    figures = "、".join(f"{e.cell.column}が{e.said}" for e in shown)
    yes = ""
    if sought.asked.yesno and (_RISE.search(text) or _FALL.search(text)):
        rose = last.value > first.value
        yes = "はい、" if last.value != first.value and rose == bool(_RISE.search(text)) else "いいえ、"
    gap = "値は同じ" if first.value == last.value else f"差は{subtraction(first, last)}"
    second = next((c.value for c in first.row.cells[:1] if side_of(nfkc(c.value))), "")  # 量の見込み, 確保方策
    name = f"{first.row.subject}の{second}" if second else first.row.subject
    return [Statement(f"{yes}{name}は、{figures}です{MARK}。{gap}です。", (first.row.source,))]
