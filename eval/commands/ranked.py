"""What a command does with the rows that it measured: the figures are saved where asked for, and shown."""

from argparse import Namespace
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console

from eval.commands.command import DONE, emit
from eval.display.ranked import show_figures
from eval.ranked.halves import by_half
from eval.ranked.rows import Measured, RankedRun, ranked_figures, save_ranked
from eval.runs.config import described
from ingest.settings import Settings


def report(
    options: Namespace,
    rows: Sequence[Measured],
    settings: Settings,
    about: Mapping[str, Any],
    counts: Mapping[str, int] | None = None,
) -> int:
    """Return the exit status. `about` tells what was measured, by `command` and its options; `counts` join the figures.

    `options` are those of the command line: half, out, json.
    """
    halves = {"halves": by_half(rows)} if options.half == "all" else {}
    figures = ranked_figures(rows) | dict(counts or {}) | halves
    if options.out:
        told = {name: value for name, value in about.items() if name != "command"}
        config = described(str(about["command"]), settings) | told | {"half": options.half}
        save_ranked(options.out, RankedRun(config, tuple(rows), figures))
    if options.json:
        emit(figures | ({"out": str(options.out)} if options.out else {}))
    else:
        show_figures(Console(), figures, options.out)
    return DONE
