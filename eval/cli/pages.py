"""`python -m eval pages`: measures retrieval of the PDF page that answers a question."""

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from eval.benchmarks.ranked.ranked_run import add_half_option, half_for_id
from eval.cli.command import Command
from eval.cli.ranked_figures import report_ranked
from eval.errors import SetFileError
from ingest.configuration.environment import read_settings


def _arguments(command: ArgumentParser) -> None:
    command.add_argument("--pdfs", type=Path, required=True, metavar="DIR", help="PDF のあるフォルダー")
    command.add_argument(
        "--questions",
        type=Path,
        required=True,
        metavar="FILE",
        help="問いと答えのページ(1行に1件の JSON: id、question、file、page)",
    )
    add_half_option(command)
    command.add_argument("--out", type=Path, metavar="DIR", help="設定・問いごとの結果・数値の保存先")


def _pages(options: Namespace) -> int:
    from eval.benchmarks.ranked.page_questions import load_page_questions, pdf_files, read_pdfs
    from eval.benchmarks.ranked.page_ranking import measure_pages
    from eval.benchmarks.ranked.temporary_index import open_temporary_index

    files = pdf_files(options.pdfs)
    questions = load_page_questions(options.questions, files)
    chosen = [q for q in questions if q.page and options.half in ("all", half_for_id(q.id))]
    if not chosen:
        raise SetFileError(
            f"{options.questions}: --half {options.half} に入る問いがありません。--half all で測ってください。"
        )
    readings, unread = read_pdfs(list(files.items()))
    for reason in unread:
        sys.stderr.write(f"注意: {reason}\n")
    if not readings:
        raise SetFileError(f"{options.pdfs}: 読み取れる PDF がありません。")
    settings = read_settings()
    with open_temporary_index(settings, readings) as searched:
        rows = measure_pages(chosen, searched)
    counts = {"files": len(readings), "unread": len(unread), "no_answer": sum(q.page is None for q in questions)}
    inputs = {"pdfs": str(options.pdfs), "questions": str(options.questions)}
    return report_ranked(options, PAGES.name, settings, rows, inputs, counts=counts)


PAGES = Command("pages", "PDF を索引にし、答えのあるページが見つかるかを測る", _arguments, _pages)
