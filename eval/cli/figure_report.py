"""Saves and prints the figures of the retrieval, pages, reading and follow-ups commands."""

from argparse import Namespace
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console

from eval.benchmarks.ranked.halves import figures_by_half
from eval.benchmarks.ranked.ranked_run import MeasuredQuery, RankedRun, ranked_figures, save_ranked
from eval.cli.command import DONE, emit
from eval.cli.tables.ranked import show_figures
from eval.storage.config import describe_run
from ingest.configuration.settings import Settings


def report_figures(
    options: Namespace,
    rows: Sequence[MeasuredQuery],
    settings: Settings,
    about: Mapping[str, Any],
    counts: Mapping[str, int] | None = None,
) -> int:
    """Return the exit status. `about` tells what was measured, by `command` and its options; `counts` join the figures.

    `options` are those of the command line: half, out, json.
    """
    halves = {"halves": figures_by_half(rows)} if options.half == "all" else {}
    figures = ranked_figures(rows) | dict(counts or {}) | halves
    if options.out:
        told = {name: value for name, value in about.items() if name != "command"}
        config = describe_run(str(about["command"]), settings) | told | {"half": options.half}
        save_ranked(options.out, RankedRun(config, tuple(rows), figures))
    if options.json:
        emit(figures | ({"out": str(options.out)} if options.out else {}))
    else:
        show_figures(Console(), figures, options.out)
    return DONE
