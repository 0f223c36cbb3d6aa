"""Command line of `python -m eval`: one subcommand per kind of measurement."""

import argparse
import sys
from collections.abc import Sequence

from bot.errors import BotError
from eval.cli.ablation import ABLATION
from eval.cli.accept import ACCEPT
from eval.cli.amendments import AMENDMENTS
from eval.cli.check import CHECK
from eval.cli.command import BAD_INPUT
from eval.cli.compare import COMPARE
from eval.cli.dictionary import DICTIONARY
from eval.cli.easy import EASY
from eval.cli.fit import FIT
from eval.cli.follow_ups import FOLLOW_UPS
from eval.cli.golden import GOLDEN
from eval.cli.guard import GUARD
from eval.cli.judge import JUDGE
from eval.cli.manifest import MANIFEST
from eval.cli.pages import PAGES
from eval.cli.prompts import PROMPTS
from eval.cli.reader import READER
from eval.cli.reading import READING
from eval.cli.reading_pages import READING_PAGES
from eval.cli.reading_scans import READING_SCANS
from eval.cli.replay import REPLAY
from eval.cli.report import REPORT
from eval.cli.retrieval import RETRIEVAL
from eval.cli.run import RUN
from eval.cli.scenarios import SCENARIOS
from eval.cli.speed import SPEED
from eval.cli.subjects import SUBJECTS
from eval.cli.unreadable import UNREADABLE
from eval.cli.verification import VERIFICATION
from eval.errors import EvalError
from ingest.cli.arguments import JapaneseArgumentParser
from ingest.errors import IngestError

COMMANDS = (
    CHECK,
    RUN,
    ABLATION,
    COMPARE,
    GOLDEN,
    REPORT,
    ACCEPT,
    JUDGE,
    RETRIEVAL,
    PAGES,
    MANIFEST,
    READING_PAGES,
    READING,
    READING_SCANS,
    UNREADABLE,
    READER,
    FOLLOW_UPS,
    SPEED,
    EASY,
    FIT,
    GUARD,
    VERIFICATION,
    SUBJECTS,
    SCENARIOS,
    AMENDMENTS,
    DICTIONARY,
    PROMPTS,
    REPLAY,
)


def build_parser() -> argparse.ArgumentParser:
    """Return the command line, with its help in Japanese."""
    top = JapaneseArgumentParser(prog="python -m eval", description="回答の質を測ります。")
    commands = top.add_subparsers(required=True, metavar="命令")
    for command in COMMANDS:
        options = commands.add_parser(command.name, help=command.help)
        command.arguments(options)
        options.add_argument("--json", action="store_true", help="結果を JSON で標準出力に出す")
        options.set_defaults(handle=command.run)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status: 0 done, 1 short of the asked quality, 2 wrong use or bad input."""
    options = build_parser().parse_args(arguments)
    try:
        return int(options.handle(options))
    except (EvalError, IngestError, BotError) as error:
        sys.stderr.write(f"エラー: {error}\n")
        return BAD_INPUT
    except ModuleNotFoundError as error:
        if not (error.name or "").startswith("eval.training"):
            raise
        sys.stderr.write("エラー: 同梱のモデルの学習は、git で取得したフォルダーで実行してください。\n")
        return BAD_INPUT


if __name__ == "__main__":
    sys.exit(main())
