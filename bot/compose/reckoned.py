"""Answers that are reckoned over a table: the largest, those beyond a bound, sums, changes, each operand cited."""

import re
from collections.abc import Callable, Sequence

from bot.compose.between_columns import between_columns
from bot.compose.change import change, difference, share, times
from bot.compose.chosen import beyond, counted_rows, ranked, under
from bot.compose.corpus import Corpus
from bot.compose.members import tables_about
from bot.compose.row import Row
from bot.compose.statement import Statement, assemble
from bot.compose.total import total
from bot.find.evidence import title_of
from bot.find.sought import Sought
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
    if sought.reckoning is not None:
        reckon = _RECKON[sought.reckoning.operation]
    elif fitting[0].evidence.kind == "row" and _CHOOSES.search(sought.asked.text):
        reckon = under
    else:
        return None
    for rows in tables_about(sought, fitting, corpus):
        if statements := reckon(rows, sought):
            return assemble(statements, topic=title_of(rows[0].passage.section))
    return None
