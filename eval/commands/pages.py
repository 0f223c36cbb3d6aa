"""`python -m eval pages`: whether the page of a PDF that answers a question is found."""

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from eval.commands.command import Command
from eval.commands.ranked import report
from eval.errors import SetFileError
from eval.ranked.halves import add_half, half_of
from ingest.environment import read_settings


def _arguments(command: ArgumentParser) -> None:
    command.add_argument("--pdfs", type=Path, required=True, metavar="DIR", help="PDF のあるフォルダー")
    command.add_argument(
        "--questions",
        type=Path,
        required=True,
        metavar="FILE",
        help="問いと答えのページ(1行に1件の JSON: id、question、file、page)",
    )
    add_half(command)
    command.add_argument("--out", type=Path, metavar="DIR", help="設定・問いごとの結果・数値の保存先")


def _pages(options: Namespace) -> int:
    # Imported here: what opens an index costs half a second that the other commands need not pay.
    from eval.ranked.indexed import indexed  # noqa: PLC0415
    from eval.ranked.paged import load_questions, pdf_files, read_pdfs  # noqa: PLC0415
    from eval.ranked.pages import measure  # noqa: PLC0415

    files = pdf_files(options.pdfs)
    questions = load_questions(options.questions, files)
    asked = [q for q in questions if q.page and options.half in ("all", half_of(q.id))]
    if not asked:
        raise SetFileError(
            f"{options.questions}: --half {options.half} に入る問いがありません。--half all で測ってください。"
        )
    readings, unread = read_pdfs(list(files.items()))
    for reason in unread:
        sys.stderr.write(f"注意: {reason}\n")
    if not readings:
        raise SetFileError(f"{options.pdfs}: 読み取れる PDF がありません。")
    settings = read_settings()
    with indexed(settings, readings) as searched:
        rows = measure(asked, searched)
    counts = {"files": len(readings), "unread": len(unread), "no_answer": sum(q.page is None for q in questions)}
    about = {"command": "pages", "pdfs": str(options.pdfs), "questions": str(options.questions)}
    return report(options, rows, settings, about, counts)


PAGES = Command("pages", "PDF を索引にし、答えのあるページが見つかるかを測る", _arguments, _pages)
