"""`python -m eval compare`: what got better and worse from one saved run to another of the same command."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from rich.console import Console

from eval.command import DONE, Command, emit
from eval.compare import compare, comparison_json
from eval.compare_ranked import compare_ranked, ranked_comparison_json
from eval.display import show_comparison
from eval.display_ranked import show_ranked_comparison
from eval.errors import RunFolderError
from eval.folder import command_of
from eval.ranked import load_ranked
from eval.record import load_run
from eval.run_command import RUN


def _arguments(command: ArgumentParser) -> None:
    command.add_argument("before", type=Path, metavar="前のRUN", help="前の評価の保存先")
    command.add_argument("after", type=Path, metavar="後のRUN", help="後の評価の保存先")


def _compare(options: Namespace) -> int:
    commands = command_of(options.before), command_of(options.after)
    if len(set(commands)) > 1:
        raise RunFolderError(
            f"{options.before} は {commands[0]}、{options.after} は {commands[1]} の評価です。"
            "同じ命令で測った評価を2つ指定してください。"
        )
    if RUN.name in commands:
        _compare_cases(options)
    else:
        _compare_queries(options)
    return DONE


def _compare_cases(options: Namespace) -> None:
    comparison = compare(load_run(options.before), load_run(options.after))
    if options.json:
        emit(comparison_json(comparison))
    else:
        show_comparison(Console(), comparison)


def _compare_queries(options: Namespace) -> None:
    comparison = compare_ranked(load_ranked(options.before), load_ranked(options.after))
    if options.json:
        emit(ranked_comparison_json(comparison))
    else:
        show_ranked_comparison(Console(), comparison)


COMPARE = Command("compare", "2回の評価を比べ、良くなった問いと悪くなった問いを示す", _arguments, _compare)
