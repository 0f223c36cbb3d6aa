"""Command line of `python -m eval`: one subcommand per kind of measurement."""

import argparse
import signal
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from itertools import chain

from bot.errors import BotError
from eval.command import BAD_INPUT, COMMANDS
from eval.errors import EvalError
from ingest.cli.command_line import JapaneseArgumentParser
from ingest.errors import IngestError

# The modules that declare the subcommands, in the order of the help.
_MODULES = {
    "eval.runs.run_execution": "run",
    "eval.runs.run_comparison": "compare",
    "eval.runs.golden": "golden",
    "eval.runs.release_gate": "accept",
    "eval.checks.case_problems": "check",
    "eval.report.html_report": "report",
    "eval.workbench.case_upload": "cases",
}
# Those of a checkout, which has lab/ beside eval/; no other module of eval knows it.
_LAB_MODULES = {
    "lab.benchmarks.search": "retrieval pages reading",
    "lab.benchmarks.reading_pages": "reading-pages",
    "lab.benchmarks.verification": "verification",
    "lab.benchmarks.speed": "speed",
}


def build_parser(wanted: str = "") -> argparse.ArgumentParser:
    """Return the command line with its help in Japanese: only the subcommand `wanted` if there is one, else all.

    Raises EvalError for a command of lab/ where that is missing.
    """
    is_checkout = find_spec("lab") is not None
    if not is_checkout and wanted in " ".join(_LAB_MODULES.values()).split():
        raise EvalError(
            f"「{wanted}」に要る lab/ がありません。git で取得したフォルダーの中で"
            f" `python -m eval {wanted}` を実行してください。"
        )
    known = {name: names.split() for name, names in (_MODULES | (_LAB_MODULES if is_checkout else {})).items()}
    modules = {module: names for module, names in known.items() if wanted in names} or known
    for module in modules:
        import_module(module)
    top = JapaneseArgumentParser(prog="python -m eval", description="回答の質を測ります。")
    commands = top.add_subparsers(required=True, metavar="命令")
    for name in chain(*modules.values()):
        COMMANDS[name](commands)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status: 0 done, 1 short of the asked quality, 2 wrong use or bad input."""
    given = sys.argv[1:] if arguments is None else arguments
    try:
        options = build_parser(next(iter(given), "")).parse_args(given)
        return int(options.handle(options))
    except (EvalError, IngestError, BotError) as error:
        sys.stderr.write(f"エラー: {error}\n")
        return BAD_INPUT


if __name__ == "__main__":
    # Who stops a command, as the workbench stops a run, leaves no open index, worker or temporary folder behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(BAD_INPUT))
    sys.exit(main())
