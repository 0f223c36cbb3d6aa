"""The `Command` record that each module of a subcommand defines, and JSON output."""

import json
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

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
