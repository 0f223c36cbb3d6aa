"""The rows of a table that a condition chooses: the largest, those beyond a bound, those with a word in one column."""

from collections.abc import Sequence

from bot.check.flags import flag_of
from bot.compose.entries import Entry, column_asked, columns_alike, dated_entries, entries
from bot.compose.listing import counted
from bot.compose.members import Under, meant, named, under_condition, without_totals
from bot.compose.row import Row
from bot.compose.sentence import is_sentence
from bot.compose.statement import Statement
from bot.compose.table import say_rows
from bot.find.evidence import content_terms_cached, title_of
from bot.find.sought import Sought
from bot.find.units import same_unit
from bot.find.valued import chosen_by_value
from bot.understand.reckoning import Operation, Reckoning
from ingest.documents import Cell

_ADJECTIVES = {
    Operation.MOST: ("多い", "大きい", "高い", "長い", "広い", "重い", "新しい", "遅い"),
    Operation.LEAST: ("少ない", "小さい", "低い", "短い", "狭い", "軽い", "安い", "古い", "早い"),
}
_Labelled = tuple[str, Entry]


def ranked(rows: Sequence[Row], sought: Sought) -> list[Statement]:
    """Say the largest or smallest figure of a column, or of a row over its years, with the next; or the top few."""
    if sought.reckoning is None:
        return []
    if sought.reckoning.of_two:
        rows = named(without_totals(rows), sought)
        if len(rows) < 2:  # noqa: PLR2004 -- of one alone there is no larger
            return []
    if over_years := _over_years(rows, sought):
        return _ranked(over_years, over_years[0][1].row.subject, sought.reckoning)
    column = column_asked(rows, sought)
    if sought.reckoning.of_two and column is None:  # both figures of both are told side by side
        return []
    columns = [column] if column else columns_alike(rows, sought)
    return [said for column in columns for said in _ranked_in(column, rows, sought, sought.reckoning)]


def _ranked_in(column: str, rows: Sequence[Row], sought: Sought, asked: Reckoning) -> list[Statement]:
    found = entries(meant(rows, sought, column), column)
    return _ranked([(e.row.subject, e) for e in found], column, asked) if len(found) > 1 else []


def _over_years(rows: Sequence[Row], sought: Sought) -> list[_Labelled]:
    """Return the figures over the years of the only row that the question names, where it has some."""
    only = named(rows, sought)
    found = [(e.cell.column, e) for _, e in dated_entries(only[0])] if len(only) == 1 else []
    return found if len(found) > 1 else []


def _ranked(found: Sequence[_Labelled], what: str, asked: Reckoning) -> list[Statement]:
    most = asked.operation is Operation.MOST
    ordered = sorted(found, key=lambda pair: -pair[1].value if most else pair[1].value)
    adjective = next((a for a in _ADJECTIVES[asked.operation] if a[:-1] in asked.wording), "多い" if most else "少ない")
    if asked.many > 1:
        top = ordered[: asked.many]
        items = tuple(f"{label}({what} {e.said})" for label, e in top)
        title = title_of(top[0][1].row.passage.section)
        lead = f"{title}のうち、{what}が{adjective}順に次の{counted(len(top))}です。"
        return [Statement(lead, tuple(e.row.source for _, e in top), items)]
    best = [pair for pair in ordered if pair[1].value == ordered[0][1].value]
    names = "と".join(label for label, _ in best)
    first = f"{what}が最も{adjective}のは{names}で、{best[0][1].said}です。"
    said = [Statement(first, tuple(dict.fromkeys(e.row.source for _, e in best)))]
    if len(best) == 1 and len(ordered) > len(best):
        label, following = ordered[1]
        said.append(Statement(f"次は{label}の{following.said}です。", (following.row.source,)))
    return said


def beyond(rows: Sequence[Row], sought: Sought) -> list[Statement]:
    """Say the rows whose figure lies beyond the bound that the question names, each with its figure."""
    asked = sought.reckoning
    column = column_asked(rows, sought)
    if asked is None or asked.bound is None or column is None:
        return []
    unit = asked.bound.unit
    found = [e for e in entries(meant(rows, sought, column), column) if not unit or same_unit(e.unit, unit)]
    if len(found) < 2:  # noqa: PLR2004 -- a condition chooses among several
        return []
    chosen = [e for e in found if asked.holds(e.value)]
    side = ("以上" if asked.above else "以下") if asked.inclusive else ("を超える" if asked.above else "を下回る")
    side = f"その値{side}"
    title = title_of(rows[0].passage.section)
    if not chosen:
        none = f"{title}のうち、{column}が{side}ものはありません。"
        extreme = Reckoning(Operation.MOST if asked.above else Operation.LEAST, "")
        nearest = _ranked([(e.row.subject, e) for e in found], column, extreme)[0]
        return [Statement(none, nearest.sources), nearest]
    items = tuple(f"{e.row.subject}({column} {e.said})" for e in chosen)
    lead = f"{title}のうち、{column}が{side}ものは次の{counted(len(chosen))}です。"
    return [Statement(lead, tuple(e.row.source for e in chosen), items)]


def under(rows: Sequence[Row], sought: Sought) -> list[Statement]:
    """Say the rows, two and more, of which one column holds what the question says; or all that a value chooses."""
    found = under_condition(rows, sought)
    by_value = chosen_by_value([row.passage for row in without_totals(rows)], sought.asked)
    return _say_under(found, rows, sought) if len(found) > 1 or by_value else []


def counted_rows(rows: Sequence[Row], sought: Sought) -> list[Statement]:
    """Say how many rows meet the condition that the question names, or how many there are of what the table lists."""
    if found := under_condition(rows, sought):
        return _say_under(found, rows, sought)
    head = content_terms_cached(rows[0].passage.cells[0].column)
    return [say_rows([row.passage for row in rows])] if sought.strong & head and not named(rows, sought) else []


def _say_under(found: Sequence[Under], rows: Sequence[Row], sought: Sought) -> list[Statement]:
    row, cells = found[0]
    alike = all(_values(others) == _values(cells) for _, others in found)
    heads = "、".join(dict.fromkeys(c.column for c in cells))
    which = "、".join(map(_told, cells)) + "の" if alike else f"{heads}が該当する"
    lead = f"{title_of(row.passage.section)}のうち、{which}ものは次の{counted(len(found))}です。"
    column = column_asked(rows, sought)
    if len(found) == 1:
        one = f"{title_of(row.passage.section)}のうち、{which}ものは{_item(row, (), column)}です。"
        return [Statement(one, (row.source,))]
    items = tuple(_item(row, () if alike else cells, column) for row, cells in found)
    return [Statement(lead, tuple(row.source for row, _ in found), items)]


def _told(cell: Cell) -> str:
    quoted = is_sentence(cell.value) or flag_of(cell.value)
    return f"{cell.column}が" + (f"「{cell.value}」" if quoted else cell.value)


def _values(cells: Sequence[Cell]) -> tuple[str, ...]:
    return tuple(c.value for c in cells)


def _item(row: Row, cells: Sequence[Cell], column: str | None) -> str:
    """Return the row with the cells that tell it from others, and the figure that is asked for."""
    told = [*cells, *(c for c in row.cells if c.column == column and c not in cells)]
    return f"{row.subject}({'、'.join(f'{c.column} {c.value}' for c in told)})" if told else row.subject
