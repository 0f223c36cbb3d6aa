"""A formula that a reply gives for what it reckons: whether it is right, and whether its operands are given."""

import ast
import operator
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, DivisionByZero, InvalidOperation

from bot.claims.figures import Figure, figures, normal
from bot.claims.times import times
from ingest.normalise import quantities

_TERM = r"\d[\d,.十百千万億]*[^\s\d、。()=≒≈+×÷*/-]{0,8}"
_SUM = re.compile(rf"{_TERM}(?:\s?[-+×÷*/]\s?{_TERM})+\s?[=≒≈]\s?約?-?{_TERM}")
_PARTS = re.compile(r"[;\n。、]|,(?!\d{3})")
_EQUALS = re.compile("(=|≒|≈)\\s?約?")
_SIGNS = {"×": "*", "x": "*", "X": "*", "÷": "/", "−": "-", "ー": "-"}
_OPERATIONS: Mapping[type[ast.operator], Callable[[Decimal, Decimal], Decimal]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
# A table may count in thousands; a formula then leaves the word out, of all its operands alike.
_SCALES = tuple(map(Decimal, (1, 1000, 10**4, 10**6, 10**8)))
# A number of a formula that no source need give: what makes a share a percentage.
_HUNDRED = Decimal(100)
# So few are people, nights or months that the question or the sense of the source tells of.
_FEW = 12
_SHARES = ("", "%", "倍")


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula as written, its operands, its value, and the result that it claims; None where it claims none."""

    written: str
    operands: tuple[Decimal, ...]
    value: Decimal
    claimed: Decimal | None

    @property
    def right(self) -> bool:
        """Whether the result follows, to the digits that it shows; a share may be claimed in percent."""
        return self.claimed is None or any(_rounds(self.claimed, v) for v in (self.value, self.value * _HUNDRED))

    def gives(self, figure: Figure, scale: Decimal) -> bool:
        """Whether the figure is the result, where the operands count in `scale`."""
        results = [self.value * scale, *([self.value, self.value * _HUNDRED] if figure.unit in _SHARES else [])]
        return any(figure.allows(value) or _rounds(figure.value, value) for value in map(abs, results))


def formulas(text: str) -> Iterator[Formula]:
    """Yield the formulas of `text` in order (120 ÷ 300 × 100 = 40%; 3 + 4 = 7), those that can be read.

    Words and units beside the numbers are passed over.
    """
    for part in filter(None, map(str.strip, _PARTS.split(normal(text)))):
        said, *results = _EQUALS.split(part)
        value = _evaluate(_expression(said))
        claimed = next((number.value for number in quantities(results[-1])), None) if results else None
        if value is None or (results and claimed is None):
            continue
        if claimed is not None and (results[-2] != "=" or "約" in part):
            claimed = claimed.normalize()
        yield Formula(part, tuple(number.value for number in quantities(said)), value, claimed)


def sums(text: str) -> list[Formula]:
    """Return the formulas with a result that normalised `text` writes out: 130冊 - 100冊 = 30冊."""
    return [one for match in _SUM.finditer(text) for one in formulas(match[0]) if not times(match[0])]


def scale_of(formula: Formula, texts: Sequence[str], earlier: Sequence[Decimal] = ()) -> Decimal | None:
    """Return the scale in which every operand stands in the normalised `texts`, or was reckoned `earlier`, or None."""
    given = {figure.value for text in texts for figure in figures(text)}
    given |= {Decimal(n) for text in texts for t in times(text) for n in (t.year, t.month, t.day, t.era_year) if n}
    free = {_HUNDRED, *earlier}

    def stands(n: Decimal, scale: Decimal) -> bool:
        return n in free or n * scale in given or (n <= _FEW and n == n.to_integral_value())

    scales = (s for s in _SCALES if all(stands(n, s) for n in formula.operands))
    return next((s for s in scales if any(n in free or n * s in given for n in formula.operands)), None)


def _expression(said: str) -> str:
    """Return its numbers, operators and brackets alone."""
    bare, end = "", 0
    for number in (*quantities(said), None):
        between = said[end : number.start] if number else said[end:]
        bare += re.sub(r"[^+\-*/()]", "", "".join(_SIGNS.get(letter, letter) for letter in between))
        bare, end = (f"{bare}{number.value:f}", number.end) if number else (bare, end)
    return bare


def _evaluate(expression: str) -> Decimal | None:
    try:
        return _of(ast.parse(expression, mode="eval").body)
    except (SyntaxError, ValueError, DivisionByZero, InvalidOperation, RecursionError, MemoryError):
        return None


def _of(node: ast.expr) -> Decimal:
    if isinstance(node, ast.BinOp) and (operation := _OPERATIONS.get(type(node.op))):
        return operation(_of(node.left), _of(node.right))
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return Decimal(str(node.value))
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_of(node.operand)
    raise ValueError(ast.dump(node))


def _rounds(shown: Decimal, value: Decimal) -> bool:
    exponent = int(shown.as_tuple().exponent)
    return abs(abs(shown) - abs(value)) <= (Decimal(1).scaleb(exponent) / 2 if exponent or value % 1 else 0)
