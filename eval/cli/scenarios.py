"""`python -m eval scenarios`: asks short conversations, each over a separate index of a few documents."""

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

from rich.console import Console

from eval.cli.command import Command, means_json, report_measurement, show_means
from eval.cli.run import parse_adjustments
from eval.metrics.statistics import compute_mean
from ingest.configuration.environment import read_settings

_TITLES = {
    "right": "正しく答えた(答えのない問いは、答えなかった)",
    "right_first": "はじめの200文字に答えがそろう",
    "forbidden": "あってはならない言葉があった",
    "answered_where_none": "答えのない問いに「答えた」",
}


def _arguments(command: ArgumentParser) -> None:
    command.add_argument("files", type=Path, nargs="+", metavar="FILE", help="場面(1行に1件の JSON)")
    command.add_argument(
        "--documents", type=Path, metavar="DIR", help="文書のフォルダー(無指定: FILE の隣の documents)"
    )
    command.add_argument("--issuer", default="", help="manifest に書かれていない文書の発行者")
    command.add_argument("--without", type=parse_adjustments, default=(), metavar="NAME[,NAME]", help="使わない規則")
    command.add_argument("--failed", action="store_true", help="正しくなかった場面の回答を表示する")
    command.add_argument("--out", type=Path, metavar="DIR", help="設定・場面ごとの結果・数値の保存先")


def _scenarios(options: Namespace) -> int:
    from eval.benchmarks.scenario_answers import ask_scenarios, load_scenarios

    settings = read_settings()
    rows: list[dict[str, Any]] = []
    for file in options.files:
        documents = options.documents or file.parent / "documents"
        scenarios = load_scenarios(file)
        rows += ask_scenarios(scenarios, documents, settings, issuer=options.issuer, without=options.without)
    answerable = [row for row in rows if row["is_answerable"]]
    means = {
        "right": compute_mean((row["id"], float(row["right"])) for row in rows),
        "right_first": compute_mean((row["id"], float(row["right_first"])) for row in answerable),
        "forbidden": compute_mean((row["id"], float(bool(row["forbidden"]))) for row in rows),
        "answered_where_none": compute_mean(
            (row["id"], float(row["status"] == "answered")) for row in rows if not row["is_answerable"]
        ),
    }

    def show(console: Console) -> None:
        for row in rows if options.failed else ():
            if not row["right"]:
                console.print(f"{row['id']} ({row['status']}) {' / '.join(row['turns'])}", style="bold", markup=False)
                console.print(row["answer"] + "\n", highlight=False, markup=False)
        show_means(console, means, _TITLES)

    return report_measurement(
        options,
        SCENARIOS.name,
        settings,
        means_json(means),
        show,
        rows=rows,
        inputs={"files": list(map(str, options.files)), "without": list(options.without)},
    )


SCENARIOS = Command("scenarios", "短い会話を、それぞれの文書だけを索引にして測る", _arguments, _scenarios)
