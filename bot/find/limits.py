"""Whether a figure with a bound is a condition over a table's figures, or part of a name (65歳以上の人口)."""

from collections.abc import Sequence

from bot.find.units import same_unit
from bot.understand.bounds import bounded_names, has_bound
from ingest.documents import Cell, Passage
from ingest.normalise import Quantity, nfkc, quantities


def limits_figures(bound: Quantity, passages: Sequence[Passage]) -> bool:
    """Whether rows among `passages` have figures in the unit of `bound` in a column, and none in their names."""
    rows = [p.cells for p in passages if p.kind == "row" and p.cells]
    if any(_is_named_by(nfkc(name.value), bound.unit) for name, *_ in rows):
        return False
    return any(_is_counted_in(cell, bound.unit) for _, *cells in rows for cell in cells)


def _is_named_by(name: str, unit: str) -> bool:
    return bool(bounded_names(name)) and any(same_unit(q.unit, unit) for q in quantities(name))


def _is_counted_in(cell: Cell, unit: str) -> bool:
    """Whether the cell begins with a figure in `unit`, its own or its head's; one with a bound is none."""
    text = nfkc(cell.value)
    first = next((q for q in quantities(text) if not text[: q.start].strip(" 約△▲-")), None)
    if first is None or has_bound(text, first):
        return False
    head = nfkc(cell.column)
    return same_unit(first.unit, unit) or (not first.unit and f"({unit}" in head.replace("単位:", ""))
