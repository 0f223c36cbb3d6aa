"""Sums that a text shows: 1,655人 - 1,500人 = 155人."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from bot.check.claims import figures
from bot.check.figure import Figure

_OPERATOR = re.compile(r"\s?([-+×÷*/])\s?")
_EQUALS = re.compile(r"\s?[=≒]\s?約?\s?(-?)")
_NAMES = {"×": "*", "÷": "/"}
_POINTS = "ポイント"
_RATIOS = ("", "%", "倍")


@dataclass(frozen=True, slots=True)
class Sum:
    """A sum at `text[start:end]`; it is right when its result, to the digits shown, follows from its operands."""

    start: int
    end: int
    result: Figure
    right: bool


def sums(text: str, figures: Sequence[Figure]) -> list[Sum]:
    """Return the sums that stand in normalised `text`, whose figures are given in order."""
    found, operands, operators = [], [*figures[:1]], ""
    for before, figure in pairwise(figures):
        between = text[before.end : figure.start]
        if operator := _OPERATOR.fullmatch(between):
            operands.append(figure)
            operators += _NAMES.get(operator[1], operator[1])
            continue
        if operators and (equals := _EQUALS.fullmatch(between)):
            right = _is_right(operands, operators, figure, -1 if equals[1] else 1)
            found.append(Sum(operands[0].start, figure.end, figure, right))
        operands, operators = [figure], ""
    return found


def _is_right(operands: Sequence[Figure], operators: str, result: Figure, sign: int) -> bool:
    plain = set(operators) <= {"+", "-"}
    units = {operand.unit for operand in operands}
    points = units == {"%"} and result.unit == _POINTS  # 40% - 35% = 5ポイント
    if plain and units != {result.unit} and not points:
        return False
    if not plain and result.unit not in (*_RATIOS, *units):
        return False
    value = _value([operand.value for operand in operands], operators)
    if value is None:
        return False
    if not plain and result.unit == "%" and "%" not in units:
        value *= 100
    step = Decimal(1).scaleb(min(0, int(result.value.as_tuple().exponent)))
    return abs(value - sign * result.value) <= step / 2


def _value(values: Sequence[Decimal], operators: str) -> Decimal | None:
    """Return the value, products before sums; None where it divides by zero."""
    terms = [values[0]]
    for operator, value in zip(operators, values[1:], strict=True):
        if operator == "*":
            terms[-1] *= value
        elif operator == "/":
            if not value:
                return None
            terms[-1] /= value
        else:
            terms.append(value if operator == "+" else -value)
    return sum(terms, Decimal(0))


def without_repeated(text: str) -> str:
    """Return `text` with blanks for those operands of its right sums that it tells before: they are told there."""
    found = figures(text)
    for one in sums(text, found):
        told = {(f.value, f.unit) for f in found if f.end <= one.start}
        for f in found:
            if one.right and one.start <= f.start < one.end and (f.value, f.unit) in told:
                text = text[: f.start] + " " * (f.end - f.start) + text[f.end :]
    return text
