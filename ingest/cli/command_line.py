"""Command lines in Japanese: a command is a decorated function that takes the settings, then its options by name."""

import argparse
import getpass
import json
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

if TYPE_CHECKING:
    from rich.console import Console

AddOption = Callable[[argparse.ArgumentParser], object]
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


def option(*names: str, **settings: Any) -> AddOption:
    """Return an option, with the arguments of `ArgumentParser.add_argument`."""
    return lambda parser: parser.add_argument(*names, **settings)


def path_option(name: str, metavar: str, help_text: str, **settings: Any) -> AddOption:
    """Return an option that is a path."""
    return option(name, type=Path, metavar=metavar, help=help_text, **settings)


def one_of(*options: AddOption) -> AddOption:
    """Return options of which only one may be given."""

    def add(parser: argparse.ArgumentParser) -> None:
        group: Any = parser.add_mutually_exclusive_group()
        for each in options:
            each(group)

    return add


def terminal_user() -> str:
    """Return the name of the terminal user, if the system knows it."""
    try:
        return f"{getpass.getuser()}（コマンド）"
    except (KeyError, OSError):  # accounts in containers may have no name
        return "コマンド"


def integer_between(minimum: int, maximum: int) -> Any:
    """Return a parser of integers from `minimum` to `maximum`."""

    def parse(text: str) -> int:
        if not re.fullmatch(r"\d{1,9}", text, re.ASCII) or not minimum <= int(text) <= maximum:
            raise argparse.ArgumentTypeError(f"「{text}」は使えません。{minimum}〜{maximum} の整数を指定してください。")
        return int(text)

    return parse


@dataclass(frozen=True, slots=True)
class Output:
    """What a command prints, and its exit status.

    Attributes:
        value: the JSON value of `--json`.
        human: what is printed without `--json`: a text, or by a function on the console.
    """

    value: Any
    human: "str | Callable[[Console], object]"
    status: int = 0


Command = TypeVar("Command", bound=Callable[..., Output | None])


class CommandLine:
    """The commands of one program; all have `--data`, and `--json` if they return an output."""

    def __init__(self, program: str, description: str) -> None:
        self.parser = JapaneseArgumentParser(prog=program, description=description)
        self._parsers = {"": self.parser}
        self._groups = {"": self._add_group(self.parser, "命令")}

    def _add_group(self, parser: JapaneseArgumentParser, name: str, *, required: bool = True) -> Any:
        return parser.add_subparsers(required=required, metavar=name, title=name, parser_class=JapaneseArgumentParser)

    def group(self, name: str, help_text: str = "") -> None:
        """Declare a command that has commands of its own; it is also a command if it was declared before."""
        is_new = name not in self._parsers
        if is_new:
            self._parsers[name] = self._groups[""].add_parser(name, help=help_text)
        self._groups[name] = self._add_group(self._parsers[name], "操作", required=is_new)

    def command(
        self, name: str, help_text: str, *options: AddOption, has_output: bool = True
    ) -> Callable[[Command], Command]:
        """Declare a function as the command `name`, after the name of its group if it is in one."""

        def declare(run: Command) -> Command:
            group, _, own_name = name.rpartition(" ")
            parser = self._parsers[name] = self._groups[group].add_parser(own_name, help=help_text)
            for add in options:
                add(parser)
            path_option("--data", "フォルダー", "索引と記録の置き場所（既定: SHIRUBE_DATA か var）")(parser)
            if has_output:
                parser.add_argument("--json", action="store_true", help="結果を JSON で標準出力に出す")
            parser.set_defaults(run=run)
            return run

        return declare

    def run(self, arguments: Sequence[str] | None) -> int:
        """Run the command of these arguments, print its output and return its exit status."""
        options = vars(self.parser.parse_args(arguments))
        run, data, is_json = options.pop("run"), options.pop("data"), options.pop("json", False)
        from ingest.configuration.environment import read_settings  # noqa: PLC0415 - `--help` needs no pydantic

        output: Output | None = run(read_settings(data=data), **options)
        if output is None:
            return 0
        if is_json:
            sys.stdout.write(json.dumps(output.value, ensure_ascii=False, indent=2, default=str) + "\n")
        elif isinstance(output.human, str):
            sys.stdout.write(output.human + "\n")
        else:
            from rich.console import Console  # noqa: PLC0415

            output.human(Console(highlight=False))
        sys.stdout.flush()
        return output.status
