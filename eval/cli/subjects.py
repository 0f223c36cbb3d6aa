"""`python -m eval subjects`: measures answers about names that no document has."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from rich.console import Console

from eval.cli.command import Command, report_measurement
from eval.cli.run import parse_adjustments
from eval.metrics.statistics import compute_mean
from ingest.configuration.environment import read_settings

_NAMES = {
    "known_answered_right": "文書にある名前: 正しい箇所で答えた",
    "absent_answered": "文書にない名前: 答えた",
    "absent_partial": "文書にない名前: 確かではないと断って箇所を挙げた",
}


def _arguments(command: ArgumentParser) -> None:
    command.add_argument(
        "--bulletins", type=Path, required=True, metavar="FILE", help="二つの自治体の広報の記事(1行に1件の JSON)"
    )
    command.add_argument(
        "--without",
        type=parse_adjustments,
        default=(),
        metavar="NAME[,NAME]",
        help="この規則を使わずに測る(例: subject)",
    )
    command.add_argument("--out", type=Path, metavar="DIR", help="設定・問いごとの結果・数値の保存先")


def _subjects(options: Namespace) -> int:
    from eval.benchmarks.subject_pairs import ask_pairs, make_pairs
    from eval.dataset.bulletins import unread_ids
    from eval.storage.numbered_lines import read_json_lines

    settings, left_out = read_settings(), unread_ids()
    pairs = make_pairs(article for article in read_json_lines(options.bulletins) if article["id"] not in left_out)
    rows = list(ask_pairs(options.bulletins, pairs, left_out, settings, options.without))
    known, absent = ([row for row in rows if (row["is_right"] is None) is is_absent] for is_absent in (False, True))
    means = {
        "known_answered_right": compute_mean(
            (row["question"], float(row["is_right"] and row["status"] == "answered")) for row in known
        ),
        "absent_answered": compute_mean((row["question"], float(row["status"] == "answered")) for row in absent),
        "absent_partial": compute_mean((row["question"], float(row["status"] == "partial")) for row in absent),
    }

    def show(console: Console) -> None:
        for name, mean in means.items():
            console.print(f"{_NAMES[name]}: {mean.value:.3f}(標準誤差 {mean.se:.3f}、{mean.n}問)", highlight=False)

    return report_measurement(
        options,
        SUBJECTS.name,
        settings,
        {name: {"value": mean.value, "se": mean.se, "n": mean.n} for name, mean in means.items()},
        show,
        rows=rows,
        inputs={"bulletins": str(options.bulletins), "without": list(options.without)},
    )


SUBJECTS = Command("subjects", "文書にない名前を聞かれて答えてしまわないかを測る", _arguments, _subjects)
