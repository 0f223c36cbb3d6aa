"""Calculates formulas whose results a workbook does not store: sums, averages and the four operations.

NaN is the value of a formula that uses anything else, of a division by zero and of a reference to itself; what is
calculated from NaN is NaN. The libraries for this have licences (EUPL, GPL) that are not allowed here.
"""

import math
from collections.abc import Callable
from operator import add, mul, sub, truediv
from statistics import fmean
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.formula.tokenizer import Token

# Cells that the formulas of a workbook may refer to in all.
_MAX_REFERENCES = 2_000_000
# By precedence, the weakest first.
_OPERATORS: tuple[dict[str, Callable[[float, float], float]], ...] = ({"+": add, "-": sub}, {"*": mul, "/": truediv})
_FUNCTIONS: dict[str, Callable[[list[float]], float]] = {"SUM(": sum, "AVERAGE(": fmean}


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
            value = function(_number(value), _number(self._expression(tokens, sheet, level + 1)))
        return value

    def _operand(self, tokens: list["Token"], sheet: str) -> Any:
        token = tokens.pop(0)
        if token.type == token.OP_PRE:
            value = _number(self._operand(tokens, sheet))
            return -value if token.value == "-" else value
        if token.subtype == token.RANGE:
            return self._range(token.value, sheet)
        if token.type not in {token.FUNC, token.PAREN}:
            return float(token.value)
        arguments = []
        while tokens[0].subtype != tokens[0].CLOSE:
            arguments.append(self._expression(tokens, sheet))
            if tokens[0].type == tokens[0].SEP:
                tokens.pop(0)
        tokens.pop(0)
        if token.type == token.PAREN:
            return arguments[0]
        values = [v for argument in arguments for v in (argument if isinstance(argument, list) else [argument])]
        return _FUNCTIONS[token.value.upper()](
            [v for v in values if isinstance(v, int | float) and not isinstance(v, bool)]
        )

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


def _number(value: Any) -> float:
    if isinstance(value, int | float) or value is None:
        return value or 0
    raise TypeError
