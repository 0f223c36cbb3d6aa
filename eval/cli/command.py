"""The `Command` record that each module of a subcommand defines, and how it reports its figures."""

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
    """A subcommand: its name, a line of help in Japanese, its arguments, and what it does.

    `run` returns the exit status, DONE or SHORT, and raises EvalError, IngestError or BotError for bad input. `--json`
    need not be declared: every command has it.
    """

    name: str
    help: str
    arguments: Callable[[ArgumentParser], None]
    run: Callable[[Namespace], int]


def emit(value: dict[str, Any]) -> None:
    """Print one JSON value on stdout, which holds nothing else then."""
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
    """Save the figures of a measurement with its rows to `--out`, print them (`show`, or as `--json`), return DONE.

    `inputs` are what was measured; config.json keeps them with the settings.
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
