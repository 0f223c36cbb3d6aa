"""The option `--gate` of the commands that compare a run with the release gate."""

from argparse import ArgumentParser
from pathlib import Path

from eval.runs.gate import GATE


def add_gate_option(command: ArgumentParser, told: str) -> None:
    """Add `--gate [FILE]`, the project's own gate where no file is named; `told` is its line of help."""
    command.add_argument("--gate", type=Path, nargs="?", const=GATE, metavar="FILE", help=told)
