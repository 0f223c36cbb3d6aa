"""What a row says besides its figures: its condition, the date it is compared with, its notes."""

import re
from dataclasses import dataclass

from bot.compose.asked_cells import is_of_date, of_flag, steps_of
from bot.compose.cells import say_cells
from bot.compose.reaching import asks_reached, say_reached
from bot.compose.row import Row, unmarked
from bot.compose.statement import Statement
from bot.find.evidence import content_terms_cached
from bot.find.holds import WEEKDAY
from bot.find.hours import HOUR, asks_hour
from bot.find.sought import Sought
from bot.find.units import same_unit
from bot.understand.asked import Asked, Kind, meant_words
from ingest.normalise import dates, nfkc, quantities

_NOTES = re.compile(r"注記|注釈|備考|但し書き")
_BASE = re.compile(r"と比べ|基準")
_BOUND = re.compile(r"何\S{1,4}?(以上|以下|未満|以内)")
_FIGURE = re.compile(r"何(?![をがに])|いくつ|どれ|どのくらい|なんぼ")
_CONDITION = re.compile(r"単位|計算|算出|もとに|根拠|数え|条件|対象|定義|どのような")
# Share of the question's other words that a detail must hold to be what is asked for.
_HALF = 0.5
# … where the question asks for a figure and the row has one: nearly all.
_NEARLY_ALL = 0.8


@dataclass(frozen=True, slots=True)
class Detail:
    """A piece of a row that is no figure: its column ("" for the condition behind the subject), its text.

    `share` of the question's words outside the row's name stand in it.
    """

    label: str
    text: str
    share: float

    def has_unit(self, unit: str) -> bool:
        """Whether a figure with the unit stands in it."""
        return _has_unit(self.text, unit)


def say_row(row: Row, sought: Sought) -> list[Statement]:
    """Return the sentences that answer from a row: target against result, a detail, or the cells asked for."""
    if sought.asked.told and (more := _untold(row, sought.asked.told)):
        return more
    if asks_reached(row, sought.asked) and (verdict := say_reached(row, sought.asked)):
        return [verdict]
    if detail := _detail(row, sought):
        return [Statement(detail, (row.source,))]
    return say_cells(row, sought.asked)


def _untold(row: Row, told: str) -> list[Statement]:
    """Return what the row says besides its figures, and has not been told; none where a figure is not told either."""
    if any(cell.value not in told for cell in row.figures):
        return []
    texts = [("", row.condition), *((c.column, c.value) for c in row.others), *(("注記", note) for note in row.notes)]
    rest = [Detail(label, text, 0) for label, text in texts if text and unmarked(text) not in told]
    return [Statement(_say(row, detail), (row.source,)) for detail in rest]


def _detail(row: Row, sought: Sought) -> str:
    """Return the sentence for a question about a detail of the row, or "" where it asks for the figures."""
    asked = sought.asked
    if row.notes and _NOTES.search(asked.text):
        return _say(row, Detail("注記", "、".join(map(unmarked, row.notes)), 0))
    if any(is_of_date(cell, asked) and (not asked.unit or _has_unit(cell.value, asked.unit)) for cell in row.cells):
        return ""
    if _tells_time(row, asked) or of_flag(row, asked):
        return ""
    if dated := _dated(row, sought):
        return dated
    detail = _condition(row, sought) or _counted(row, _details(row, sought), asked)
    if detail is None and not _figures_suit(row, asked):
        detail = _described(row, sought)
    return _say(row, detail) if detail else ""


def _tells_time(row: Row, asked: Asked) -> bool:
    """Whether a cell tells the hour that is asked for, or the row is a schedule of which a year is asked."""
    if asks_hour(asked.text):
        return any(HOUR.search(nfkc(cell.value)) for cell in row.cells)
    return asked.kind in {Kind.WHEN, Kind.PERIOD} and not asked.dates and bool(steps_of(row))


def _condition(row: Row, sought: Sought) -> Detail | None:
    """Return the condition, or else the notes, where the question asks what is counted rather than how much."""
    asked = sought.asked
    if not _CONDITION.search(asked.text) or _FIGURE.search(asked.text):
        return None
    if row.condition:
        return Detail("", row.condition, 0)
    silent = not any(detail.share for detail in _details(row, sought))
    return Detail("注記", "、".join(map(unmarked, row.notes)), 0) if row.notes and silent else None


def _described(row: Row, sought: Sought) -> Detail | None:
    """Return the detail that holds what the question says besides the row's name; else how and why by the condition."""
    kind = sought.asked.kind
    best = max(_details(row, sought), key=lambda d: d.share, default=Detail("", "", 0))
    figures_asked = kind is Kind.QUANTITY and bool(row.figures)
    enough = best.share >= (_NEARLY_ALL if figures_asked else _HALF)
    if enough or (best.share > 0 and kind in {Kind.WHAT, Kind.HOW, Kind.DEFINITION}):
        return best
    about = kind in {Kind.HOW, Kind.WHY} or (_CONDITION.search(sought.asked.text) and not sought.asked.aspects)
    return Detail("", row.condition, 0) if row.condition and about else None


def _details(row: Row, sought: Sought) -> list[Detail]:
    """Return the details, each with the share of the question's words outside the row's name that it holds."""
    rest = sought.strong - content_terms_cached(row.subject)
    texts = [
        ("", row.condition),
        *((c.column, c.value) for c in row.others),
        *(("注記", note) for note in row.notes),
    ]
    return [
        Detail(label, text, len(rest & content_terms_cached(text)) / max(len(rest), 1)) for label, text in texts if text
    ]


def _dated(row: Row, sought: Sought) -> str:
    """Return the detail of the date asked about: the note of that month, the year that figures are compared with."""
    asked = sought.asked
    if asked.kind not in {Kind.WHEN, Kind.PERIOD} and not asked.dates and not _BASE.search(asked.text):
        return ""
    weekday = next((d for d in _details(row, sought) if "何曜" in asked.text and WEEKDAY.search(d.text)), None)
    if weekday:
        return _say(row, weekday)
    for detail in sorted(_details(row, sought), key=lambda d: -len(content_terms_cached(d.label) & sought.words)):
        found = dates(nfkc(detail.text))
        if asked.dates:
            found = [m for m in found if any(w.overlaps(m) for w in asked.dates)]
        if found:
            return _say(row, detail)
    if dates(nfkc(row.subject)) and (asked.kind is Kind.WHEN or "基準" in asked.text):
        return f"{row.subject}と記載されています。"
    return ""


def _counted(row: Row, details: list[Detail], asked: Asked) -> Detail | None:
    """Return the detail with the unit asked for, where the figures have another or the question describes it."""
    said = content_terms_cached(asked.text) | meant_words(asked)
    counted = [d for d in details if asked.unit and d.has_unit(asked.unit)]
    counted.sort(key=lambda d: -len(content_terms_cached(d.label) & said))
    bound = _BOUND.search(asked.text)
    bounded = [d for d in counted if bound and bound[1] in d.text]
    if bounded:
        return bounded[0]
    if counted and (not _figures_have(row, asked.unit) or counted[0].share > _HALF):
        return counted[0]
    return None


def _figures_suit(row: Row, asked: Asked) -> bool:
    """Whether target and result are what is asked for, by their unit or by name."""
    if asked.unit:
        return _figures_have(row, asked.unit)
    return bool(asked.aspects and row.figures)


def _figures_have(row: Row, unit: str) -> bool:
    return any(_has_unit(cell.value, unit) for cell in row.figures)


def _has_unit(text: str, unit: str) -> bool:
    return any(same_unit(q.unit, unit) for q in quantities(nfkc(text)))


def _say(row: Row, detail: Detail) -> str:
    about = f"の{detail.label}に" if detail.label else "については、"
    return f"{row.subject}{about}「{unmarked(detail.text)}」と記載されています。"
