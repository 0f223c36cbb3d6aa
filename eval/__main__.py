"""`python -m eval`: the regression set, its gate, and what changed between two runs."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from bot.errors import BotError
from eval.commands import BAD_INPUT, accept, compare_runs, run
from eval.errors import EvalError
from eval.gate import BASELINE
from ingest.arguments import Parser
from ingest.errors import IngestError


def parser() -> argparse.ArgumentParser:
    """Return the command line, with its help in Japanese."""
    top = Parser(prog="python -m eval", description="回答の質を測ります。")
    commands = top.add_subparsers(required=True, metavar="命令")
    _run(commands.add_parser("run", help="評価の問いに答えさせ、採点して保存する"))
    _compare(commands.add_parser("compare", help="2回の評価を比べ、良くなった問いと悪くなった問いを示す"))
    _accept(commands.add_parser("accept", help="保存した評価を、これからの基準にする"))
    for command in commands.choices.values():
        command.add_argument("--json", action="store_true", help="結果を JSON で標準出力に出す")
    return top


def _run(command: argparse.ArgumentParser) -> None:
    command.set_defaults(handle=run)
    command.add_argument(
        "--cases", type=Path, action="append", metavar="FILE", help="問いのファイル(既定: eval/cases/*.jsonl)"
    )
    subject = command.add_mutually_exclusive_group()
    subject.add_argument(
        "--corpus", type=Path, action="append", metavar="DIR", help="この文書の索引を一時的に作って測る(既定: corpus/)"
    )
    subject.add_argument("--data", type=Path, metavar="DIR", help="このフォルダーで使用中の索引を測る")
    subject.add_argument("--url", help="動いているサーバーを測る(例: http://127.0.0.1:8000)")
    command.add_argument("--out", type=Path, metavar="DIR", help="保存先(既定: var/eval/日時)")
    command.add_argument("--gate", type=Path, metavar="FILE", help="この基準を下回れば終了コード1で終わる")


def _compare(command: argparse.ArgumentParser) -> None:
    command.set_defaults(handle=compare_runs)
    command.add_argument("before", type=Path, metavar="前のRUN", help="前の評価の保存先")
    command.add_argument("after", type=Path, metavar="後のRUN", help="後の評価の保存先")


def _accept(command: argparse.ArgumentParser) -> None:
    command.set_defaults(handle=accept)
    command.add_argument("run", type=Path, metavar="RUN", help="評価の保存先")
    command.add_argument(
        "--gate", type=Path, metavar="FILE", default=BASELINE, help="基準のファイル(既定: eval/baseline.json)"
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status: 0 done, 1 short of the asked quality, 2 wrong use or bad input."""
    options = parser().parse_args(arguments)
    try:
        return int(options.handle(options))
    except (EvalError, IngestError, BotError) as error:
        sys.stderr.write(f"エラー: {error}\n")
        return BAD_INPUT


if __name__ == "__main__":
    sys.exit(main())
