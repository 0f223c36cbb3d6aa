"""The `Command` of each subcommand, and how its figures are saved and printed."""

import json
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.table import Table

from eval.metrics.statistics import Mean
from eval.storage.provenance import describe_run
from eval.storage.run_folder import write_folder
from ingest.configuration.settings import Settings

# Exit statuses: done; done, but short of the asked quality; wrong use or bad input.
DONE = 0
BELOW_QUALITY = 1
BAD_INPUT = 2


@dataclass(frozen=True, slots=True)
class Command:
    """A subcommand.

    Attributes:
        name: its name on the command line.
        help: one line of help in Japanese.
        arguments: adds its arguments; `--json` is added to every command.
        run: returns the exit status DONE or BELOW_QUALITY; raises EvalError, IngestError or BotError for bad input.
    """

    name: str
    help: str
    arguments: Callable[[ArgumentParser], None]
    run: Callable[[Namespace], int]


def emit(value: dict[str, Any]) -> None:
    """Print one JSON value as the only output on stdout."""
    json.dump(value, sys.stdout, ensure_ascii=False)
    sys.stdout.write("\n")


def report_measurement(
    options: Namespace,
    command: str,
    settings: Settings,
    figures: dict[str, Any],
    show: Callable[[Console], None],
    *,
    rows: Iterable[dict[str, Any]] = (),
    inputs: Mapping[str, Any] | None = None,
) -> int:
    """Save figures and rows to `--out`, print the figures with `show` or as `--json`, and return DONE.

    `inputs` describe what was measured; they are stored in config.json with the settings.
    """
    if options.out:
        write_folder(options.out, describe_run(command, settings) | dict(inputs or {}), rows, figures)
    if options.json:
        emit(figures | ({"out": str(options.out)} if options.out else {}))
        return DONE
    console = Console()
    show(console)
    if options.out:
        console.print(f"保存先: {options.out}", highlight=False, markup=False)
    return DONE


def means_json(means: Mapping[str, Mean]) -> dict[str, Any]:
    """Return the means over at least one row as `{name: {"value", "se", "n"}}`."""
    return {name: {"value": mean.value, "se": mean.se, "n": mean.n} for name, mean in means.items() if mean.n}


def show_means(console: Console, means: Mapping[str, Mean], titles: Mapping[str, str]) -> None:
    """Print a line for each mean over at least one row, under its title."""
    for name, mean in means.items():
        if mean.n:
            console.print(f"{titles[name]}: {mean.value:.3f}(標準誤差 {mean.se:.3f}、{mean.n}件)", highlight=False)


def figure_table(labels: Sequence[str], figures: Iterable[str], **options: Any) -> Table:
    """Return a table without rows: columns of text under `labels`, then columns of `figures`, aligned right."""
    table = Table(*labels, title_justify="left", **options)
    for figure in figures:
        table.add_column(figure, justify="right")
    return table


def share_cell(figures: Mapping[str, Any], name: str) -> str:
    """Return the share `name` (0-1) in percent with its standard error; "" without it."""
    return f"{figures[name]:.1%} ±{figures[f'{name}_se']:.1%}" if name in figures else ""
