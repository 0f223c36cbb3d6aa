"""`python -m eval reading-scans`: measures character error rate and time of OCR."""

import resource
import sys
from argparse import ArgumentParser, Namespace
from dataclasses import asdict
from pathlib import Path
from time import perf_counter, process_time

from rich.console import Console
from rich.table import Table

from bot.cli.arguments import integer_between
from eval.benchmarks.reading.scans import SheetResult, judge_sheets, load_sheets, scan_figures
from eval.cli.command import Command, report_measurement
from eval.errors import SetFileError
from ingest.configuration.environment import read_settings
from ingest.readers import read_lines

# getrusage counts kilobytes on Linux, bytes on macOS.
_RSS_UNITS_PER_MB = 1 << (20 if sys.platform == "darwin" else 10)


def _arguments(command: ArgumentParser) -> None:
    command.add_argument("--pdf", type=Path, required=True, metavar="FILE", help="紙を写した PDF")
    command.add_argument(
        "--truth", type=Path, required=True, metavar="FILE", help="紙に書かれている文(1行に1枚の JSON: page、text)"
    )
    command.add_argument(
        "--bag",
        type=integer_between(1, 10**6),
        nargs="*",
        default=[],
        metavar="PAGE",
        help="行の順を問わずに比べるページ(表やスライド)。ほかは続いた文として比べる",
    )
    command.add_argument("--out", type=Path, metavar="DIR", help="設定・1枚ごとの結果・数値の保存先")


def _reading_scans(options: Namespace) -> int:
    sheets = load_sheets(options.truth)
    if not sheets:
        raise SetFileError(f"{options.truth}: 比べる紙がありません。")
    started = perf_counter()
    worked = process_time()
    lines = read_lines(options.pdf)
    pages = len({line.page for line in lines})
    seconds = {"s_per_page": (perf_counter() - started) / pages, "cpu_s_per_page": (process_time() - worked) / pages}
    rows = judge_sheets(sheets, lines, options.bag)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _RSS_UNITS_PER_MB
    figures = scan_figures(rows) | seconds | {"rss_mb": round(memory), "n": len(rows)}
    return report_measurement(
        options,
        READING_SCANS.name,
        read_settings(),
        figures,
        lambda console: _show(console, rows, figures),
        rows=map(asdict, rows),
        inputs={"pdf": str(options.pdf), "truth": str(options.truth)},
    )


def _show(console: Console, rows: list[SheetResult], figures: dict[str, float]) -> None:
    table = Table("ページ", "比べ方", "誤り", "文字", "誤り率", "確からしさ")
    for row in rows:
        kind = "行の集まり" if row.bag else "続いた文"
        confidence = "" if row.confidence is None else f"{row.confidence:.3f}"
        table.add_row(str(row.page), kind, str(row.errors), f"{row.n:,}", f"{row.errors / row.n:.4f}", confidence)
    console.print(table)
    for name, title in (("cer", "続いた文"), ("bag_cer", "行の集まり")):
        if name in figures:
            console.print(f"{title}: {figures[name]:.4f} ± {figures[f'{name}_se']:.4f}（{figures[f'{name}_n']:,}字）")
    times = f"{figures['s_per_page']:.1f} 秒（ひとつのコアで {figures['cpu_s_per_page']:.1f} 秒）"
    console.print(f"1ページ {times}、メモリー {figures['rss_mb']:,} MB")


READING_SCANS = Command(
    "reading-scans", "紙を写した PDF を読み、文字の誤り率と時間とメモリーを測る", _arguments, _reading_scans
)
