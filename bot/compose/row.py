"""A table row as an answer: the figure asked for with its subject, unit, condition and note."""

import re
from dataclasses import dataclass

from bot.compose.statement import MARK, Statement
from bot.evidence import content_terms_cached
from bot.question import Asked, Kind, Term
from bot.roles import role_of_column
from bot.turn import Source
from bot.units import same_unit
from ingest.documents import Cell, Passage
from ingest.normalise import Quantity, dates, nfkc, quantities

_NAME = re.compile(r"^([^\s。]+(?:\s?\([^()]*\))*)(?:\s+(.*))?$", re.DOTALL)
_NOTE = re.compile(r"\s*(?=※)")
_NOTE_COLUMN = re.compile(r"注|備考|摘要|補足")
# A target with such a word is reached by staying below it.
_AT_MOST = re.compile(r"以内|以下|未満|まで")


@dataclass(frozen=True, slots=True)
class Row:
    """A row, understood: what it is about, its target and result where it has them, its other cells, its notes."""

    passage: Passage
    subject: str
    condition: str
    target: Cell | None
    result: Cell | None
    others: tuple[Cell, ...]
    notes: tuple[str, ...]


def read_row(passage: Passage) -> Row:
    """Return the parts of a row. The first cell names its subject; words behind the name are its condition."""
    first, *rest = passage.cells
    match = _NAME.match(first.value)
    subject, condition = (match[1], match[2] or "") if match else (first.value, "")
    notes = [note for note in passage.notes]
    cells: list[Cell] = []
    for cell in rest:
        value, *behind = _NOTE.split(cell.value) if role_of_column(cell.column) else (cell.value,)
        notes += [note for note in behind if note]
        if value and _NOTE_COLUMN.search(cell.column):
            notes.append(value)
        elif value:
            cells.append(Cell(cell.column, value))
    target = next((c for c in cells if role_of_column(c.column) == "目標"), None)
    result = next((c for c in cells if role_of_column(c.column) == "実績"), None)
    others = tuple(c for c in cells if c not in (target, result))
    return Row(passage, subject, condition, target, result, others, tuple(notes))


def say_row(row: Row, asked: Asked, terms: tuple[Term, ...]) -> list[Statement]:
    """Return the sentences that answer from this row: the cells asked for, then what limits them."""
    source = Source(row.passage, row.passage.text)
    if _asks_reached(row, asked):
        if verdict := say_reached(row, asked):
            return [verdict]
    if extra := _detail(row, asked, terms):
        return [Statement(extra, (source,))]
    return say_cells(row, asked)


def say_cells(row: Row, asked: Asked) -> list[Statement]:
    """Return a sentence with the cells that the question asks for, and one with the notes that limit them."""
    source = Source(row.passage, row.passage.text)
    cells = _cells(row, asked)
    if not cells:
        return [
            Statement(
                f"{row.subject}については、「{row.condition or row.passage.text}」と記載されています。", (source,)
            )
        ]
    said = "、".join(f"{cell.column or '値'}が{_tight(cell.value)}" for cell in cells)
    text = (
        f"{row.subject}は、{said}です。"
        if len(cells) > 1
        else f"{row.subject}の{cells[0].column}は{_tight(cells[0].value)}です。"
    )
    return [Statement(text, (source,)), *_limits(row, cells, source)]


_REACH = re.compile(r"達成|達し|届|上回|下回|クリア|満た|足り|未達|(?:目標|計画)\S{0,6}差|差(?:は|が|を|$)")


def _asks_reached(row: Row, asked: Asked) -> bool:
    """Whether the question holds the result against the target: by a verb of reaching, or by naming the target's figure."""
    if not asked.yesno:
        return bool(re.search(r"足り|上回|下回|差", asked.text))
    targets = {(q.value, q.unit) for q in quantities(nfkc(row.target.value))} if row.target else set()
    return bool(_REACH.search(asked.text)) or any((q.value, q.unit) in targets for q in quantities(asked.text))


def _tight(value: str) -> str:
    return re.sub(r"\s+(?=\()", "", value.strip())


def _cells(row: Row, asked: Asked) -> list[Cell]:
    """Return the cells asked for: target, result, or those whose header or unit the question names; else all figures."""
    if asked.aspects == ("target",) and row.target:
        return [row.target]
    known = [c for c in (row.result, row.target) if c]
    if known and asked.aspects:
        return known
    named = [c for c in row.others if content_terms_cached(c.column) & content_terms_cached(asked.text)]
    if named:
        return named
    if known:
        return known
    return list(row.others)


def _limits(row: Row, cells: list[Cell], source: Source) -> list[Statement]:
    """Return a sentence with the notes that limit what was said."""
    if not row.notes or (len(cells) == 1 and cells[0] is row.target):
        return []
    notes = "、".join(f"「{note}」" for note in row.notes)
    return [Statement(f"注記に{notes}とあります。", (source,))]


def _detail(row: Row, asked: Asked, terms: tuple[Term, ...]) -> str:
    """Return the sentence for a question about the row's condition, base date or note rather than its figures."""
    if row.notes and re.search(r"注記|注釈|備考|但し書き", asked.text):
        return _say_detail(row, "注記", row.notes[0])
    name = content_terms_cached(row.subject)
    rest = {t.text for t in terms if t.text not in name and t.weight > 0.25}
    details = [("", row.condition), *((c.column, c.value) for c in row.others), *(("注記", note) for note in row.notes)]
    if asked.kind in {Kind.WHEN, Kind.PERIOD} or asked.dates or re.search(r"(?:と比べ|基準)", asked.text):
        dated = [(label, text) for label, text in details if _dates_match(text, asked)]
        if dated:
            return _say_detail(row, *dated[0])
        if dates(nfkc(row.subject)) and (asked.kind is Kind.WHEN or "基準" in asked.text):
            return f"{row.subject}と記載されています。"
    by_unit = [(label, text) for label, text in details if asked.unit and _has_unit(text, asked.unit)]
    figures = " ".join(c.value for c in (row.target, row.result) if c)
    if by_unit and not _has_unit(figures, asked.unit):
        return _say_detail(row, *by_unit[0])
    scored = [
        (len(rest & content_terms_cached(text)) / (len(rest) or 1), label, text) for label, text in details if text
    ]
    best = max(scored, default=(0.0, "", ""))
    bound = re.search(r"何\S{1,4}?(以上|以下|未満|以内)", asked.text)
    limits = [(label, text) for label, text in by_unit if bound and bound[1] in text]
    if limits or (by_unit and len(rest & content_terms_cached(by_unit[0][1])) * 2 > len(rest)):
        return _say_detail(row, *(limits or by_unit)[0])
    if asked.aspects and figures and (not asked.unit or _has_unit(figures, asked.unit)):
        return ""
    figures_asked = asked.kind is Kind.QUANTITY and not asked.unit and bool(row.target or row.result)
    if asked.unit and _has_unit(figures, asked.unit):
        return ""
    if best[0] >= (0.8 if figures_asked else 0.5) or (
        best[0] > 0 and asked.kind in {Kind.WHAT, Kind.HOW, Kind.DEFINITION}
    ):
        return _say_detail(row, best[1], best[2])
    if asked.kind in {Kind.HOW, Kind.WHY} and row.condition:
        return _say_detail(row, "", row.condition)
    if row.condition and re.search(r"単位|数え|条件|対象|定義|どのような", asked.text) and not asked.aspects:
        return _say_detail(row, "", row.condition)
    return ""


def _say_detail(row: Row, label: str, text: str) -> str:
    label = f"の{label}に" if label else "については、"
    return f"{row.subject}{label}「{text}」と記載されています。"


def _dates_match(text: str, asked: Asked) -> bool:
    found = dates(nfkc(text))
    if not asked.dates:
        return bool(found)
    return any(w.first <= m.last and m.first <= w.last for m in found for w in asked.dates)


def _has_unit(text: str, unit: str) -> bool:
    return any(same_unit(q.unit, unit) for q in quantities(nfkc(text)))


def compared(row: Row) -> tuple[Quantity, Quantity] | None:
    """Return (target, result) where both cells hold a figure with one unit, else None."""
    if not (row.target and row.result):
        return None
    targets, results = (quantities(nfkc(c.value)) for c in (row.target, row.result))
    return next(((t, r) for t in targets for r in results if t.unit == r.unit), None)


def reached(row: Row) -> bool | None:
    """Return whether the result reaches the target; None where they cannot be compared."""
    pair = compared(row)
    if pair is None or row.target is None:
        return None
    target, result = pair
    return result.value <= target.value if _AT_MOST.search(row.target.value) else result.value >= target.value


def say_reached(row: Row, asked: Asked) -> Statement | None:
    """Return yes or no first, then target and result, and their difference where it is asked for."""
    met, pair = reached(row), compared(row)
    if met is None or pair is None or row.target is None or row.result is None:
        return None
    target, result = pair
    answer = ""
    if asked.yesno:
        negative = re.search(r"(?:ない|なかった|ません|ず)(?:の|ん)?(?:です|でした|でしょう)?か?\??$", asked.text)
        answer = "はい、" if met != bool(negative) else "いいえ、"
    verb = "で、目標に達しています" if met else "で、目標に届いていません"
    text = f"{answer}{row.subject}は、{row.target.column}{_tight(row.target.value)}に対し、{row.result.column}は{_tight(row.result.value)}{verb}"
    if not asked.yesno and target.value != result.value:
        high, low = (result, target) if result.value > target.value else (target, result)
        text += f"{MARK}。差は{high.value:,}{high.unit} − {low.value:,}{low.unit} = {high.value - low.value:,}{high.unit}です"
    return Statement(text + "。", (Source(row.passage, row.passage.text),))
