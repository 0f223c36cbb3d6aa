"""Prints the differences between two runs on a terminal."""

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from eval.runs.run_difference import Pair, PassDifference, compare_metrics, compare_passes, compare_passes_by

_BY = {"kind": "種類", "set": "質問集", "tag": "タグ"}


def show_run_difference(console: Console, pairs: Sequence[Pair]) -> None:
    """Print cases gained and lost, in all and by kind, set and tag where some moved, then the metrics that changed."""
    table = Table(title="両方にある問い", title_justify="left")
    table.add_column("")
    for column in ("問い", "前", "後", "得た", "落とした", "p(McNemar)"):
        table.add_column(column, justify="right")
    _add_difference(table, "全体", compare_passes(pairs))
    for by, title in _BY.items():
        table.add_section()
        for name, found in compare_passes_by(pairs, by).items():
            if found.gained or found.lost:
                _add_difference(table, f"{title}: {name}", found)
    console.print(table)
    _show_metrics(console, pairs)


def _add_difference(table: Table, name: str, found: PassDifference) -> None:
    counts = found.n, found.before, found.after, found.gained, found.lost
    table.add_row(escape(name), *map(str, counts), f"{found.p:.3f}")


def _show_metrics(console: Console, pairs: Sequence[Pair]) -> None:
    changed = [found for found in compare_metrics(pairs) if found.difference.difference]
    if not changed:
        return
    table = Table(title="変わった指標(差の95%区間と p は対応のあるブートストラップ)", title_justify="left")
    table.add_column("指標")
    for column in ("前", "後", "差", "95%区間", "p", "n"):
        table.add_column(column, justify="right")
    for found in changed:
        of = found.difference
        means = f"{found.before:.3f}", f"{found.after:.3f}", f"{of.difference:+.3f}"
        table.add_row(found.metric.title, *means, f"{of.low:+.3f} 〜 {of.high:+.3f}", f"{of.p:.4f}", str(of.n))
    console.print(table)
