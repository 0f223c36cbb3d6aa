"""Rows and figures of a measured set, one row per query, and how such a run is saved.

`retrieval`, `reading` and `pages` save it, so `compare` can compare any two runs of one command.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path
from typing import Any

from eval.metrics.latency import percentiles
from eval.metrics.statistics import standard_error
from eval.storage.run_folder import read_folder, unreadable_run_error


@dataclass(frozen=True, slots=True)
class MeasuredQuery:
    """One measured query.

    `metrics` holds its rates in 0-1 under the names of the figures ("recall@10", "hit@1", …); it is empty, or lacks
    one, where there is nothing to measure by (a query without a relevant entry). `latency_ms` is the time that the part
    under test took, None where it was not timed. `details` is JSON that helps to see why: what was found and wanted.
    """

    id: str
    text: str
    metrics: dict[str, float]
    latency_ms: float | None = None
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RankedRun:
    """A saved run. `config["command"]` names the measurement ("retrieval", "reading", "pages")."""

    config: dict[str, Any]
    rows: tuple[MeasuredQuery, ...]
    figures: dict[str, Any]

    @property
    def command(self) -> str:
        """The subcommand that measured it."""
        return str(self.config["command"])


def ranked_figures(rows: Sequence[MeasuredQuery]) -> dict[str, Any]:
    """Return `n`, each metric's mean and `<name>_se`, `p50_ms` and `p95_ms`.

    `n` counts the queries with any metric; a metric's mean is over the queries that have it. Without rows `n` is 0 and
    nothing else is there.
    """
    figures: dict[str, Any] = {"n": sum(bool(row.metrics) for row in rows)}
    for name in metric_names(rows):
        values = [row.metrics[name] for row in rows if name in row.metrics]
        figures |= {name: sum(values) / len(values), f"{name}_se": standard_error(values)}
    return figures | percentiles([row.latency_ms for row in rows if row.latency_ms is not None], 50, 95)


def metric_names(rows: Sequence[MeasuredQuery]) -> tuple[str, ...]:
    """Return the names of the metrics that any row has, in the order in which they first appear."""
    return tuple(dict.fromkeys(name for row in rows for name in row.metrics))


def load_ranked(folder: Path) -> RankedRun:
    """Return the run saved in `folder`; raises RunFolderError where it holds none that can be read."""
    config, rows, figures = read_folder(folder)
    try:
        return RankedRun(config | {"command": config["command"]}, tuple(map(_query_from_json, rows)), figures)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise unreadable_run_error(folder, error) from error


def _query_from_json(saved: dict[str, Any]) -> MeasuredQuery:
    row = MeasuredQuery(**saved)
    if not all(isfinite(value) for value in row.metrics.values()):
        raise ValueError(f"{row.id}: 数ではない値があります")
    return row
