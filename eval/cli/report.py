"""`python -m eval report`: a saved run as one HTML file."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from rich.console import Console

from eval.cli.command import DONE, Command, emit
from eval.cli.run import RUN
from eval.errors import RunFolderError
from eval.report.contents import build_contents
from eval.report.html_report import LANGUAGES, render_report
from eval.report.past_runs import load_history, single_run_history
from eval.scoring.run_record import load_run
from eval.storage.run_folder import convert_write_errors, saved_command


def _arguments(command: ArgumentParser) -> None:
    command.add_argument("run", type=Path, metavar="RUN", help="評価の保存先")
    command.add_argument(
        "--history", type=Path, metavar="DIR", help="評価の保存先が並ぶフォルダー。同じ質問集の合格率の推移も載せる"
    )
    command.add_argument("--out", type=Path, metavar="FILE", help="書き出すファイル(既定: RUN/report.html)")
    command.add_argument("--lang", choices=LANGUAGES, default="ja", help="言葉(既定: ja)")


def _report(options: Namespace) -> int:
    if (saved := saved_command(options.run)) != RUN.name:
        raise RunFolderError(f"{options.run} は {saved} の評価です。python -m eval run の保存先を指定してください。")
    run = load_run(options.run)
    before = load_history(options.history, run) if options.history else single_run_history(run)
    html = render_report(build_contents(run, before), options.lang)
    out = options.out or options.run / "report.html"
    with convert_write_errors(out):
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(html, "utf-8")
    size = len(html.encode())
    if options.json:
        emit({"out": str(out), "bytes": size, "runs": len(before)})
    else:
        Console().print(f"書き出しました: {out}({size / 1024:,.0f} KB)", highlight=False)
    return DONE


REPORT = Command("report", "保存した評価を、図のある1つの HTML にまとめる", _arguments, _report)
