"""`python -m eval ablation`: measures how many cases pass without each ranking adjustment."""

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

from eval.cli.command import DONE, Command, emit
from eval.runs.adjustment_ablation import Ablation, measure_ablations, sum_over_sets
from eval.runs.options import RunOptions
from eval.storage.progress import progress_bar
from ingest.configuration.environment import read_settings


def _arguments(command: ArgumentParser) -> None:
    cases = command.add_mutually_exclusive_group()
    cases.add_argument("--set", action="append", default=[], metavar="NAME", help="質問集の名前(既定: すべて)")
    cases.add_argument(
        "--cases", type=Path, action="append", default=[], metavar="FILE", help="問いのファイル(*.jsonl)"
    )
    command.add_argument(
        "--corpus", type=Path, action="append", default=[], metavar="DIR", help="文書(既定: 質問集ごとの文書)"
    )


def _run(options: Namespace) -> int:
    chosen = RunOptions(sets=tuple(options.set), cases=tuple(options.cases), corpora=tuple(options.corpus))
    with progress_bar(1) as show_progress:
        ablations = measure_ablations(chosen, read_settings(), lambda doing: show_progress(doing, 0))
    if options.json:
        emit({"ablations": [asdict(ablation) for ablation in ablations]})
    else:
        Console().print(_table(ablations))
    return DONE


def _table(ablations: Sequence[Ablation]) -> Table:
    table = Table("規則", title="その規則を外したとき", title_justify="left")
    for column in (
        "質問集",
        "問い",
        "順位が\n変わる",
        "答えが\n変わる",
        "合格が\n増える",
        "減る",
        "率の差(% ± 標準誤差)",
    ):
        table.add_column(column, justify="right")
    for total in sum_over_sets(ablations):
        _add_row(table, total, total.adjustment, "全体")
        for ablation in ablations:
            if ablation.adjustment == total.adjustment and (ablation.gained or ablation.lost):
                _add_row(table, ablation, "", ablation.set)
        table.add_section()
    return table


def _add_row(table: Table, ablation: Ablation, name: str, set_name: str) -> None:
    difference = f"{ablation.difference.value * 100:+.2f} ± {ablation.difference.se * 100:.2f}"
    counts = (ablation.n, ablation.changed, ablation.answers, len(ablation.gained), len(ablation.lost))
    table.add_row(name, set_name, *map(str, counts), difference)


ABLATION = Command("ablation", "並べ替えの規則を1つずつ外して、合格する問いの増減を測る", _arguments, _run)
