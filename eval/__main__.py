"""`python -m eval`: the regression set, its gate, the public sets, and what changed between two runs."""

import argparse
import sys
from collections.abc import Sequence

from bot.errors import BotError
from eval.accept_command import ACCEPT
from eval.command import BAD_INPUT
from eval.compare_command import COMPARE
from eval.decision_command import DECISION
from eval.errors import EvalError
from eval.fit_command import FIT
from eval.guard_command import GUARD
from eval.pages_command import PAGES
from eval.reading_command import READING
from eval.retrieval_command import RETRIEVAL
from eval.run_command import RUN
from eval.spans_command import SPANS
from eval.speed_command import SPEED
from eval.verification_command import VERIFICATION
from ingest.arguments import Parser
from ingest.errors import IngestError

COMMANDS = (
    RUN,
    COMPARE,
    ACCEPT,
    RETRIEVAL,
    PAGES,
    READING,
    SPEED,
    FIT,
    DECISION,
    SPANS,
    GUARD,
    VERIFICATION,
)


def parser() -> argparse.ArgumentParser:
    """Return the command line, with its help in Japanese."""
    top = Parser(prog="python -m eval", description="回答の質を測ります。")
    commands = top.add_subparsers(required=True, metavar="命令")
    for command in COMMANDS:
        options = commands.add_parser(command.name, help=command.help)
        command.arguments(options)
        options.add_argument("--json", action="store_true", help="結果を JSON で標準出力に出す")
        options.set_defaults(handle=command.run)
    return top


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
