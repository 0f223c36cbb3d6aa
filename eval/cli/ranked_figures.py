"""Saves and prints the figures of ranked queries: retrieval, pages, reading and follow-ups."""

from argparse import Namespace
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from eval.benchmarks.ranked.ranked_comparison import QueryChange, RankedComparison
from eval.benchmarks.ranked.ranked_run import MeasuredQuery, figures_by_half, ranked_figures
from eval.cli.command import report_measurement
from ingest.configuration.settings import Settings

# Changed queries to print, the most changed first; `--json` has all.
_MOST_PRINTED = 20
_HALVES = {"fit": "fit の半分", "judge": "judge の半分"}


def show_figures(console: Console, figures: Mapping[str, Any]) -> None:
    """Print figures, with a column for each half of the queries."""
    columns = {"すべて": figures} | {_HALVES[half]: own for half, own in figures.get("halves", {}).items()}
    table = Table("指標")
    for name in columns:
        table.add_column(name, justify="right")
    for name in figures:
        if name not in ("halves", "out") and not name.endswith("_se"):
            table.add_row(name, *(_cell(column, name) for column in columns.values()))
    console.print(table)


def show_ranked_comparison(console: Console, comparison: RankedComparison) -> None:
    """Print each metric with its difference, then the queries that got worse and better."""
    console.print(f"両方にある問い: {comparison.n}", highlight=False)
    table = Table("指標")
    for column in ("前", "後", "差", "差の95%区間", "p", "n"):
        table.add_column(column, justify="right")
    for name, metric in comparison.metrics.items():
        difference = metric.difference
        interval = f"{difference.low:+.3f} 〜 {difference.high:+.3f}"
        means = f"{metric.before:.3f}", f"{metric.after:.3f}", f"{difference.difference:+.3f}"
        table.add_row(name, *means, interval, f"{difference.p:.4f}", str(difference.n))
    console.print(table)
    _print_changes(console, "悪くなった問い", comparison.worse)
    _print_changes(console, "良くなった問い", comparison.better)
    _print_changes(console, "指標によって良くも悪くもなった問い", comparison.mixed)
    for title, rows in {"加わった問い": comparison.added, "無くなった問い": comparison.removed}.items():
        if rows:
            console.print(f"\n[bold]{title}: {len(rows)}[/]")


def _print_changes(console: Console, title: str, changes: Sequence[QueryChange]) -> None:
    console.print(f"\n[bold]{title}: {len(changes)}[/]")
    for change in changes[:_MOST_PRINTED]:
        console.print(f"  {escape(change.after.id)}: {escape(change.after.text)}", highlight=False)
        moved = (
            f"{n} {change.before.metrics[n]:.3f}→{change.after.metrics[n]:.3f}" for n, g in change.gains.items() if g
        )
        console.print(f"     {'、'.join(moved)}", highlight=False, soft_wrap=True)
    if len(changes) > _MOST_PRINTED:
        console.print(f"  ほかに {len(changes) - _MOST_PRINTED} 問(--json ですべて見られます)", highlight=False)


def _cell(figures: Mapping[str, Any], name: str) -> str:
    value = figures.get(name)
    if value is None:
        return ""
    if f"{name}_se" in figures:
        return f"{value:.3f} ±{figures[f'{name}_se']:.3f}"
    return f"{value:.1f}" if isinstance(value, float) else str(value)


def report_ranked(
    options: Namespace,
    command: str,
    settings: Settings,
    rows: Sequence[MeasuredQuery],
    inputs: Mapping[str, Any],
    *,
    counts: Mapping[str, int] | None = None,
) -> int:
    """Save and print the figures of ranked queries (`report_measurement`), together with `counts`.

    `options` has half, out and json.
    """
    halves = {"halves": figures_by_half(rows)} if options.half == "all" else {}
    figures = ranked_figures(rows) | dict(counts or {}) | halves
    return report_measurement(
        options,
        command,
        settings,
        figures,
        lambda console: show_figures(console, figures),
        rows=map(asdict, rows),
        inputs={**inputs, "half": options.half},
    )
