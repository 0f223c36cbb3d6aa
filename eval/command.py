"""The subcommands of `python -m eval`: how they are declared, and how a measurement is saved and printed."""

import json
import sys
from argparse import ArgumentTypeError, Namespace
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from eval.storage.provenance import describe_run
from eval.storage.run_folder import write_folder
from ingest.cli.command_line import AddOption, option, path_option
from ingest.configuration.environment import read_settings

# Exit statuses: done; done, but short of the asked quality; wrong use or bad input.
DONE = 0
BELOW_QUALITY = 1
BAD_INPUT = 2


@dataclass(frozen=True, slots=True)
class Measurement:
    """What a command measured.

    Attributes:
        figures: values by name, each with `<name>_se` and `<name>_n` if known; a dict of such dicts has one entry for
            each group, such as a kind.
        rows: one JSON object for each question, for rows.jsonl.
        inputs: what was measured, for config.json.
        titles: Japanese titles of figures and groups, where their names are not enough.
        details: prints more before the figures.
        show: prints the result instead of the figures.
        shortfalls: in Japanese, how the figures miss what was asked of them; the command then exits with BELOW_QUALITY.
            None where nothing was asked.
    """

    figures: dict[str, Any]
    rows: Iterable[dict[str, Any]] | None = None
    inputs: Mapping[str, Any] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)
    details: Callable[[Console], object] = lambda _console: None
    show: Callable[[Console], object] | None = None
    shortfalls: Sequence[str] | None = None


Add = Callable[[Any], None]
COMMANDS: dict[str, Add] = {}
"""What adds each imported subcommand to the subparsers of the command line."""


def command(
    name: str, help_text: str, *options: AddOption
) -> Callable[[Callable[[Namespace], Measurement]], Callable[[Namespace], Measurement]]:
    """Declare a function as a subcommand with `--json`; it raises EvalError, IngestError or BotError."""

    def declare(run: Callable[[Namespace], Measurement]) -> Callable[[Namespace], Measurement]:
        def add_to(commands: Any) -> None:
            parser = commands.add_parser(name, help=help_text)
            for add in options:
                add(parser)
            parser.add_argument("--json", action="store_true", help="結果を JSON で標準出力に出す")
            parser.set_defaults(handle=lambda given: _save_and_show(name, run(given), given))

        COMMANDS[name] = add_to
        return run

    return declare


def _save_and_show(name: str, result: Measurement, options: Namespace) -> int:
    status = BELOW_QUALITY if result.shortfalls else DONE
    out = {"out": str(options.out)} if result.rows is not None and options.out else {}
    if result.rows is not None and options.out:
        config = describe_run(name, read_settings()) | dict(result.inputs)
        write_folder(options.out, config, result.rows, result.figures)
    if options.json:
        shortfalls = {} if result.shortfalls is None else {"shortfalls": list(result.shortfalls)}
        json.dump(result.figures | out | shortfalls, sys.stdout, ensure_ascii=False)
        sys.stdout.write("\n")
        return status
    console = Console(highlight=False)
    result.details(console)
    if result.show:
        result.show(console)
    else:
        show_figures(console, result.figures, result.titles)
    if out:
        console.print(f"保存先: {options.out}", markup=False)
    if result.shortfalls is not None:
        console.print("[bold red]基準を満たしていません。[/]" if result.shortfalls else "基準を満たしています。")
    for reason in result.shortfalls or ():
        console.print(f"  - {reason}", markup=False)
    return status


def paths_option(name: str, metavar: str, help_text: str, **settings: Any) -> AddOption:
    """Return an option with one or more paths."""
    given = {"default": [], **settings}
    return option(name, type=Path, action="extend", nargs="+", metavar=metavar, help=help_text, **given)


def _parse_adjustments(text: str) -> tuple[str, ...]:
    from bot.answering.relevance.adjustments import NAMES  # noqa: PLC0415 -- half a second that other commands need not pay

    names = tuple(name.strip() for name in text.split(","))
    if unknown := [name for name in names if name not in NAMES]:
        raise ArgumentTypeError(
            f"「{'」「'.join(unknown)}」という規則はありません。次から選んでください: {', '.join(NAMES)}"
        )
    return names


WITHOUT = option(
    "--without",
    type=_parse_adjustments,
    default=(),
    metavar="NAME[,NAME]",
    help="この並べ替えの規則を使わずに測る(名前は docs/evaluation.md の表にある)",
)
OUT = path_option("--out", "DIR", "設定・1件ごとの結果・数値の保存先")


def figure_table(labels: Iterable[str], columns: Iterable[str], **settings: Any) -> Table:
    """Return a table without rows: columns of text under `labels`, then columns aligned right."""
    table = Table(*labels, title_justify="left", **settings)
    for column in columns:
        table.add_column(column, justify="right")
    return table


def show_figures(console: Console, figures: Mapping[str, Any], titles: Mapping[str, str] = {}) -> None:
    """Print figures with standard error and number, then a table for each group of figures."""
    groups = {name: value for name, value in figures.items() if isinstance(value, dict)}
    single = {name: value for name, value in figures.items() if name not in groups and not isinstance(value, list)}
    table = figure_table(["指標"], ["値", "件数"])
    for name in _names(single):
        table.add_row(titles.get(name, name), *_cells(single, name))
    if table.row_count:
        console.print(table)
    for group, entries in groups.items():
        if not all(isinstance(entry, dict) for entry in entries.values()):
            console.print(titles.get(group, group))
            show_figures(console, entries, titles)
            continue
        columns = list(dict.fromkeys(name for entry in entries.values() for name in _names(entry)))
        table = figure_table([""], (titles.get(name, name) for name in columns), title=titles.get(group, group))
        for name, entry in entries.items():
            table.add_row(titles.get(name, name), *(" / ".join(filter(None, _cells(entry, one))) for one in columns))
        console.print(table)


def _names(figures: Mapping[str, Any]) -> list[str]:
    further = {f"{name}{ending}" for name in figures for ending in ("_se", "_n")}
    return [name for name, value in figures.items() if name not in further and not isinstance(value, list)]


def _cells(figures: Mapping[str, Any], name: str) -> tuple[str, str]:
    value, se, n = (figures.get(f"{name}{ending}") for ending in ("", "_se", "_n"))
    text = "" if value is None else f"{value:,.3f}" if isinstance(value, float) else str(value)
    return text + (f" ±{se:.3f}" if se is not None else ""), "" if n is None else f"n {n}"
