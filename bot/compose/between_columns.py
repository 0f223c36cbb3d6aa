"""Which rows of a table stay, rise or fall from one of its columns to another."""

from collections.abc import Callable, Sequence
from decimal import Decimal

from bot.compose.entries import DAY, Entry, entries
from bot.compose.listing import counted
from bot.compose.members import without_totals
from bot.compose.row import Row
from bot.compose.statement import Statement
from bot.find.evidence import content_terms_cached, title_of
from bot.find.sought import Sought
from bot.understand.asked import meant_words
from bot.understand.reckoning import Operation
from ingest.normalise import dates, nfkc, quantities

_CHOOSES: dict[Operation, Callable[[Decimal], bool]] = {
    Operation.STAYING: lambda rise: not rise,
    Operation.RISING: lambda rise: rise > 0,
    Operation.FALLING: lambda rise: rise < 0,
}
_SAID = {Operation.STAYING: "同じ", Operation.RISING: "増える", Operation.FALLING: "減る"}
Change = tuple[Entry, Entry]


def between_columns(rows: Sequence[Row], sought: Sought) -> list[Statement]:
    """Say the rows whose figure stays, rises or falls as asked, with both figures; that none does, where none does."""
    asked = sought.reckoning
    changes = _changes(without_totals(rows), sought)
    if asked is None or len(changes) < 2:  # noqa: PLR2004 -- a condition chooses among several
        return []
    chosen = [pair for pair in changes if _CHOOSES[asked.operation](pair[1].value - pair[0].value)]
    first, last = changes[0][0].cell.column, changes[0][1].cell.column
    what = f"{title_of(rows[0].passage.section)}のうち、{first}と{last}とで値が{_SAID[asked.operation]}もの"
    if not chosen:
        return [Statement(f"{what}はありません。", tuple(one.row.source for one, _ in changes))]
    items = tuple(f"{one.row.subject}({first} {one.said}、{last} {other.said})" for one, other in chosen)
    return [Statement(f"{what}は次の{counted(len(chosen))}です。", tuple(o.row.source for o, _ in chosen), items)]


def _changes(rows: Sequence[Row], sought: Sought) -> list[Change]:
    """Return for each row its figures in the two columns that are meant: those named, else the first and the last."""
    names = dict.fromkeys(c.column for row in rows for c in row.cells)
    columns = {name: found for name in names if (found := entries(rows, name))}
    unit = next((found[0].unit for found in columns.values() if found[0].unit != DAY), DAY)
    alike = {name: found for name, found in columns.items() if found[0].unit == unit and len(found) == len(rows)}
    named = [name for name in alike if _is_named(nfkc(name), sought)]
    pair = named if len(named) > 1 else _said_most(list(alike), sought)
    if unit == DAY or len(pair) < 2:  # noqa: PLR2004 -- a change lies between two
        return []
    return list(zip(alike[pair[0]], alike[pair[-1]], strict=True))


def _said_most(columns: list[str], sought: Sought) -> list[str]:
    """Return the columns, two and more, of whose words the question says most; else all."""
    words = content_terms_cached(sought.asked.text) | meant_words(sought.asked)
    said = {name: len(content_terms_cached(name) & words) for name in columns}
    most = [name for name in columns if said[name] == max(said.values())]
    return most if len(most) > 1 else columns


def _is_named(column: str, sought: Sought) -> bool:
    """Whether the question names the column by its date or its figure (2時間まで)."""
    figures = {(q.value, q.unit) for q in quantities(sought.asked.text)}
    by_figure = any((q.value, q.unit) in figures for q in quantities(column)[-1:])
    return by_figure or any(w.overlaps(m) for m in dates(column) for w in sought.asked.dates)
