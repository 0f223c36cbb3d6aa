"""`python -m eval accept`: a saved run becomes the baseline of the gate."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from rich.console import Console

from eval.command import DONE, Command, emit
from eval.gate import BASELINE, baseline_of, save_baseline
from eval.record import load_run


def _arguments(command: ArgumentParser) -> None:
    command.add_argument("run", type=Path, metavar="RUN", help="評価の保存先")
    command.add_argument(
        "--gate", type=Path, metavar="FILE", default=BASELINE, help="基準のファイル(既定: eval/baseline.json)"
    )


def _accept(options: Namespace) -> int:
    baseline = baseline_of(load_run(options.run))
    save_baseline(options.gate, baseline)
    if options.json:
        emit({"n": baseline.n, "passed": baseline.passed, "gate": str(options.gate)})
    else:
        Console().print(f"基準にしました: 合格 {baseline.passed}/{baseline.n}({options.gate})", highlight=False)
    return DONE


ACCEPT = Command("accept", "保存した評価を、これからの基準にする", _arguments, _accept)
