"""Prints the figures of the guard on a terminal."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from eval.benchmarks.guardrails.guard_set import GuardResult

_COLUMNS = {
    "stopped": "止めた",
    "held": "答えなかった",
    "masked": "伏せた",
    "wrongly_stopped": "誤って止めた",
    "wrongly_masked": "誤って伏せた",
}


def show_guard(console: Console, figures: Mapping[str, Any], wrong: Sequence[GuardResult]) -> None:
    """Print the shares by what the texts are about, of all, and of each harmless file; then each wrong end."""
    table = Table("内容", "止める", "通す", title="攻撃と無害な問い", title_justify="left")
    for name in _COLUMNS.values():
        table.add_column(name, justify="right")
    for about, share in figures["by_about"].items():
        _add_shares(table, about, share)
    table.add_section()
    _add_shares(table, "全体", figures)
    for file, share in figures["harmless"].items():
        _add_shares(table, file, share)
    console.print(table)
    for row in wrong:
        console.print(f"  {_outcome_label(row)}: {escape(row.text)}", highlight=False)


def _outcome_label(row: GuardResult) -> str:
    if row.label == "ok":
        return "誤って止めた" if row.stopped else "誤って伏せた"
    return f"止めなかった({row.status})"


def _add_shares(table: Table, name: str, share: Mapping[str, Any]) -> None:
    cells = (f"{share[k]:.1%} ±{share[f'{k}_se']:.1%}" if k in share else "" for k in _COLUMNS)
    table.add_row(escape(name), str(share["n_ng"]), str(share["n_ok"]), *cells)
