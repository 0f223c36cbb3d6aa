"""Prints how well PDF pages were read, and what was misread, on a terminal."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from eval.benchmarks.reading_pages.measure import FAULTS

_NAMES = {
    "cells_ruled": "罫線のある表のセル",
    "cells_unruled": "罫線のない表のセル",
    "chart_pairs": "図の項目と値",
    "order": "読む順",
    "headings": "見出し",
    "furniture": "柱・ページ番号を除いたもの",
}


def show_reading_pages(
    console: Console, figures: Mapping[str, Any], wrong: Mapping[str, Mapping[str, Sequence[str]]]
) -> None:
    """Print each rate with its standard error and count, then what is wrong on each page of `wrong`."""
    table = Table("指標")
    for column in ("正しい割合", "標準誤差", "件数", *FAULTS.values()):
        table.add_column(column, justify="right")
    for name in figures:
        if f"{name}_se" in figures:
            kind = f"読む順({name.removeprefix('order_')})" if name.startswith("order_") else name
            table.add_row(
                _NAMES.get(name, kind),
                f"{figures[name]:.3f}",
                f"{figures[f'{name}_se']:.3f}",
                str(figures[f"{name}_n"]),
                *(str(figures.get(f"{name}_{fault}", "")) for fault in FAULTS),
            )
    console.print(table)
    console.print(f"測ったページ: {figures['pages']}、測らなかったページ: {figures['skipped']}", highlight=False)
    for page, of_page in wrong.items():
        for name, texts in of_page.items():
            for text in texts:
                console.print(f"{page} {_NAMES.get(name, name)}: {text}", highlight=False, markup=False)
