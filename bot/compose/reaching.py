"""Target against result: whether a row reaches its target, and by how much it does not."""

import re
from decimal import Decimal

from bot.check.claims import figures
from bot.check.figure import Figure
from bot.check.outcome import directed, reaches
from bot.compose.row import Row, tight
from bot.compose.statement import MARK, Statement
from bot.understand.asked import Asked
from ingest.normalise import nfkc, quantities

_REACH = re.compile(
    r"目標\S{0,4}より|目標(?:まで|に)(?:は|も)?(?:行|い)[っけ]|達成|達し|届|超え|上回|下回|クリア|満た|足り|未達|(?:目標|計画)\S{0,6}差|差(?:は|が|を|$)"
)
_GAP = re.compile(r"足り|上回|下回|差|開き|隔たり|(?:あと|残り)\s?(?:何|どれ|どの|いく)")
_NEGATED = re.compile(r"(?:ない|なかった|ません|ず)(?:の|ん)?(?:です|でした|でしょう)?か?\??$")


def asks_reached(row: Row, asked: Asked) -> bool:
    """Whether the question holds the result against the target: by a verb of reaching, or by the target's figure."""
    if not asked.yesno:
        return bool(_GAP.search(asked.text))
    targets = {(q.value, q.unit) for q in quantities(nfkc(row.target.value))} if row.target else set()
    return bool(_REACH.search(asked.text)) or any((q.value, q.unit) in targets for q in quantities(asked.text))


def compared(row: Row) -> tuple[Figure, Figure] | None:
    """Return (target, result) where both cells hold a figure with one unit, else None."""
    if not (row.target and row.result):
        return None
    targets, results = (figures(nfkc(c.value)) for c in (row.target, row.result))
    course = [f for cell in row.cells for f in figures(nfkc(cell.value))[:1]]
    return next(((directed(t, course), r) for t in targets for r in results if t.unit == r.unit), None)


def reached(row: Row) -> bool | None:
    """Return whether the result reaches the target; None where they cannot be compared."""
    pair = compared(row)
    return None if pair is None else reaches(*pair)


def say_reached(row: Row, asked: Asked) -> Statement | None:
    """Return yes or no first, then target and result, and their difference where it is asked for."""
    met, pair = reached(row), compared(row)
    if met is None or pair is None or row.target is None or row.result is None:
        return None
    yes = ""
    if asked.yesno:
        yes = "はい、" if met != bool(_NEGATED.search(asked.text)) else "いいえ、"
    verdict = "目標に達しています" if met else "目標に届いていません"
    both = f"{row.target.column}{tight(row.target.value)}に対し、{row.result.column}は{tight(row.result.value)}"
    text = f"{yes}{row.subject}は、{both}で、{verdict}"
    gap = "" if asked.yesno else _gap(*pair)
    return Statement(f"{text}{MARK}。差は{gap}です。" if gap else f"{text}。", (row.source,))


def say_share(row: Row) -> Statement | None:
    """Return what share of its target the result is, with the division; None where less is better, or none is given."""
    pair = compared(row)
    if pair is None or not pair[0].value or pair[0].at_most or row.target is None or row.result is None:
        return None
    target, result = pair
    share = (result.value / target.value * 100).quantize(Decimal("0.1"))
    both = f"{row.target.column}{tight(row.target.value)}に対し、{row.result.column}は{tight(row.result.value)}です"
    division = f"{result.value:,}{result.unit} ÷ {target.value:,}{target.unit} = {share}%"
    return Statement(f"{row.subject}は、{both}{MARK}。達成率は{division}です。", (row.source,))


def _gap(target: Figure, result: Figure) -> str:
    """Return the subtraction, higher figure first; an empty string where there is nothing between them."""
    if target.value == result.value:
        return ""
    high, low = (result, target) if result.value > target.value else (target, result)
    unit = "ポイント" if high.unit == "%" else high.unit
    return f"{high.value:,}{high.unit} − {low.value:,}{low.unit} = {high.value - low.value:,}{unit}"
