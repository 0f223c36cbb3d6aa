"""Changes down a table whose rows are years: from one year to another, or from the year before."""

import re
from collections.abc import Sequence

from bot.compose.entries import DAY, Entry, column_asked, entries, subtraction
from bot.compose.row import Row
from bot.compose.statement import MARK, Statement
from bot.find.sought import Sought
from ingest.normalise import DateMention, dates, nfkc

_ASKS = re.compile(r"何|いくつ|いくら|どれ|どの|どう|なんぼ|推移|増減|変化|差")
_BEFORE = re.compile(r"前の?年度?|前年度?|昨年度?|去年")


def down_years(rows: Sequence[Row], sought: Sought) -> list[Statement]:
    """Say the figures of the two years that are meant in the column that is asked about, and their difference."""
    dated = [(mentions[0], row) for row in rows if (mentions := dates(nfkc(row.subject)))]
    years = sorted(dated, key=lambda pair: pair[0].first)
    asks = _ASKS.search(sought.asked.text) or sought.asked.yesno  # 増えたわけ asks for no figure
    column = column_asked(rows, sought) if asks and len(years) == len(rows) else None
    found = entries([row for _, row in years], column) if column else []
    pair = _meant([(day, e) for day, row in years for e in found if e.row is row], sought)
    if column is None or not pair or found[0].unit == DAY:
        return []
    figures = "、".join(f"{e.row.subject}が{e.said}" for e in pair)
    gap = "値は同じ" if pair[0].value == pair[1].value else f"差は{subtraction(*pair)}"
    return [Statement(f"{column}は、{figures}です{MARK}。{gap}です。", tuple(e.row.source for e in pair))]


def _meant(course: Sequence[tuple[DateMention, Entry]], sought: Sought) -> tuple[Entry, Entry] | None:
    """Return the first and the last of the years named; of one named, or of none with 前の年, it and the one before."""
    if len(course) < 2:  # noqa: PLR2004 -- a change lies between two
        return None
    places = [i for i, (day, _) in enumerate(course) if any(w.overlaps(day) for w in sought.asked.dates)]
    if len(places) > 1:
        return course[places[0]][1], course[places[-1]][1]
    last = places[0] if places else len(course) - 1
    first = last - 1 if places or _BEFORE.search(sought.asked.text) else 0
    return (course[first][1], course[last][1]) if first >= 0 else None
