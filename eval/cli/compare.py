"""`python -m eval compare`: compares two saved runs of the same subcommand."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from rich.console import Console

from eval.benchmarks.ranked.ranked_comparison import compare_ranked, ranked_comparison_json
from eval.benchmarks.ranked.ranked_run import load_ranked
from eval.cli.command import BELOW_QUALITY, DONE, Command, emit
from eval.cli.ranked_figures import show_ranked_comparison
from eval.cli.run import RUN, add_gate_option
from eval.cli.run_tables import show_comparison, show_shortfalls
from eval.errors import RunFolderError
from eval.runs.release_gate import find_shortfalls, gate_against_run, load_gate
from eval.runs.run_comparison import compare_runs, comparison_json
from eval.scoring.run_record import load_run
from eval.storage.run_folder import saved_command


def _arguments(command: ArgumentParser) -> None:
    command.add_argument("before", type=Path, metavar="前のRUN", help="前の評価の保存先")
    command.add_argument("after", type=Path, metavar="後のRUN", help="後の評価の保存先")
    add_gate_option(
        command, "後の評価が、前の評価を基準としてこの基準(既定: eval/gate.toml)を下回れば終了コード1で終わる"
    )


def _compare(options: Namespace) -> int:
    commands = saved_command(options.before), saved_command(options.after)
    if len(set(commands)) > 1:
        raise RunFolderError(
            f"{options.before} は {commands[0]}、{options.after} は {commands[1]} の評価です。"
            "同じ命令で測った評価を2つ指定してください。"
        )
    if RUN.name in commands:
        return _compare_cases(options)
    if options.gate:
        raise RunFolderError("--gate は、python -m eval run の評価を比べるときに使えます。--gate を外してください。")
    _compare_queries(options)
    return DONE


def _compare_cases(options: Namespace) -> int:
    before = load_run(options.before)
    after = load_run(options.after)
    gate = gate_against_run(load_gate(options.gate), before, after) if options.gate else None
    comparison = compare_runs(before, after)
    reasons = find_shortfalls(after, gate) if gate else ()
    if options.json:
        emit(comparison_json(comparison) | ({"shortfalls": list(reasons)} if gate else {}))
    else:
        console = Console()
        show_comparison(console, comparison)
        if gate:
            show_shortfalls(console, reasons)
    return BELOW_QUALITY if reasons else DONE


def _compare_queries(options: Namespace) -> None:
    comparison = compare_ranked(load_ranked(options.before), load_ranked(options.after))
    if options.json:
        emit(ranked_comparison_json(comparison))
    else:
        show_ranked_comparison(Console(), comparison)


COMPARE = Command("compare", "2回の評価を比べ、良くなった問いと悪くなった問いを示す", _arguments, _compare)
