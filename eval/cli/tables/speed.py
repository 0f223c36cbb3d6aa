"""Prints speed and memory figures on a terminal."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

_BUILD = ("passages_per_s", "build_s", "build_rss_mb")
_SERVE = (
    "start_s",
    "rss_mb",
    "own_mb",
    "p50_ms",
    "p95_ms",
    "p99_ms",
    "qps_1",
    "qps_8",
    "answer_p50_ms",
    "answer_p95_ms",
)
_PAGES = ("pages", "read_pages_per_s", "pages_per_s", "rss_mb")
_CHAT = ("chat_p50_ms", "chat_p95_ms", "chat_max_ms")


def show_speed(console: Console, sizes: Sequence[Mapping[str, Any]], out: Path | None = None) -> None:
    """Print a table a size, the stock way and the ratio beside it where they were measured, and where it was saved."""
    for size in sizes:
        _show_size(console, size)
    if out:
        console.print(f"保存先: {out}", highlight=False, markup=False)


def show_chat(console: Console, figures: Mapping[str, Any], out: Path | None = None) -> None:
    """Print how long a server took for questions it had not been asked, in milliseconds, and where it was saved."""
    console.print(f"初めての問い {figures['chat_n']:.0f}", highlight=False)
    for name in _CHAT:
        console.print(f"{name}: {_cell(figures[name])}", highlight=False)
    if out:
        console.print(f"保存先: {out}", highlight=False, markup=False)


def show_building(console: Console, sizes: Sequence[Mapping[str, Any]], out: Path | None = None) -> None:
    """Print what builds took, in all and by stages, and where it was saved."""
    for size in sizes:
        counts = f"文書 {size['documents']:,}、箇所 {size['passages']:,}"
        console.print(f"\n[bold]{counts}[/]", highlight=False)
        table = Table("秒", *(name for name in ("build_s", "added_s") if name in size))
        table.add_row("全体", *(_cell(size[name]) for name in ("build_s", "added_s") if name in size))
        both = size["stages"] if "added_s" in size else {"build": size["stages"]}
        for stage in both["build"]:
            table.add_row(stage, *(_cell(seconds.get(stage)) for seconds in both.values()))
        console.print(table)
        for name in _PAGES:
            if name in size:
                console.print(f"{name}: {_cell(size[name])}", highlight=False)
    if out:
        console.print(f"保存先: {out}", highlight=False, markup=False)


def _show_size(console: Console, size: Mapping[str, Any]) -> None:
    passages, real = size["passages"], size["real"]
    made = f"、ほかに文を組み合わせたもの {passages - real:,}" if real < passages else ""
    about = f"実際の文章 {real:,}{made}。平均 {size['mean_chars']:.0f} 文字、問い {size['n']}"
    console.print(f"\n[bold]{passages:,} 箇所[/]({about})", highlight=False)
    table = Table("指標")
    stock = size.get("stock", {})
    columns = {"しるべ": size} | ({"LangChain": stock, "何倍速いか": size["ratio"]} if stock else {})
    for name in columns:
        table.add_column(name, justify="right")
    for name in (*_BUILD, *_SERVE, *(name for name in _CHAT if name in size)):
        table.add_row(name, *(_cell(figures.get(name)) for figures in columns.values()))
    console.print(table)
    if stock and stock["passages"] != passages:
        console.print(f"LangChain の側は {stock['passages']:,} 箇所だけで測っています。", highlight=False)


def _cell(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"  # noqa: PLR2004 -- three figures are read at a glance
