"""Command line of `python -m eval`: one subcommand per kind of measurement."""

import argparse
import sys
from collections.abc import Sequence

from bot.errors import BotError
from eval.commands.accept import ACCEPT
from eval.commands.check import CHECK
from eval.commands.command import BAD_INPUT
from eval.commands.compare import COMPARE
from eval.commands.easy import EASY
from eval.commands.fit import FIT
from eval.commands.follow_ups import FOLLOW_UPS
from eval.commands.golden import GOLDEN
from eval.commands.guard import GUARD
from eval.commands.judge import JUDGE
from eval.commands.manifest import MANIFEST
from eval.commands.pages import PAGES
from eval.commands.reader import READER
from eval.commands.reading import READING
from eval.commands.reading_pages import READING_PAGES
from eval.commands.reading_scans import READING_SCANS
from eval.commands.report import REPORT
from eval.commands.retrieval import RETRIEVAL
from eval.commands.run import RUN
from eval.commands.speed import SPEED
from eval.commands.verification import VERIFICATION
from eval.errors import EvalError
from ingest.arguments import JapaneseArgumentParser
from ingest.errors import IngestError

COMMANDS = (
    CHECK,
    RUN,
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
    READER,
    FOLLOW_UPS,
    SPEED,
    EASY,
    FIT,
    GUARD,
    VERIFICATION,
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


if __name__ == "__main__":
    sys.exit(main())
