"""`python -m eval reading-pages`: measures how PDF pages are read against transcriptions."""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console

from eval.cli.command import DONE, Command, emit
from eval.cli.tables.reading_pages import show_reading_pages
from eval.errors import SetFileError

if TYPE_CHECKING:
    from eval.benchmarks.reading_pages.measure import PageVerdicts
    from eval.benchmarks.reading_pages.truth import PrintedPage

_WRITTEN_DOWN = tuple(Path(__file__).parents[1] / "pages" / f"{name}.jsonl" for name in ("read", "unread"))


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
    # Imported here: what reads documents costs time that the other commands need not pay.
    from eval.benchmarks.reading_pages.measure import page_figures  # noqa: PLC0415
    from eval.benchmarks.reading_pages.truth import load_pages  # noqa: PLC0415

    files = [options.truth] if options.truth else _WRITTEN_DOWN
    pages = [page for file in files for page in load_pages(file)]
    here = [page for page in pages if (options.pdfs / page.file).is_file()]
    for name in sorted({page.file for page in pages} - {page.file for page in here}):
        sys.stderr.write(f"注意: {name} が {options.pdfs} にないため、そのページは測りません。\n")
    if not here:
        raise SetFileError(
            f"{options.pdfs}: 書き写したページの PDF がありません。--pdfs と --truth を確かめてください。"
        )
    verdicts = _judge_pages(here, options.pdfs)
    told: dict[str, Any] = page_figures(verdicts) | {"skipped": len(pages) - len(verdicts)}
    if options.json:
        emit(told | ({"wrong": {one.page.id: one.wrong for one in verdicts}} if options.wrong else {}))
    else:
        show_reading_pages(Console(), told, {one.page.id: one.wrong for one in verdicts} if options.wrong else {})
    return DONE


def _judge_pages(pages: Sequence["PrintedPage"], folder: Path) -> list["PageVerdicts"]:
    """Return the verdicts on the pages, each PDF read once; one that cannot be read is told and left out."""
    from eval.benchmarks.reading_pages.measure import judge_page, select_page  # noqa: PLC0415
    from ingest.chunking.document_reading import read_document  # noqa: PLC0415
    from ingest.documents import Document  # noqa: PLC0415
    from ingest.errors import UnreadableDocumentError  # noqa: PLC0415
    from ingest.readers import read_lines  # noqa: PLC0415

    found = []
    for name in dict.fromkeys(page.file for page in pages):
        try:
            lines = read_lines(folder / name)
            reading = read_document(folder / name, Document(name, name, name))
        except UnreadableDocumentError as error:
            sys.stderr.write(f"注意: {error}\n")
            continue
        found += [judge_page(page, select_page(page, lines, reading)) for page in pages if page.file == name]
    return found


READING_PAGES = Command(
    "reading-pages", "PDF のページを、人が見たとおりに読めているかを測る", _arguments, _reading_pages
)
