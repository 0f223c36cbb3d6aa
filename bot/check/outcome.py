"""Whether it is said rightly that a target was reached: by the two figures, where a row or a sentence has both."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from bot.check.claims import figures
from bot.check.figure import Figure
from bot.check.grounds import Grounds, nearest
from bot.check.roles import Role, roles
from bot.check.statements import Statement

# Figures from which on a row shows where its figures go.
_COURSE = 3
_NEGATED = r"(?:てい|し|でき|れてい|されてい|でき|には|は)?(?:ない|な[かくけ]|ませ[んず]|ず)"
_MISSED = re.compile(
    rf"達成(?:\S{{0,4}}?){_NEGATED}|未達|届(?:か|き|いてい){_NEGATED}|届か|及ば|及んでいま?せ?[んなず]|下回|割り込|不足|満たな|満たして{_NEGATED}|とどまり|にとどま"
)
_REACHED = re.compile(
    r"達成(?:し(?:ました|た|てい(?:ます|る)|て、|、)|済|でき(?:ました|た)|と|です|。)|届い(?:た|てい(?:ます|る)|ており)|上回|超え|超過|クリア|満たし(?:た|まし|てい)"
)


def reaches(target: Figure, result: Figure) -> bool:
    """Return whether `result` reaches `target`, both in one unit: by staying below one that is at most so much.

    A decrease reaches the target of a decrease by being as large; a rise does not reach it at all.
    """
    if target.at_most:
        return result.value < target.value or (result.value == target.value and target.bound != "未満")
    contrary = {target.change, result.change} == {"増", "減"}
    return not contrary and result.value >= target.value


def directed(target: Figure, course: Sequence[Figure]) -> Figure:
    """Return `target` as one that nothing may lie above, where the figures that lead to it in its row only fall.

    `course` are the row's figures in the order of its columns; two alone tell no direction, nor do rises and falls.
    """
    values = [figure.value for figure in course if figure.unit == target.unit and not figure.change]
    leads = len(values) >= _COURSE and values[-1] == target.value < values[0]
    falls = leads and all(a >= b for a, b in pairwise(values))
    return replace(target, at_most=True) if falls else target


def wrong_outcome(statement: Statement, sources: Sequence[Grounds]) -> Iterator[str]:
    """Yield a reason where a target that was missed is called reached, or the other way round."""
    text = statement.text
    said = _said(text)
    if said is None or not any(word in text for word in ("目標", "目安", "達成")):
        return
    pairs = [*_pairs(text, sources), *(_first_of_each(_told(text)) if len(sources) > 1 else ())]
    if pairs and not any(reaches(*pair) == said for pair in pairs):
        yield f"「{text}」は目標を達成したかどうかが出典と合いません"


def _told(text: str) -> list[tuple[Figure, Role]]:
    """Return the figures of a statement with their roles: its sources may have the target and the result apart."""
    found = figures(text)
    return list(zip(found, roles(text, found), strict=True))


def _said(text: str) -> bool | None:
    """Return whether the text says that a target was reached, None where it says neither or both."""
    missed, reached = _MISSED.search(text), _REACHED.search(_MISSED.sub("", text))
    return None if bool(missed) == bool(reached) else bool(reached)


def _pairs(text: str, sources: Sequence[Grounds]) -> Iterator[tuple[Figure, Figure]]:
    """Yield target and result, in one unit, of the rows that are cited and of the sentences that the text speaks of."""
    rows = [source for source in sources if {"目標", "実績"} <= source.columns]
    for source in rows:
        found = [(s.figure, s.role) for s in source.stated]
        yield from _first_of_each(found)
        yield from _last_of_each(found)
    for piece in () if rows else nearest(text, sources):
        yield from _first_of_each(list(zip(piece.figures, roles(piece.text, piece.figures), strict=True)))


def _first_of_each(found: Sequence[tuple[Figure, Role]]) -> Iterator[tuple[Figure, Figure]]:
    """Yield the first target with the first result; where no figure is called a result, with the first that is none."""
    targets = [figure for figure, role in found if role == "目標"]
    results = [figure for figure, role in found if role == "実績"] or [figure for figure, role in found if not role]
    if targets and results and targets[0].unit == results[0].unit:
        yield targets[0], results[0]


def _last_of_each(found: Sequence[tuple[Figure, Role]]) -> Iterator[tuple[Figure, Figure]]:
    """Yield a row's last target with its last result, the target as one to stay below where its figures fall."""
    targets = [figure for figure, role in found if role == "目標"]
    results = [figure for figure, role in found if role == "実績"]
    if targets and results and targets[-1].unit == results[-1].unit:
        yield directed(targets[-1], [figure for figure, role in found if role]), results[-1]
        base = found[0][0]
        falls = base.unit == targets[-1].unit and base.value > targets[-1].value and not targets[-1].change
        if falls and not found[0][1]:
            yield replace(targets[-1], at_most=True), results[-1]
