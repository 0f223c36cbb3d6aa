"""The `Command` of each subcommand, and the output of its figures."""

import json
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from rich.console import Console

from eval.storage.provenance import describe_run
from eval.storage.run_folder import write_folder
from ingest.configuration.settings import Settings

DONE, SHORT, BAD_INPUT = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Command:
    """A subcommand: its name, a line of help in Japanese, its arguments and its function.

    `run` returns the exit status DONE or SHORT, and raises EvalError, IngestError or BotError for bad input. Every
    command has `--json`; `arguments` need not add it.
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
