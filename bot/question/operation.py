"""The operation that a question asks for on the rows of a table."""

from dataclasses import dataclass
from enum import StrEnum

from ingest.chunking.column_roles import Role
from ingest.japanese.comparisons import OLDER, SMALLER


class Operator(StrEnum):
    """An operation on the rows of a table (Codd 1970)."""

    SELECT = "select"
    """The value of a cell, or the cells of a row."""
    LIST = "list"
    """The rows that satisfy a condition."""
    COUNT = "count"
    """How many rows satisfy a condition."""
    SUM = "sum"
    """The sum of a column, or of a row over its years."""
    MOST = "most"
    """The row with the greatest value."""
    LEAST = "least"
    """The row with the least value."""
    DIFFERENCE = "difference"
    """The difference of two values: of two rows, two years, or target and result."""
    RATIO = "ratio"
    """The ratio of two values."""
    COMPARE = "compare"
    """Two values, and which is greater."""
    AVERAGE = "average"
    """The mean of a column, or of a row over its columns."""
    SHARE = "share"
    """What percentage of the total a row is."""
    RANK = "rank"
    """The position of a row among all rows."""


class Outcome(StrEnum):
    """The condition that the rows must satisfy."""

    REACHED = "reached"
    """The target was reached."""
    MISSED = "missed"
    """The target was not reached."""


# Stems of adjectives that rank the least first: 少ない, 古い.
_LEAST_FIRST_STEMS = tuple(f"{SMALLER}|{OLDER}".split("|"))


@dataclass(frozen=True, slots=True)
class Operation:
    """An operator with the columns and rows that the question names.

    Attributes:
        roles: the roles of the columns that it names.
        outcome: the condition on the rows.
        limit: the number of rows of a ranking, 1 if the question names none.
        position: the position of the row in a ranking: 2 for the second.
        adjective: how a ranking is worded: 多い, 狭い.
        is_to_previous: whether a value is compared with that of the time before.
        is_period: whether its two dates are the start and end of a period.
        is_by_age: whether rows are ranked by age (新しい), not by a value.
        interrogative_count: the number of things that it asks for.
        asks_which: whether it asks which rows, not only for a value.
        terms: the index terms that express the operation, which no passage need have.
    """

    operator: Operator
    roles: frozenset[Role] = frozenset()
    outcome: Outcome | None = None
    limit: int = 1
    position: int = 1
    adjective: str = "大きい"
    is_to_previous: bool = False
    is_period: bool = False
    is_by_age: bool = False
    interrogative_count: int = 1
    asks_which: bool = False
    terms: frozenset[str] = frozenset()

    @property
    def is_least_first(self) -> bool:
        """Whether a ranking begins with the least."""
        return self.operator is Operator.LEAST or self.adjective.startswith(_LEAST_FIRST_STEMS)

    @property
    def compares(self) -> bool:
        """Whether two values are compared."""
        return self.operator in {Operator.DIFFERENCE, Operator.COMPARE, Operator.RATIO}

    @property
    def selects_rows(self) -> bool:
        """Whether the answer is a set of rows, by a condition or a ranking, and not a single cell."""
        return self.operator in {Operator.LIST, Operator.COUNT, Operator.MOST, Operator.LEAST}
