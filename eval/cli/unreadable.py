"""`python -m eval unreadable`: measures which pages are called unreadable."""

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bot.cli.arguments import integer_between
from eval.benchmarks.reading.unreadable_pages import measure_unreadable_pages, read_page_texts
from eval.cli.command import Command, report_measurement
from ingest.configuration.environment import read_settings

_HALVES = {"fitted": "値を決めた文書", "held_out": "ほかの文書"}


def _arguments(command: ArgumentParser) -> None:
    command.add_argument("--pdfs", type=Path, required=True, metavar="DIR", help="文字のある PDF のフォルダー")
    command.add_argument(
        "--made",
        type=integer_between(1, 10**4),
        default=30,
        metavar="N",
        help="文字の対応を壊して作るページの数（壊し方ごと、半分ごと。既定: 30）",
    )
    command.add_argument("--out", type=Path, metavar="DIR", help="設定と数値の保存先")


def _unreadable(options: Namespace) -> int:
    figures = measure_unreadable_pages(read_page_texts(options.pdfs), options.made)
    return report_measurement(
        options,
        UNREADABLE.name,
        read_settings(),
        figures,
        lambda console: _show(console, figures),
        inputs={"pdfs": str(options.pdfs)},
    )


def _show(console: Console, figures: dict[str, Any]) -> None:
    table = Table("文書", "誤って読めないとしたページ", "見つけた壊れたページ")
    for name, half in figures.items():
        kinds = "\n".join(f"{kind} {counts['found']}/{counts['n']}" for kind, counts in half["made"].items())
        table.add_row(_HALVES[name], f"{half['wrong']}/{half['n']}", kinds)
    console.print(table)


UNREADABLE = Command(
    "unreadable",
    "読めるページを読めないとしないか、文字の対応の壊れたページを見つけるかを測る",
    _arguments,
    _unreadable,
)
