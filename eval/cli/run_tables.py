"""Prints regression runs and their comparisons on a terminal."""

from collections.abc import Iterable, Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from eval.metrics.latency import latency
from eval.metrics.registry import BY_NAME, METRICS, Metric
from eval.metrics.statistics import Mean, PassRate
from eval.runs.run_comparison import (
    CaseChange,
    PassDifference,
    RowPair,
    RunComparison,
    compare_metrics,
    compare_passes,
    compare_passes_by,
)
from eval.runs.run_figures import group_rows, pass_rate
from eval.scoring.run_record import RunRow

_BY = {"kind": "種類", "set": "質問集", "tag": "タグ"}


def show_run_difference(console: Console, pairs: Sequence[RowPair]) -> None:
    """Print cases gained and lost, overall and by kind, set and tag, then the metrics that changed."""
    table = Table(title="両方にある問い", title_justify="left")
    table.add_column("")
    for column in ("問い", "前", "後", "得た", "落とした", "p(McNemar)"):
        table.add_column(column, justify="right")
    _add_difference(table, "全体", compare_passes(pairs))
    for by, title in _BY.items():
        table.add_section()
        for name, difference in compare_passes_by(pairs, by).items():
            if difference.gained or difference.lost:
                _add_difference(table, f"{title}: {name}", difference)
    console.print(table)
    _show_metrics(console, pairs)


def _add_difference(table: Table, name: str, passes: PassDifference) -> None:
    counts = passes.n, passes.before, passes.after, passes.gained, passes.lost
    table.add_row(escape(name), *map(str, counts), f"{passes.p:.3f}")


def _show_metrics(console: Console, pairs: Sequence[RowPair]) -> None:
    changed = [metric for metric in compare_metrics(pairs) if metric.difference.difference]
    if not changed:
        return
    table = Table(title="変わった指標(差の95%区間と p は対応のあるブートストラップ)", title_justify="left")
    table.add_column("指標")
    for column in ("前", "後", "差", "95%区間", "p", "n"):
        table.add_column(column, justify="right")
    for one in changed:
        difference = one.difference
        means = f"{one.before:.3f}", f"{one.after:.3f}", f"{difference.difference:+.3f}"
        interval = f"{difference.low:+.3f} 〜 {difference.high:+.3f}"
        table.add_row(one.metric.title, *means, interval, f"{difference.p:.4f}", str(difference.n))
    console.print(table)


# The rates that fit beside each other on 80 columns; the table below has all metrics.
_MAIN_RATES = {
    "answered_right": "正答",
    "declined_where_due": "正しく\n不回答",
    "wrongly_declined": "誤って\n不回答",
    "from_superseded": "前の計画\nで回答",
    "citations_right": "出典が\n正しい",
}


def show_run(console: Console, rows: Sequence[RunRow]) -> None:
    """Print the figures by kind and set, then every failing case with question, answer and reasons."""
    console.print(_pass_rate_table(rows))
    console.print(_set_table(rows))
    console.print(_metric_table(rows))
    show_failures(console, [row for row in rows if not row.score.passed])


def _pass_rate_table(rows: Sequence[RunRow]) -> Table:
    table = Table("種類", title="合格した問い", title_justify="left")
    for column in ("合格", "問い", "率(% ± 標準誤差)"):
        table.add_column(column, justify="right")
    for kind, group in group_rows(rows, [row.case.kind for row in rows]).items():
        _add_pass_rate(table, kind, group)
    table.add_section()
    behaves = group_rows(rows, [row.case.behave for row in rows])
    for behave, name in {"answer": "答える問い", "abstain": "答えない問い", "clarify": "聞き返す問い"}.items():
        if behave in behaves:
            _add_pass_rate(table, name, behaves[behave])
    table.add_section()
    _add_pass_rate(table, "全体", rows)
    return table


def _set_table(rows: Sequence[RunRow]) -> Table:
    table = Table(title="質問集ごとの率(% ± 標準誤差)", title_justify="left", box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    table.add_column("質問集", no_wrap=True)
    for column in ("合格", *_MAIN_RATES.values()):
        table.add_column(column, justify="right")
    for name, group in group_rows(rows, [row.set for row in rows]).items():
        _add_rates(table, name, group)
    table.add_section()
    _add_rates(table, "全体", rows)
    return table


def show_failures(console: Console, rows: Iterable[RunRow]) -> None:
    """Print question, answer and reasons of each row."""
    for row in rows:
        console.print(
            f"\n[bold red]✗ {escape(row.case.id)}[/] ({escape(row.set)}, {escape(row.case.kind)})", highlight=False
        )
        console.print(f"  質問: {escape(' → '.join(row.case.turns))}", highlight=False)
        _print_answer(console, row, "回答")


def show_shortfalls(console: Console, reasons: Sequence[str]) -> None:
    """Print whether the gate is passed, and the reasons if not."""
    if not reasons:
        console.print("[green]基準を満たしています。[/]")
        return
    console.print("\n[bold red]基準を満たしていません。[/]")
    for reason in reasons:
        console.print(f"  - {escape(reason)}", highlight=False)


def show_comparison(console: Console, comparison: RunComparison) -> None:
    """Print both rates, the cases that got worse and better, and the ids of other changed cases."""
    before = pass_rate(comparison.before.rows)
    after = pass_rate(comparison.after.rows)
    console.print(
        f"合格 {before.passed}/{before.n}({before.rate:.1%}) → {after.passed}/{after.n}({after.rate:.1%})",
        highlight=False,
    )
    show_run_difference(console, comparison.pairs)
    _print_changes(console, "悪くなった問い", comparison.worse)
    _print_changes(console, "良くなった問い", comparison.better)
    _print_names(console, "結果は同じで回答の文が変わった問い", [c.after for c in comparison.reworded])
    _print_names(console, "加わった問い", comparison.added)
    _print_names(console, "無くなった問い", comparison.removed)


def _add_pass_rate(table: Table, name: str, rows: Iterable[RunRow]) -> None:
    rate = pass_rate(rows)
    table.add_row(escape(name), str(rate.passed), str(rate.n), _percent(rate))


def _add_rates(table: Table, name: str, rows: Sequence[RunRow]) -> None:
    total = pass_rate(rows)
    shares = [_value(BY_NAME[metric], BY_NAME[metric].mean_over(rows)) for metric in _MAIN_RATES]
    table.add_row(escape(name), _percent(total), *shares)


def _metric_table(rows: Sequence[RunRow]) -> Table:
    table = Table(
        title="すべての指標(率は%、± は標準誤差)", title_justify="left", box=SIMPLE_HEAD, padding=(0, 1, 0, 0)
    )
    for column in ("指標", "値", "件数"):
        table.add_column(column, justify="left" if column == "指標" else "right")
    for metric in METRICS:
        mean = metric.mean_over(rows)
        if mean.n:
            table.add_row(metric.title, _value(metric, mean), str(mean.n))
    if times := latency(rows):
        for name in ("p50_ms", "p95_ms"):
            shown = f"{times[name]:.1f}±{times[f'{name}_se']:.1f}"
            table.add_row(f"応答時間 {name.removesuffix('_ms')}(ミリ秒)", shown, str(times["latency_n"]))
    return table


def _value(metric: Metric, mean: Mean) -> str:
    if not mean.n:
        return "-"
    scale = 100 if metric.unit == "rate" else 1
    return f"{scale * mean.value:.1f}±{scale * mean.se:.1f}"


def _percent(rate: PassRate) -> str:
    return f"{100 * rate.rate:.1f}±{100 * rate.se:.1f}" if rate.n else "-"


def _print_changes(console: Console, title: str, changes: Sequence[CaseChange]) -> None:
    console.print(f"\n[bold]{title}: {len(changes)}[/]")
    for change in changes:
        console.print(
            f"  {escape(_name(change.after))}: {escape(' → '.join(change.after.case.turns))}", highlight=False
        )
        _print_answer(console, change.before, "前")
        _print_answer(console, change.after, "後")


def _print_names(console: Console, title: str, rows: Sequence[RunRow]) -> None:
    if rows:
        console.print(f"\n[bold]{title}: {len(rows)}[/]")
        console.print(f"  {escape('、'.join(map(_name, rows)))}", highlight=False)


def _name(row: RunRow) -> str:
    return f"{row.case.id}({row.set})"


def _print_answer(console: Console, row: RunRow, name: str) -> None:
    text = f"[{row.answer['status']}] {row.answer['answer']}" if row.answer else "(なし)"
    console.print(f"  {name}: {escape(text)}", highlight=False)
    for reason in row.score.reasons:
        console.print(f"     [yellow]- {escape(reason)}[/]", highlight=False)
