"""`python -m eval reading-pages`: measures how PDF pages are read against transcriptions."""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from eval.benchmarks.reading_pages.measure import FAULTS
from eval.cli.command import DONE, Command, emit
from eval.errors import SetFileError

_NAMES = {
    "cells_ruled": "罫線のある表のセル",
    "cells_unruled": "罫線のない表のセル",
    "chart_pairs": "図の項目と値",
    "order": "読む順",
    "headings": "見出し",
    "furniture": "柱・ページ番号を除いたもの",
}


def show_reading_pages(
    console: Console, figures: Mapping[str, Any], wrong: Mapping[str, Mapping[str, Sequence[str]]]
) -> None:
    """Print each rate with standard error and count, then the errors of the pages in `wrong`."""
    table = Table("指標")
    for column in ("正しい割合", "標準誤差", "件数", *FAULTS.values()):
        table.add_column(column, justify="right")
    for name in figures:
        if f"{name}_se" in figures:
            kind = f"読む順({name.removeprefix('order_')})" if name.startswith("order_") else name
            table.add_row(
                _NAMES.get(name, kind),
                f"{figures[name]:.3f}",
                f"{figures[f'{name}_se']:.3f}",
                str(figures[f"{name}_n"]),
                *(str(figures.get(f"{name}_{fault}", "")) for fault in FAULTS),
            )
    console.print(table)
    console.print(f"測ったページ: {figures['pages']}、測らなかったページ: {figures['skipped']}", highlight=False)
    for page, errors in wrong.items():
        for name, texts in errors.items():
            for text in texts:
                console.print(f"{page} {_NAMES.get(name, name)}: {text}", highlight=False, markup=False)


if TYPE_CHECKING:
    from eval.benchmarks.reading_pages.measure import PageVerdicts
    from eval.benchmarks.reading_pages.truth import PrintedPage

_TRANSCRIPTIONS = tuple(Path(__file__).parents[1] / "pages" / f"{name}.jsonl" for name in ("read", "unread"))


def _arguments(command: ArgumentParser) -> None:
    command.add_argument("--pdfs", type=Path, required=True, metavar="DIR", help="PDF のあるフォルダー")
    command.add_argument(
        "--truth",
        type=Path,
        metavar="FILE|DIR",
        help="人が書き写したページ(1行に1ページの JSON、またはページごとの .json のフォルダー。既定: eval/pages)",
    )
    command.add_argument("--wrong", action="store_true", help="誤って読んだものをページごとに示す")


def _reading_pages(options: Namespace) -> int:
    from eval.benchmarks.reading_pages.measure import page_figures
    from eval.benchmarks.reading_pages.truth import load_pages

    files = [options.truth] if options.truth else _TRANSCRIPTIONS
    pages = [page for file in files for page in load_pages(file)]
    present = [page for page in pages if (options.pdfs / page.file).is_file()]
    for name in sorted({page.file for page in pages} - {page.file for page in present}):
        sys.stderr.write(f"注意: {name} が {options.pdfs} にないため、そのページは測りません。\n")
    if not present:
        raise SetFileError(
            f"{options.pdfs}: 書き写したページの PDF がありません。--pdfs と --truth を確かめてください。"
        )
    verdicts = _judge_pages(present, options.pdfs)
    figures: dict[str, Any] = page_figures(verdicts) | {"skipped": len(pages) - len(verdicts)}
    if options.json:
        emit(figures | ({"wrong": {verdict.page.id: verdict.wrong for verdict in verdicts}} if options.wrong else {}))
    else:
        show_reading_pages(
            Console(), figures, {verdict.page.id: verdict.wrong for verdict in verdicts} if options.wrong else {}
        )
    return DONE


def _judge_pages(pages: Sequence["PrintedPage"], folder: Path) -> list["PageVerdicts"]:
    from eval.benchmarks.reading_pages.measure import judge_page, select_page
    from ingest.chunking.document_reading import read_document
    from ingest.documents import Document
    from ingest.errors import UnreadableDocumentError
    from ingest.readers import read_lines

    verdicts = []
    for name in dict.fromkeys(page.file for page in pages):
        try:
            lines = read_lines(folder / name)
            reading = read_document(folder / name, Document(name, name, name))
        except UnreadableDocumentError as error:
            sys.stderr.write(f"注意: {error}\n")
            continue
        verdicts += [judge_page(page, select_page(page, lines, reading)) for page in pages if page.file == name]
    return verdicts


READING_PAGES = Command(
    "reading-pages", "PDF のページを、人が見たとおりに読めているかを測る", _arguments, _reading_pages
)
