"""`python -m eval accept`: a saved run becomes the baseline of the gate."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from rich.console import Console

from eval.command import DONE, Command, emit
from eval.gate import BASELINE, Baseline, baseline_of, load_baseline, save_baseline
from eval.record import load_run


def _arguments(command: ArgumentParser) -> None:
    command.add_argument("run", type=Path, metavar="RUN", help="評価の保存先")
    command.add_argument(
        "--gate", type=Path, metavar="FILE", default=BASELINE, help="基準のファイル(既定: eval/baseline.json)"
    )


def _accept(options: Namespace) -> int:
    """Save the baseline of the run; a set that the run skipped keeps the one it has."""
    run = load_run(options.run)
    kept = load_baseline(options.gate).sets if run.config.get("skipped") and options.gate.exists() else {}
    skipped = {name: of for name, of in kept.items() if name in run.config["skipped"]}
    baseline = Baseline(sets=skipped | baseline_of(run).sets)
    save_baseline(options.gate, baseline)
    n, passed = (sum(getattr(of, field) for of in baseline.sets.values()) for field in ("n", "passed"))
    if options.json:
        emit({"n": n, "passed": passed, "gate": str(options.gate)})
    else:
        Console().print(f"基準にしました: 合格 {passed}/{n}({options.gate})", highlight=False)
    return DONE


ACCEPT = Command("accept", "保存した評価を、これからの基準にする", _arguments, _accept)
