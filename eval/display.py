"""Runs and comparisons as tables and lists to read on a terminal."""

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from eval.compare import Change, Comparison
from eval.figures import figures, pass_rate
from eval.pass_rate import PassRate
from eval.record import Row


def show_run(console: Console, rows: Sequence[Row]) -> None:
    """Print the figures by kind, then every failing case with question, answer and reasons."""
    now = figures(rows)
    table = Table("種類", title="合格した問い", title_justify="left")
    for column in ("合格", "問い", "率"):
        table.add_column(column, justify="right")
    for kind, tally in now["by_kind"].items():
        _add(table, kind, PassRate(tally["passed"], tally["n"]))
    table.add_section()
    for behave, name in {"answer": "答える問い", "abstain": "答えない問い", "clarify": "聞き返す問い"}.items():
        if tally := now["by_behave"].get(behave):
            _add(table, name, PassRate(tally["passed"], tally["n"]))
    table.add_section()
    total = pass_rate(rows)
    table.add_row("全体", str(total.passed), str(total.n), f"{total.rate:.1%} ±{total.se:.1%}")
    console.print(table)
    show_failures(console, [row for row in rows if not row.score.passed])


def show_failures(console: Console, rows: Iterable[Row]) -> None:
    """Print question, answer and reasons of each of `rows`; nothing where there are none."""
    for row in rows:
        console.print(f"\n[bold red]✗ {escape(row.case.id)}[/] ({escape(row.case.kind)})", highlight=False)
        console.print(f"  質問: {escape(' → '.join(row.case.turns))}", highlight=False)
        _answer(console, row, "回答")


def show_shortfalls(console: Console, reasons: Sequence[str]) -> None:
    """Print whether the gate is passed, and what keeps the run from it."""
    if not reasons:
        console.print("[green]基準を満たしています。[/]")
        return
    console.print("\n[bold red]基準を満たしていません。[/]")
    for reason in reasons:
        console.print(f"  - {escape(reason)}", highlight=False)


def show_comparison(console: Console, comparison: Comparison) -> None:
    """Print both rates, then the cases that got worse and better, then the names of the others that changed."""
    before, after = pass_rate(comparison.before.rows), pass_rate(comparison.after.rows)
    console.print(
        f"合格 {before.passed}/{before.n}({before.rate:.1%}) → {after.passed}/{after.n}({after.rate:.1%})",
        highlight=False,
    )
    _changes(console, "悪くなった問い", comparison.worse)
    _changes(console, "良くなった問い", comparison.better)
    _names(console, "結果は同じで回答の文が変わった問い", [c.after for c in comparison.reworded])
    _names(console, "加わった問い", comparison.added)
    _names(console, "無くなった問い", comparison.removed)


def _add(table: Table, name: str, rate: PassRate) -> None:
    table.add_row(escape(name), str(rate.passed), str(rate.n), f"{rate.rate:.0%}")


def _changes(console: Console, title: str, changes: Sequence[Change]) -> None:
    console.print(f"\n[bold]{title}: {len(changes)}[/]")
    for change in changes:
        console.print(
            f"  {escape(change.after.case.id)}: {escape(' → '.join(change.after.case.turns))}", highlight=False
        )
        _answer(console, change.before, "前")
        _answer(console, change.after, "後")


def _names(console: Console, title: str, rows: Sequence[Row]) -> None:
    if rows:
        console.print(f"\n[bold]{title}: {len(rows)}[/]")
        console.print(f"  {escape('、'.join(row.case.id for row in rows))}", highlight=False)


def _answer(console: Console, row: Row, name: str) -> None:
    said = f"[{row.answer['status']}] {row.answer['answer']}" if row.answer else "(なし)"
    console.print(f"  {name}: {escape(said)}", highlight=False)
    for reason in row.score.reasons:
        console.print(f"     [yellow]- {escape(reason)}[/]", highlight=False)
