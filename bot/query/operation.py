"""What a question asks of the rows of a table: select, count, sum, most, least, compare. One lexicon for all rooms."""

from dataclasses import dataclass
from enum import StrEnum

from ingest.normalise import DateMention


class Operator(StrEnum):
    """An operation over the rows of a relation (Codd 1970), as questions ask for it."""

    SELECT = "select"
    """The value of a cell, or the cells of a row."""
    LIST = "list"
    """The rows for which something holds."""
    COUNT = "count"
    """How many rows there are for which something holds."""
    SUM = "sum"
    """The sum of a column."""
    MOST = "most"
    """The row with the greatest value."""
    LEAST = "least"
    """The row with the least value."""
    DIFFERENCE = "difference"
    """By how much two values differ: two rows, two years, target and result."""
    COMPARE = "compare"
    """Two values side by side, and which is greater."""


@dataclass(frozen=True, slots=True)
class Operation:
    """An `operator`, and what the question says of the cells that it runs over."""

    operator: Operator


def read_operation(text: str, dates: "tuple[DateMention, ...]") -> Operation | None:  # noqa: ARG001
    """Stand-in."""
    return None
