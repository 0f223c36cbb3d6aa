"""`python -m eval amendments`: compares consolidated provisions with those that a person wrote."""

from argparse import ArgumentParser, Namespace
from collections import Counter
from pathlib import Path

from rich.console import Console

from eval.cli.command import Command, report_measurement
from ingest.configuration.environment import read_settings

_NAMES = {
    "applied_right": "正しく当てはめた",
    "applied_wrong": "誤って当てはめた",
    "declined": "理由を挙げて当てはめなかった",
    "declined_rightly": "うち、当てはめられない改正",
}


def _arguments(command: ArgumentParser) -> None:
    command.add_argument(
        "folder", type=Path, metavar="DIR", help="場面のフォルダー(DIR/NN/base.md、amend1.md、expected.json)"
    )
    command.add_argument("--failed", action="store_true", help="正しく当てはめなかった場面を表示する")
    command.add_argument("--out", type=Path, metavar="DIR", help="設定・場面ごとの結果・数値の保存先")


def _amendments(options: Namespace) -> int:
    from eval.benchmarks.amendments import score_amendments

    rows = list(score_amendments(options.folder))
    counts = Counter(row["verdict"] for row in rows)
    figures = {
        "n": len(rows),
        "applied_right": counts["right"],
        "applied_wrong": counts["wrong"],
        "declined": counts["declined"],
        "declined_rightly": sum(row["verdict"] == "declined" and not row["applicable"] for row in rows),
    }

    def show(console: Console) -> None:
        for row in rows if options.failed else ():
            if row["verdict"] == "wrong" or (row["verdict"] == "declined") is row["applicable"]:
                console.print(f"{row['id']} {row['verdict']}", style="bold", markup=False)
                for name, texts in row["differing"].items():
                    console.print(f"{name}\n  期待: {texts['expected']}\n  実際: {texts['actual']}", markup=False)
                for declined in row["declined"]:
                    console.print(f"  {declined['reason']}: {declined['text']}", markup=False)
        console.print(f"場面: {figures['n']}件", highlight=False)
        for name, label in _NAMES.items():
            console.print(f"{label}: {figures[name]}件", highlight=False)

    return report_measurement(
        options, AMENDMENTS.name, read_settings(), figures, show, rows=rows, inputs={"folder": str(options.folder)}
    )


AMENDMENTS = Command("amendments", "改正を当てはめた規定を、人が書いたものと比べる", _arguments, _amendments)
