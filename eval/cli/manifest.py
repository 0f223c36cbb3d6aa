"""`python -m eval manifest`: measures the metadata proposed for PDFs against the truth."""

from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.table import Table

from eval.benchmarks.proposed_metadata import load_truth, manifest_figures, measure_manifest
from eval.benchmarks.ranked.page_questions import pdf_files
from eval.cli.command import Command, report_measurement
from eval.storage.numbered_lines import read_numbered_lines
from ingest.configuration.environment import read_settings

_NAMES = {"title": "題名", "issuer": "発行者", "published": "日付", "period": "期間"}


def _arguments(command: ArgumentParser) -> None:
    command.add_argument("--pdfs", type=Path, required=True, metavar="DIR", help="PDF のあるフォルダー")
    command.add_argument(
        "--truth",
        type=Path,
        required=True,
        metavar="FILE",
        help="正解(1行に1件の JSON: file、title、publisher、published、period。無いものは測らない)",
    )
    chosen = command.add_mutually_exclusive_group()
    chosen.add_argument("--only", type=Path, metavar="FILE", help="この一覧(1行に1ファイル名)の文書だけを測る")
    chosen.add_argument("--but", type=Path, metavar="FILE", help="この一覧の文書のほかを測る")
    command.add_argument("--out", type=Path, metavar="DIR", help="設定・値ごとの結果・数値の保存先")


def _manifest(options: Namespace) -> int:
    pdfs = pdf_files(options.pdfs)
    for chosen, is_included in ((options.only, True), (options.but, False)):
        if chosen:
            names = {line.strip() for _, line in read_numbered_lines(chosen)}
            pdfs = {name: path for name, path in pdfs.items() if (name in names) is is_included}
    rows = measure_manifest(load_truth(options.truth, pdfs), pdfs)
    measured = manifest_figures(rows)
    return report_measurement(
        options,
        MANIFEST.name,
        read_settings(),
        measured,
        lambda console: console.print(_figure_table(measured)),
        rows=map(asdict, rows),
        inputs={"pdfs": str(options.pdfs), "truth": str(options.truth)},
    )


def _figure_table(measured: Mapping[str, Any]) -> Table:
    table = Table("項目", "件数", "正しい", "標準誤差", "「確か」の件数", "そのうち正しい")
    for key, name in _NAMES.items():
        if key in measured:
            sure = measured[f"{key}_sure"]
            rates = (f"{measured[key]:.3f}", f"{measured[f'{key}_se']:.3f}", str(measured[f"{key}_sure_n"]))
            table.add_row(name, str(measured[f"{key}_n"]), *rates, "" if sure is None else f"{sure:.3f}")
    return table


MANIFEST = Command("manifest", "PDF から読み取った題名・発行者・日付の案が正しいかを測る", _arguments, _manifest)
