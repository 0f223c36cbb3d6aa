"""`python -m eval accept`: makes a saved run the baseline of the gate."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from rich.console import Console

from eval.cli.command import DONE, Command, emit
from eval.runs.release_gate import BASELINE, Baseline, load_baseline, make_baseline, save_baseline
from eval.scoring.run_record import load_run


def _arguments(command: ArgumentParser) -> None:
    command.add_argument("run", type=Path, metavar="RUN", help="評価の保存先")
    command.add_argument(
        "--baseline", type=Path, metavar="FILE", default=BASELINE, help="基準のファイル(既定: eval/baseline.json)"
    )


def _accept(options: Namespace) -> int:
    run = load_run(options.run)
    previous_sets = load_baseline(options.baseline).sets if options.baseline.exists() else {}
    accepted = make_baseline(run)
    baseline = Baseline(sets=previous_sets | accepted.sets, latency=accepted.latency)
    save_baseline(options.baseline, baseline)
    n, passed = (sum(getattr(one, field) for one in baseline.sets.values()) for field in ("n", "passed"))
    if options.json:
        emit({"n": n, "passed": passed, "baseline": str(options.baseline)})
    else:
        Console().print(f"基準にしました: 合格 {passed}/{n}({options.baseline})", highlight=False)
    return DONE


ACCEPT = Command("accept", "保存した評価を、これからの基準にする", _arguments, _accept)
