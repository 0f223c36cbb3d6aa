"""`python -m eval subjects`: measures answers about names that no document has."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from eval.cli.command import Command, means_json, report_measurement, show_means
from eval.cli.run import parse_adjustments
from eval.metrics.statistics import compute_mean
from ingest.configuration.environment import read_settings

_TITLES = {
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

    settings = read_settings()
    left_out = unread_ids()
    pairs = make_pairs(article for article in read_json_lines(options.bulletins) if article["id"] not in left_out)
    rows = list(ask_pairs(options.bulletins, pairs, left_out, settings, options.without))
    judged_rows = [row for row in rows if row["is_right"] is not None]
    absent = [row for row in rows if row["is_right"] is None]
    means = {
        "known_answered_right": compute_mean(
            (row["question"], row["is_right"] and row["status"] == "answered") for row in judged_rows
        ),
        "absent_answered": compute_mean((row["question"], row["status"] == "answered") for row in absent),
        "absent_partial": compute_mean((row["question"], row["status"] == "partial") for row in absent),
    }

    return report_measurement(
        options,
        SUBJECTS.name,
        settings,
        means_json(means),
        lambda console: show_means(console, means, _TITLES),
        rows=rows,
        inputs={"bulletins": str(options.bulletins), "without": list(options.without)},
    )


SUBJECTS = Command("subjects", "文書にない名前を聞かれて答えてしまわないかを測る", _arguments, _subjects)
