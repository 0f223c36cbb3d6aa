"""The `Metric` record: a name, a title, and a function of one row of a run."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from eval.metrics.mean import Mean, compute_mean
from eval.scoring.run_record import Row

Value = float | bool | None
Unit = Literal["rate", "score", "tokens", "money", "sentences"]
"""A rate lies in 0-1 and is shown in percent; the others are shown as they are."""


@dataclass(frozen=True, slots=True)
class Metric:
    """What is told of a row: a number, a verdict, or None where the row is none of those that are counted.

    `name` is that of the figures, `title` what a reader sees; `better` says which way is better.
    """

    name: str
    title: str
    of_row: Callable[[Row], Value]
    better: Literal["higher", "lower"] = "higher"
    unit: Unit = "rate"

    def over(self, rows: Iterable[Row]) -> Mean:
        """Return the mean over those of `rows` that are counted; a question asked over two corpora is one cluster."""
        told = ((row.case.id, self.of_row(row)) for row in rows)
        return compute_mean((question, float(value)) for question, value in told if value is not None)
