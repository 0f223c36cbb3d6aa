"""Calculates formulas whose results a workbook does not store: arithmetic, comparisons, sums and the like.

NaN is the value of a formula that uses anything else, of a division by zero and of a reference to itself; what is
calculated from NaN is NaN. The libraries for this have licences (EUPL, GPL) that are not allowed here.
"""

import math
from collections.abc import Callable
from decimal import ROUND_DOWN, ROUND_HALF_UP, ROUND_UP, Decimal
from operator import add, mul, sub, truediv
from statistics import fmean
from typing import TYPE_CHECKING, Any

from ingest.readers.office.xlsx_formats import COMPARISONS

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.formula.tokenizer import Token

# Cells that the formulas of a workbook may refer to in all.
_MAX_REFERENCES = 2_000_000
# By precedence, the weakest first.
_OPERATORS: tuple[dict[str, Callable[[Any, Any], Any]], ...] = (
    COMPARISONS,
    {"+": add, "-": sub},
    {"*": mul, "/": truediv},
    {"^": math.pow},
)
_ROUNDING = {"ROUND": ROUND_HALF_UP, "ROUNDUP": ROUND_UP, "ROUNDDOWN": ROUND_DOWN}
_AGGREGATES: dict[str, Callable[[list[float]], float]] = {
    "SUM": sum,
    "AVERAGE": fmean,
    "COUNT": len,
    "MIN": min,
    "MAX": max,
}


class FormulaCalculator:
    """The values of the cells of a workbook: those stored in `values`, else calculated from those in `formulas`."""

    def __init__(self, formulas: "Workbook", values: "Workbook") -> None:
        self._formulas = formulas
        self._values = values
        self._results: dict[tuple[str, int, int], Any] = {}
        self._n_references = 0

    def value(self, sheet: str, row: int, column: int) -> Any:
        """Return the value of a cell: a number, text, bool or date, None for an empty cell, NaN without a value."""
        key = (sheet, row, column)
        if key not in self._results:
            self._results[key] = math.nan  # while it is calculated
            stored = self._values[sheet]._cells.get((row, column))  # noqa: SLF001 -- `cell` would create it
            cell = self._formulas[sheet]._cells.get((row, column))  # noqa: SLF001
            value = None if stored is None else math.nan if stored.data_type == "e" else stored.value
            is_missing = value is None and cell is not None and cell.data_type == "f"
            self._results[key] = self._calculate(cell.value, sheet) if is_missing else value
        return self._results[key]

    def _calculate(self, formula: object, sheet: str) -> object:
        from openpyxl.formula import Tokenizer  # noqa: PLC0415 -- imported on use

        try:
            tokens = [token for token in Tokenizer(formula).items if token.type != token.WSPACE]
            value = self._expression(tokens, sheet)
        except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError):
            return math.nan
        return math.nan if tokens or isinstance(value, list) else 0 if value is None else value

    def _expression(self, tokens: list["Token"], sheet: str, level: int = 0) -> Any:
        if level == len(_OPERATORS):
            return self._operand(tokens, sheet)
        value = self._expression(tokens, sheet, level + 1)
        while tokens and tokens[0].type == tokens[0].OP_IN and tokens[0].value in _OPERATORS[level]:
            function = _OPERATORS[level][tokens.pop(0).value]
            value = _operate(function, value, self._expression(tokens, sheet, level + 1))
        return value

    def _operand(self, tokens: list["Token"], sheet: str) -> Any:
        token = tokens.pop(0)
        if token.type == token.OP_PRE:
            value = self._operand(tokens, sheet)
            return _operate(sub, 0, value) if token.value == "-" else value
        if token.type == token.FUNC:
            value = self._function(token.value[:-1].upper(), tokens, sheet)
        elif token.type == token.PAREN:
            value = self._expression(tokens, sheet)
            tokens.pop(0)
        elif token.subtype == token.RANGE:
            value = self._range(token.value, sheet)
        elif token.subtype == token.TEXT:
            value = token.value[1:-1].replace('""', '"')
        else:
            value = token.value == "TRUE" if token.subtype == token.LOGICAL else float(token.value)
        while tokens and tokens[0].type == tokens[0].OP_POST:
            tokens.pop(0)
            value = _operate(truediv, value, 100)
        return value

    def _function(self, name: str, tokens: list["Token"], sheet: str) -> Any:
        arguments = []
        while tokens[0].subtype != tokens[0].CLOSE:
            arguments.append(self._expression(tokens, sheet))
            if tokens[0].type == tokens[0].SEP:
                tokens.pop(0)
        tokens.pop(0)
        if name == "IF":
            condition, *choices = arguments
            return math.nan if condition != condition else [*choices, False][0 if condition else 1]  # noqa: PLR0124
        if name in _ROUNDING:
            unit = Decimal(1).scaleb(-int(arguments[1] if len(arguments) > 1 else 0))
            number = Decimal(f"{arguments[0] or 0:.15g}")  # 110 * 1.1 is 121, as in Excel
            return float((number / unit).quantize(Decimal(1), _ROUNDING[name]) * unit)
        values = [v for argument in arguments for v in (argument if isinstance(argument, list) else [argument])]
        numbers = [v for v in values if not isinstance(v, str | list | bool | None)]
        return math.nan if any(map(math.isnan, numbers)) else _AGGREGATES[name](numbers)

    def _range(self, reference: str, sheet: str) -> Any:
        from openpyxl.utils import range_boundaries  # noqa: PLC0415 -- imported on use

        name, _, area = reference.rpartition("!")
        name = name.removeprefix("'").removesuffix("'").replace("''", "'") or sheet
        left, top, right, bottom = range_boundaries(area)
        rows = range(top or 1, (bottom or self._formulas[name].max_row) + 1)
        columns = range(left or 1, (right or self._formulas[name].max_column) + 1)
        self._n_references += len(rows) * len(columns)
        if self._n_references > _MAX_REFERENCES:
            return math.nan
        values = [self.value(name, row, column) for row in rows for column in columns]
        return values if ":" in area else values[0]


def _operate(function: Callable[[Any, Any], Any], left: Any, right: Any) -> Any:
    has_text = isinstance(left, str) or isinstance(right, str)
    left, right = (("" if has_text else 0) if value is None else value for value in (left, right))
    if any(math.isnan(value) for value in (left, right) if not isinstance(value, str)):
        return math.nan
    if has_text:  # any text is greater than a number, and case does not count
        keys = [(isinstance(value, str), str(value).casefold()) for value in (left, right)]
        return function(*keys) if function in COMPARISONS.values() else math.nan
    return math.nan if function is truediv and not right else function(left, right)
