"""Prints runs with different language models side by side on a terminal."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from eval.dataset.labels import STATUSES

Told = Mapping[str, Any]


def _rate(told: Told, name: str) -> str:
    return "-" if told[name] is None else f"{100 * told[name]:.1f}±{100 * told[f'{name}_se']:.1f}"


def _times(told: Told, name: str) -> str:
    return f"{told[f'{name}_p50_ms']:.0f} / {told[f'{name}_p95_ms']:.0f}" if f"{name}_p50_ms" in told else "-"


LINES: dict[str, Callable[[Told], str]] = {
    "合格": lambda told: f"{told['passed']}/{told['n']}",
    "合格の率(% ± 標準誤差)": lambda told: _rate(told, "rate"),
    "事実がすべて見える(%)": lambda told: _rate(told, "facts_shown"),
    "回答のしかた": lambda told: "\n".join(f"{STATUSES.get(name, name)} {n}" for name, n in told["statuses"].items()),
    "モデルが書いた回答": lambda told: str(told["written"]),
    "呼び出し(うち失敗)": lambda told: f"{told['calls']}({told['failed_calls']})",
    "止めた文(うち直った文)": lambda told: f"{told['stopped']}({told['mended']})",
    "トークン": lambda told: f"{told['tokens']:,}",
    "費用": lambda told: "-" if told["cost"] is None else f"{told['cost']:.4f}",
    "モデルの時間 p50 / p95(ミリ秒)": lambda told: _times(told, "model"),
    "ほかの時間 p50 / p95(ミリ秒)": lambda told: _times(told, "own"),
}
"""What is told of a model, line by line, by its name."""


def show_models(console: Console, models: Sequence[Told]) -> None:
    """Print what `side_by_side` tells of the models."""
    table = Table("", title="言語モデルごとの結果", title_justify="left")
    for told in models:
        table.add_column(escape(told["model"]), justify="right")
    for title, of_model in LINES.items():
        table.add_row(title, *map(of_model, models))
    console.print(table)
