"""An argparse parser with help and error messages in Japanese."""

import argparse
import re
import sys
from collections.abc import Iterable
from typing import Any, NoReturn

# Error messages of argparse (Python 3.11–3.13) and their translations.
_COMPLAINTS = (
    (r"the following arguments are required: (.+)", r"\1 を指定してください。"),
    (r"unrecognized arguments: (.+)", r"「\1」という指定はありません。"),
    (r"argument (.+): expected 2 arguments", r"\1 の後に値を二つ指定してください。"),
    (r"argument (.+): expected .*argument.*", r"\1 の後に値を指定してください。"),
    (r"argument (.+): invalid choice: '?(.*?)'? \(choose from (.+)\)", r"\1 に「\2」は使えません。使えるもの: \3"),
    (r"argument (.+): invalid \w+ value: '(.*)'", r"\1 に「\2」は使えません。"),
    (r"argument (.+): not allowed with argument (.+)", r"\1 と \2 は一緒に使えません。"),
    (r"ambiguous option: (.+?) .*", r"「\1」では、どの指定か決まりません。"),
    (r"argument (.+?): (.+)", r"\1: \2"),
)


class JapaneseArgumentParser(argparse.ArgumentParser):
    """An ArgumentParser with Japanese messages; exits with 2 on wrong use."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(add_help=False, formatter_class=_Help, allow_abbrev=False, **settings)
        self._positionals.title = "引数"
        self._optionals.title = "指定"
        self.add_argument("-h", "--help", action="help", help="この説明を出して終わる")

    def error(self, message: str) -> NoReturn:
        """Print the error and how to get help."""
        message = next(
            (match.expand(ours) for theirs, ours in _COMPLAINTS if (match := re.fullmatch(theirs, message))), message
        )
        sys.stderr.write(f"エラー: {message}\n使い方は {self.prog} --help で見られます。\n")
        self.exit(2)


class _Help(argparse.HelpFormatter):
    def add_usage(
        self,
        usage: str | None,
        actions: Iterable[argparse.Action],
        groups: Iterable[Any],
        prefix: str | None = "使い方: ",
    ) -> None:
        super().add_usage(usage, actions, groups, prefix)
