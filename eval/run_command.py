"""`python -m eval run`: the regression cases, asked, scored, saved, and held against the gate."""

from argparse import ArgumentParser, Namespace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from rich.console import Console

from eval.command import DONE, SHORT, Command, emit
from eval.display import show_run, show_shortfalls
from eval.figures import figures
from eval.gate import load_baseline, shortfalls
from eval.record import Run, save_run
from eval.run_sets import ask_sets, choose
from ingest.settings import read_settings


def _arguments(command: ArgumentParser) -> None:
    asked = command.add_mutually_exclusive_group()
    asked.add_argument("--cases", type=Path, action="append", metavar="FILE", help="問いのファイル(*.jsonl)")
    asked.add_argument(
        "--set", action="append", metavar="NAME", help="質問集の名前(既定: すべて。eval/cases/README.md に一覧)"
    )
    subject = command.add_mutually_exclusive_group()
    subject.add_argument(
        "--corpus",
        type=Path,
        action="append",
        metavar="DIR",
        help="この文書の索引を一時的に作って測る(既定: 質問集ごとの文書。--cases では corpus/)",
    )
    subject.add_argument("--data", type=Path, metavar="DIR", help="このフォルダーで使用中の索引を測る")
    subject.add_argument("--url", help="動いているサーバーを測る(例: http://127.0.0.1:8000)")
    command.add_argument("--out", type=Path, metavar="DIR", help="保存先(既定: var/eval/日時)")
    command.add_argument("--gate", type=Path, metavar="FILE", help="この基準を下回れば終了コード1で終わる")


def _run(options: Namespace) -> int:
    """Ask, score, save and print; with a baseline, SHORT where the run falls behind it."""
    baseline = load_baseline(options.gate) if options.gate else None
    settings, started = read_settings(), datetime.now(UTC).astimezone()
    chosen, absent = choose(options, settings)
    rows, measured = ask_sets(options, settings, chosen)
    about = {"command": RUN.name, "version": version("shirube-rag"), "date": started.isoformat(timespec="seconds")}
    finished = Run(about | {"sets": measured, "skipped": list(absent)}, tuple(rows), figures(rows))
    out = options.out or settings.data / "eval" / started.strftime("%Y%m%d-%H%M%S")
    save_run(out, finished)
    reasons = shortfalls(finished, baseline) if baseline else ()
    if options.json:
        emit(finished.figures | {"out": str(out)} | ({"shortfalls": list(reasons)} if baseline else {}))
    else:
        console = Console()
        show_run(console, rows)
        console.print(f"\n保存先: {out}", highlight=False)
        if baseline:
            show_shortfalls(console, reasons)
    return SHORT if reasons else DONE


RUN = Command("run", "評価の問いに答えさせ、採点して保存する", _arguments, _run)
