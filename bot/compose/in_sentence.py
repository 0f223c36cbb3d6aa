"""What is reckoned from one sentence that has the figures: their difference or sum, or what remains of a whole."""

import re
from collections.abc import Collection, Sequence

from bot.check.claims import figures
from bot.check.figure import Figure
from bot.compose.corpus import Corpus
from bot.compose.sentence import say
from bot.compose.statement import MARK, Statement, assemble
from bot.find.evidence import Evidence, speaker_of, topic_of
from bot.find.sought import Sought
from bot.find.units import same_unit
from bot.find.weigh import Weighed
from bot.turn import Draft
from bot.understand.asked import Kind
from bot.understand.reckoning import Operation
from ingest.normalise import quantities

_DIFFERENCES = frozenset({Operation.DIFFERENCE, Operation.CHANGE})
# The part of a whole: 県内19市町のうち11市町, 64人中23人.
_PART = re.compile(r"\s?(?:[^\s、。\d]{0,3}の?うち|中)[、\s]?[^。]{0,30}")
# What a figure in a row is of: 水銀灯が42本、一般席(自由席)180席.
_LABEL = re.compile(r"([一-龥々ァ-ヶーA-Za-z]{2,12})(?:\([^()]{1,30}\))?(?:は|が|の|で|に|:)?\s?約?$")
_ROW_OF_NAMES = re.compile(r"(?<![とや・、])#(?:(?:と|や|、|・|及び|および)#)+(?![とや・])")
_DENIED = re.compile(r"ない(?!と)|ません|以外|残り")
# What has figures of its own measure, and none to subtract.
_RATES = frozenset({"%", "ポイント"})


def reckoned_in_sentence(sought: Sought, fitting: Sequence[Weighed], _: Corpus) -> Draft | None:
    """Say the best sentence with the difference or sum of its figures, or what remains, where that is asked for."""
    best = fitting[0].evidence
    if best.kind not in {"sentence", "item"} or sought.asked.kind is Kind.WHY:
        return None
    reckoning = sought.reckoning
    if reckoning and reckoning.operation is Operation.SUM:
        text = _sum(best, sought.asked.text)
    elif reckoning and reckoning.operation in _DIFFERENCES:
        text = _difference(best, sought.asked.unit or _unit_in(reckoning.wording))
    elif sought.asked.unit and _DENIED.search(sought.asked.text) and not _DENIED.search(best.normal):
        text = _remainder(best, sought.asked.unit)
    else:
        return None
    if not text:
        return None
    said = say(best)
    first = said.text.rstrip("。")
    first = first if speaker_of(best) else first.replace("。", f"{MARK}。")
    return assemble([Statement(f"{first}{MARK}。{text}", said.sources)], topic=topic_of(best))


def _difference(evidence: Evidence, unit: str) -> str:
    """Return the difference of the only two figures in the unit asked for, as a sentence; "" where there are others."""
    pair = _pair(evidence, unit)
    if len(pair) != 2 or pair[0].value == pair[1].value:  # noqa: PLR2004 -- a difference lies between two
        return ""
    high, low = sorted(pair, key=lambda f: -f.value)
    gap = "ポイント" if high.unit == "%" else high.unit
    return f"差は{high.value:,}{high.unit} − {low.value:,}{low.unit} = {high.value - low.value:,}{gap}です。"


def _sum(evidence: Evidence, question: str) -> str:
    """Return as a sentence the sum of the figures whose labels the question joins; "" where it joins others too."""
    named: dict[str, Figure] = {}
    start = 0
    for figure in figures(evidence.normal):
        label = _LABEL.search(evidence.normal[start : figure.start])
        if label and label[1] in question:
            named[label[1]] = figure
        start = figure.end
    found = list(named.values())
    if len({f.unit for f in found}) != 1 or found[0].unit in _RATES or not _joins(question, named):
        return ""
    shown = " + ".join(f"{f.value:,}{f.unit}" for f in found)
    return f"合計は{shown} = {sum(f.value for f in found):,}{found[0].unit}です。"


def _joins(question: str, labels: Collection[str]) -> bool:
    """Whether the question joins two of the labels and more, and nothing that is none of them."""
    for label in labels:
        question = question.replace(label, "#")
    joined = _ROW_OF_NAMES.search(question)
    return joined is not None and joined[0].count("#") == len(labels) > 1


def _remainder(evidence: Evidence, unit: str) -> str:
    """Return as a sentence what remains of a whole of which the evidence tells a part (19市町のうち11市町)."""
    pair = _pair(evidence, unit)
    if len(pair) != 2 or pair[0].value <= pair[1].value or pair[0].unit in _RATES:  # noqa: PLR2004 -- whole and part
        return ""
    whole, part = pair
    rest = f"{whole.value - part.value:,}{whole.unit}"
    if not _PART.fullmatch(evidence.normal[whole.end : part.start]):
        return ""
    return f"残りは{whole.value:,}{whole.unit} − {part.value:,}{part.unit} = {rest}です。"


def _unit_in(wording: str) -> str:
    """Return the counter behind 何 in the words that ask for a difference (何トン小さくなる: トン), "" without one."""
    counted = quantities(wording.replace("何", "1", 1)) if wording.startswith("何") else []
    return counted[0].unit if counted else ""


def _pair(evidence: Evidence, unit: str) -> list[Figure]:
    """Return the figures of the evidence in the unit asked for; without one, in that which two and no more have."""
    found = [f for f in figures(evidence.normal) if not f.unit.startswith("第")]
    if unit and unit != "つ":
        wanted = "%" if unit == "ポイント" else unit
        return [f for f in found if same_unit(f.unit, wanted) or f.unit == wanted[:1]]
    units = [f.unit for f in found]
    twice = [u for u in dict.fromkeys(units) if u and units.count(u) == 2]  # noqa: PLR2004 -- a pair
    return [f for f in found if [f.unit] == twice]
