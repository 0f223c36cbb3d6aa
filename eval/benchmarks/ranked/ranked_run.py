"""Rows and figures of a measured set, one row per query, how such a run is stored, and its halves.

`retrieval`, `reading`, `pages` and `follow-ups` use it, so that `compare` can compare two runs of one command.
"""

from argparse import ArgumentParser
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from math import isfinite
from pathlib import Path
from typing import Any, Literal, get_args

from eval.metrics.latency import percentiles
from eval.metrics.statistics import sample_figures
from eval.storage.run_folder import read_folder, unreadable_run_error


@dataclass(frozen=True, slots=True)
class MeasuredQuery:
    """One measured query.

    `metrics` are rates in 0-1 by the names of the figures ("recall@10", "hit@1", …); a metric is missing if it is
    undefined for the query. `latency_ms` is None if not measured. `details` is JSON for analysis: what was found and
    expected.
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
        """The subcommand that wrote it."""
        return str(self.config["command"])


def ranked_figures(rows: Sequence[MeasuredQuery]) -> dict[str, Any]:
    """Return `n`, each metric's mean and `<name>_se`, `p50_ms` and `p95_ms`.

    `n` counts the queries with any metric; a mean is over the queries that have the metric. Without rows there is only
    `n`, 0.
    """
    figures: dict[str, Any] = {"n": sum(bool(row.metrics) for row in rows)}
    for name in metric_names(rows):
        figures |= sample_figures(name, [row.metrics[name] for row in rows if name in row.metrics])
    return figures | percentiles([row.latency_ms for row in rows if row.latency_ms is not None], 50, 95)


def metric_names(rows: Sequence[MeasuredQuery]) -> tuple[str, ...]:
    """Return the names of all metrics in order of first occurrence."""
    return tuple(dict.fromkeys(name for row in rows for name in row.metrics))


def load_ranked(folder: Path) -> RankedRun:
    """Return the run in `folder`; raises RunFolderError if it cannot be read."""
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


# The half depends only on the first byte of the SHA-256 of the id in UTF-8: even is `fit`, odd is `judge`. So it is the
# same on every machine and for every selection of questions.
Half = Literal["fit", "judge"]
HALVES: tuple[Half, ...] = get_args(Half)


def add_half_option(command: ArgumentParser) -> None:
    """Add the option `--half`: fit, judge, or all (the figures of both halves, too)."""
    command.add_argument(
        "--half",
        choices=["all", *HALVES],
        default="all",
        metavar="HALF",
        help="fit(重みを決める半分)、judge(確かめる半分)、all(既定: すべてと、両方の半分)。問いの id で決まる",
    )


def half_for_id(query_id: str) -> Half:
    """Return the half of the question with this id."""
    return HALVES[sha256(query_id.encode()).digest()[0] % 2]


def figures_by_half(rows: Sequence[MeasuredQuery]) -> dict[str, dict[str, Any]]:
    """Return the figures of each half of `rows`."""
    return {half: ranked_figures([row for row in rows if half_for_id(row.id) == half]) for half in HALVES}
