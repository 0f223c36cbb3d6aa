"""Prints a judge's marks and its agreement with people on a terminal."""

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.table import Table

from eval.metrics.judge_marks import CRITERION_NAMES
from eval.metrics.kappa import Agreement
from eval.metrics.table import BY_NAME
from eval.scoring.run_record import Row


def show_judged(console: Console, rows: Sequence[Row], agreed: Mapping[str, Agreement]) -> None:
    """Print the mean mark by criterion and how far it agrees with people's; then how many answers got no verdict."""
    table = Table("観点", title="言語モデルの採点(1〜5。± は標準誤差)", title_justify="left")
    for column in ("平均", "回答", "人との一致(重み付き κ)", "人の採点"):
        table.add_column(column, justify="right")
    for criterion, name in CRITERION_NAMES.items():
        mean, with_people = BY_NAME[f"judged_{criterion}"].over(rows), agreed[criterion]
        table.add_row(name, f"{mean.value:.2f}±{mean.se:.2f}", str(mean.n), _kappa(with_people), str(with_people.n))
    console.print(table)
    verdicts = [row.beside["verdict"] for row in rows if "verdict" in row.beside]
    if without := sum(verdict["marks"] is None for verdict in verdicts):
        console.print(f"採点できなかった回答: {without}(決められた形で返さないなど。平均に入れていません)")
    if not any(one.n for one in agreed.values()):
        console.print("人の採点がまだないので、この採点がどれだけ当てになるか分かりません。作業台で採点してください。")


def _kappa(agreed: Agreement) -> str:
    return "-" if agreed.kappa is None or agreed.se is None else f"{agreed.kappa:.2f}±{agreed.se:.2f}"
