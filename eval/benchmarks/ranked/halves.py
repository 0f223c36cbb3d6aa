"""Splits a question set by id into a half for fitting and a half for judging.

The half depends only on the first byte of the SHA-256 of the id in UTF-8: even is `fit`, odd is `judge`. So it is the
same on every machine and for every selection.
"""

from argparse import ArgumentParser
from collections.abc import Sequence
from hashlib import sha256
from typing import Any, Literal, get_args

from eval.benchmarks.ranked.ranked_run import MeasuredQuery, ranked_figures

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
