"""Measured sets as tables to read on a terminal."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

_HALVES = {"fit": "fit の半分", "judge": "judge の半分"}


def show_figures(console: Console, figures: Mapping[str, Any], out: Path | None = None) -> None:
    """Print the figures of a run, those of its halves beside them where it has them, and where it was saved."""
    columns = {"すべて": figures} | {_HALVES[half]: told for half, told in figures.get("halves", {}).items()}
    table = Table("指標")
    for name in columns:
        table.add_column(name, justify="right")
    for name in figures:
        if name not in ("halves", "out") and not name.endswith("_se"):
            table.add_row(name, *(_cell(told, name) for told in columns.values()))
    console.print(table)
    if out:
        console.print(f"保存先: {out}", highlight=False, markup=False)


def _cell(figures: Mapping[str, Any], name: str) -> str:
    value = figures.get(name)
    if value is None:
        return ""
    if f"{name}_se" in figures:
        return f"{value:.3f} ±{figures[f'{name}_se']:.3f}"
    return f"{value:.1f}" if isinstance(value, float) else str(value)
