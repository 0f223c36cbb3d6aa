"""Prints runs with different language models side by side on a terminal."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from eval.dataset.case_labels import STATUS_LABELS

Figures = Mapping[str, Any]


def _rate(figures: Figures, name: str) -> str:
    return "-" if figures[name] is None else f"{100 * figures[name]:.1f}±{100 * figures[f'{name}_se']:.1f}"


def _times(figures: Figures, name: str) -> str:
    return f"{figures[f'{name}_p50_ms']:.0f} / {figures[f'{name}_p95_ms']:.0f}" if f"{name}_p50_ms" in figures else "-"


LINES: dict[str, Callable[[Figures], str]] = {
    "合格": lambda figures: f"{figures['passed']}/{figures['n']}",
    "合格の率(% ± 標準誤差)": lambda figures: _rate(figures, "rate"),
    "事実がすべて見える(%)": lambda figures: _rate(figures, "facts_shown"),
    "回答のしかた": lambda figures: "\n".join(
        f"{STATUS_LABELS.get(name, name)} {n}" for name, n in figures["statuses"].items()
    ),
    "モデルが書いた回答": lambda figures: str(figures["written"]),
    "呼び出し(うち失敗)": lambda figures: f"{figures['calls']}({figures['failed_calls']})",
    "止めた文": lambda figures: str(figures["stopped"]),
    "トークン": lambda figures: f"{figures['tokens']:,}",
    "費用": lambda figures: "-" if figures["cost"] is None else f"{figures['cost']:.4f}",
    "モデルの時間 p50 / p95(ミリ秒)": lambda figures: _times(figures, "model"),
    "ほかの時間 p50 / p95(ミリ秒)": lambda figures: _times(figures, "own"),
}
"""The rows of the table: title and cell text of a model."""


def show_models(console: Console, models: Sequence[Figures]) -> None:
    """Print the figures of several models as a table."""
    table = Table("", title="言語モデルごとの結果", title_justify="left")
    for figures in models:
        table.add_column(escape(figures["model"]), justify="right")
    for title, of_model in LINES.items():
        table.add_row(title, *map(of_model, models))
    console.print(table)
