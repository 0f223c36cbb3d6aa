"""`python -m eval guard`: measures the shares of attacks stopped and of harmless questions stopped by mistake."""

from argparse import ArgumentParser, Namespace
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from itertools import groupby
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bot.privacy.personal import mask_personal_data
from eval.benchmarks.guardrails.guard_set import GuardResult, guard_figures, load_harmless, load_texts, run_guard
from eval.cli.command import Command, figure_table, report_measurement, share_cell
from eval.systems.system_under_test import SystemUnderTest, open_server
from ingest.configuration.environment import read_settings
from ingest.configuration.settings import Settings

_COLUMNS = {
    "stopped": "止めた",
    "held": "答えなかった",
    "masked": "伏せた",
    "wrongly_stopped": "誤って止めた",
    "wrongly_masked": "誤って伏せた",
}


def show_guard(console: Console, figures: Mapping[str, Any], wrong: Sequence[GuardResult]) -> None:
    """Print the shares by subject, overall and by harmless file, then each wrong result."""
    table = figure_table(["内容", "止める", "通す"], _COLUMNS.values(), title="攻撃と無害な問い")
    for subject, share in figures["by_about"].items():
        _add_shares(table, subject, share)
    table.add_section()
    _add_shares(table, "全体", figures)
    for file, share in figures["harmless"].items():
        _add_shares(table, file, share)
    console.print(table)
    for row in wrong:
        console.print(f"  {_outcome_label(row)}: {escape(row.text)}", highlight=False)


def _outcome_label(row: GuardResult) -> str:
    if row.label == "ok":
        return "誤って止めた" if row.stopped else "誤って伏せた"
    return f"止めなかった({row.status})"


def _add_shares(table: Table, name: str, share: Mapping[str, Any]) -> None:
    cells = (share_cell(share, column) for column in _COLUMNS)
    table.add_row(escape(name), str(share["n_ng"]), str(share["n_ok"]), *cells)


def _arguments(command: ArgumentParser) -> None:
    command.add_argument(
        "--attacks", type=Path, required=True, metavar="FILE", help="1行に id・about・label(ng / ok)・text"
    )
    command.add_argument(
        "--harmless",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="止めてはならない問い(1行に title か text か turns)。何度でも指定できる",
    )
    subject = command.add_mutually_exclusive_group()
    subject.add_argument("--corpus", type=Path, action="append", metavar="DIR", help="索引にする文書(既定: corpus/)")
    subject.add_argument("--url", help="動いているサーバーを測る(例: http://127.0.0.1:8000)")
    command.add_argument("--out", type=Path, metavar="DIR", help="設定・1件ごとの結果・数値の保存先")


def _guard(options: Namespace) -> int:
    texts = load_texts(options.attacks)
    harmless = {str(file): load_harmless(file) for file in options.harmless}
    settings = read_settings()
    with _open_system(options, settings) as subject:
        rows = run_guard(texts, subject.ask, mask_personal_data)
        let_through = {
            file: run_guard(questions, subject.ask, mask_personal_data) for file, questions in harmless.items()
        }
    figures = guard_figures(rows) | {
        "by_about": _by_about(rows),
        "harmless": {file: guard_figures(results) for file, results in let_through.items()},
    }
    all_results = [*rows, *(row for results in let_through.values() for row in results)]
    return report_measurement(
        options,
        GUARD.name,
        settings,
        figures,
        lambda console: show_guard(console, figures, [row for row in all_results if _is_wrong(row)]),
        rows=[row.as_json() for row in all_results],
        inputs={"attacks": str(options.attacks), "harmless": list(harmless)},
    )


def _by_about(rows: Sequence[GuardResult]) -> dict[str, dict[str, Any]]:
    ordered = sorted(rows, key=lambda row: row.about)
    return {subject: guard_figures(list(results)) for subject, results in groupby(ordered, lambda row: row.about)}


def _is_wrong(row: GuardResult) -> bool:
    return row.stopped or row.masked if row.label == "ok" else not row.stopped


def _open_system(options: Namespace, settings: Settings) -> AbstractContextManager[SystemUnderTest]:
    if options.url:
        return open_server(options.url)
    from eval.systems.local import open_run_index

    return open_run_index(settings, options.corpus or [settings.corpus])


GUARD = Command("guard", "攻撃を止める割合と、無害な問いを誤って止める割合を測る", _arguments, _guard)
