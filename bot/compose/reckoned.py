"""Answers that are reckoned over a table: the largest, those beyond a bound, sums, changes, each operand cited."""

import re
from collections.abc import Callable, Sequence

from bot.compose.between_columns import between_columns
from bot.compose.change import change, difference, share, times
from bot.compose.chosen import beyond, counted_rows, ranked, under
from bot.compose.corpus import Corpus
from bot.compose.members import tables_about, without_totals
from bot.compose.row import Row
from bot.compose.statement import Statement, assemble
from bot.compose.total import total
from bot.find.evidence import title_of
from bot.find.sought import Sought
from bot.find.valued import asks_rows, chosen_by_value
from bot.find.weigh import Weighed
from bot.turn import Draft
from bot.understand.asked import Kind
from bot.understand.reckoning import Operation

# A question for those of several that meet a condition (火曜日に休む館はどれですか, 昭和に開館した館を教えて).
_CHOOSES = re.compile(
    r"(?:る|た|い|の)[^\sはがを、。]{1,8}(?:は(?:どれ|何|どこ|\?|$)|を(?:お?教え|すべて|全て|全部|挙げ))"
)
Reckon = Callable[[Sequence[Row], Sought], list[Statement]]
_RECKON: dict[Operation, Reckon] = {
    Operation.MOST: ranked,
    Operation.LEAST: ranked,
    Operation.BOUND: beyond,
    Operation.SUM: total,
    Operation.CHANGE: change,
    Operation.DIFFERENCE: difference,
    Operation.SHARE: share,
    Operation.COUNT: counted_rows,
    Operation.TIMES: times,
    Operation.STAYING: between_columns,
    Operation.RISING: between_columns,
    Operation.FALLING: between_columns,
}


def reckoned(sought: Sought, fitting: Sequence[Weighed], corpus: Corpus) -> Draft | None:
    """Reckon what the question wants over the first table that it can be reckoned over."""
    if sought.asked.kind is Kind.WHY:  # why it grew is told by no figure
        return None
    of_rows = fitting[0].evidence.kind == "row" and bool(_CHOOSES.search(sought.asked.text))
    for rows in tables_about(sought, fitting, corpus):
        if sought.reckoning is not None:
            reckon: Reckon | None = _RECKON[sought.reckoning.operation]
        else:
            reckon = under if of_rows or _by_value(rows, sought) else None
        if reckon and (statements := reckon(rows, sought)):
            return assemble(statements, topic=title_of(rows[0].passage.section))
    return None


def _by_value(rows: Sequence[Row], sought: Sought) -> bool:
    """Whether rows are asked for that a value of one of their cells chooses."""
    passages = [row.passage for row in without_totals(rows)]
    return asks_rows(sought, passages) and chosen_by_value(passages, sought.asked) is not None
