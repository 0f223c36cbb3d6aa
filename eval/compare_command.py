"""`python -m eval compare`: what got better and worse from one saved run to another."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from rich.console import Console

from eval.command import DONE, Command, emit
from eval.compare import compare, comparison_json
from eval.display import show_comparison
from eval.record import load_run


def _arguments(command: ArgumentParser) -> None:
    command.add_argument("before", type=Path, metavar="前のRUN", help="前の評価の保存先")
    command.add_argument("after", type=Path, metavar="後のRUN", help="後の評価の保存先")


def _compare(options: Namespace) -> int:
    comparison = compare(load_run(options.before), load_run(options.after))
    if options.json:
        emit(comparison_json(comparison))
    else:
        show_comparison(Console(), comparison)
    return DONE


COMPARE = Command("compare", "2回の評価を比べ、良くなった問いと悪くなった問いを示す", _arguments, _compare)
