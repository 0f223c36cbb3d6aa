"""PDF pages as they are read, held against transcriptions by people who saw only the image."""

import re
import sys
import unicodedata
from argparse import Namespace
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from eval.command import OUT, Measurement, command
from eval.errors import SetFileError
from eval.metrics.statistics import compute_mean
from eval.storage.numbered_lines import read_models
from ingest.cli.command_line import path_option
from ingest.documents import Document, Line, ParsedDocument, Passage
from ingest.errors import UnreadableDocumentError
from ingest.passages.document_reading import read_document
from ingest.readers import read_lines

PageKind = Literal["text", "columns", "slide", "table", "form", "chart", "vertical", "scan"]


class PrintedTable(BaseModel):
    """A table with equally long rows; the text of a merged cell is repeated in each position."""

    model_config = ConfigDict(frozen=True)

    ruled: bool = True
    header_rows: int = Field(ge=0)
    header_columns: int = Field(ge=0)
    grid: tuple[tuple[str, ...], ...]


class PrintedPage(BaseModel):
    """A page (from 1); `blocks` are the beginnings of its texts in reading order."""

    model_config = ConfigDict(frozen=True)

    file: str
    page: int = Field(ge=1)
    kind: PageKind
    headings: tuple[str, ...] = ()
    furniture: tuple[str, ...] = ()
    blocks: tuple[str, ...] = ()
    tables: tuple[PrintedTable, ...] = ()

    @property
    def id(self) -> str:
        """The name of the page in figures."""
        return f"{self.file}#{self.page}"


def load_pages(file: Path) -> tuple[PrintedPage, ...]:
    """Return the pages of a .jsonl file; raises SetFileError for a missing or invalid one."""
    return tuple(page for _, page in read_models(file, PrintedPage, "書き写したページ"))


# An illegible letter, and equivalent forms of dashes, squares, dots and circles (the numeral 〇 and the mark ○ look
# alike in print).
_ILLEGIBLE = "〓"
_SIMILAR_CHARACTERS = {"-": "-‐‑–—―−ー─━～〜~", "■": "▪◾◼", "●": "•⚫", "○": "〇◯"}
_UNIFIED_CHARACTERS = str.maketrans(
    {letter: drawn for drawn, letters in _SIMILAR_CHARACTERS.items() for letter in letters}
)
# A heading may be read without its number or with an additional word.
_MIN_HEADING_SHARE = 0.6
# Shorter furniture, such as page numbers, must match a complete line.
_MIN_FURNITURE_LENGTH = 4
# Share of matching cells that identifies a row without label.
_MIN_MATCHING_CELLS = 0.5
Verdict = tuple[str, str, bool]
"""The figure that an item counts for, the item, and whether it is read right."""


@dataclass(frozen=True, slots=True)
class PageReading:
    """A page as parsed: its lines, its passages, and those of the document from this page on."""

    lines: tuple[Line, ...]
    passages: tuple[Passage, ...]
    later: tuple[Passage, ...]
    dropped: frozenset[str]


def select_page(page: PrintedPage, lines: Sequence[Line], reading: ParsedDocument) -> PageReading:
    """Return the parsed content of `page`; `lines` are the lines of the whole file."""
    return PageReading(
        tuple(line for line in lines if line.page == page.page),
        tuple(p for p in reading.passages if p.page == page.page),
        tuple(p for p in reading.passages if p.page is not None and p.page >= page.page),
        frozenset(_normalise_text(d.text) for d in reading.dropped),
    )


def judge_page(page: PrintedPage, read: PageReading) -> Iterator[dict[str, Any]]:
    """Yield whether each cell, pair of blocks, heading and furniture of a page is read as it was transcribed."""
    verdicts = list(_judge_order(page.blocks, read.lines))
    verdicts += [verdict for table in page.tables for verdict in _judge_table(table, read)]
    verdicts += [("headings", heading, _is_heading(heading, read)) for heading in page.headings]
    verdicts += [("furniture", text, _is_left_out(text, page.furniture, read)) for text in page.furniture]
    for figure, item, right in verdicts:
        yield {"page": page.id, "figure": figure, "item": item, "right": right}


def page_figures(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return for each figure its rate, `<name>_n` and `<name>_se`, with errors clustered by page."""
    figures: dict[str, Any] = {}
    for name in sorted({row["figure"] for row in rows}):
        figures |= compute_mean((row["page"], float(row["right"])) for row in rows if row["figure"] == name).figures(
            name
        )
    return figures


def _normalise_text(text: str) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).translate(_UNIFIED_CHARACTERS)


def _judge_table(table: PrintedTable, read: PageReading) -> Iterator[Verdict]:
    figure = "cells_ruled" if table.ruled else "cells_unruled"
    # A row over the full width at the top is the title; rows are below it.
    titles = [_normalise_text(row[0]) for row in table.grid[: table.header_rows] if len(set(row)) == 1 < len(row)]
    heads = [
        row for row in table.grid[: table.header_rows] if _normalise_text(row[0]) not in titles or len(set(row)) > 1
    ]
    rows = [p for p in read.passages if p.kind == "row" and set(titles) <= {_normalise_text(part) for part in p.path}]
    for row in table.grid[table.header_rows :]:
        labels = list(dict.fromkeys(_normalise_text(cell) for cell in row[: table.header_columns] if cell))
        others = [_normalise_text(cell) for cell in row[table.header_columns :] if cell]
        mine = _matching_rows(rows, labels, others)
        for column in range(table.header_columns, len(row)):
            if _ILLEGIBLE in row[column]:
                continue
            names = list(dict.fromkeys(_normalise_text(above[column]) for above in heads))
            value = _normalise_text(row[column])
            right = _has_value(mine, names, value) if value else _is_cell_empty(mine, names)
            right = right or (bool(value) and (_is_row_heading(row, rows) or _is_repeated_header(row, rows)))
            yield figure, f"{' '.join(labels)} / {' '.join(names)}: {value or '(空)'}", right


def _matching_rows(rows: Iterable[Passage], labels: Sequence[str], others: Sequence[str]) -> list[Passage]:
    matching = []
    for passage in rows:
        text = [_normalise_text(part) for cell in passage.cells for part in (cell.column, cell.value)]
        text += [_normalise_text(part) for part in passage.path]
        shared = sum(other in text for other in others)
        if all(any(label in part for part in text) for label in labels) and (
            labels or shared >= _MIN_MATCHING_CELLS * len(others)
        ):
            matching.append(passage)
    return matching


def _has_value(rows: Iterable[Passage], names: Sequence[str], value: str) -> bool:
    return any(
        _normalise_text(cell.value) == value and all(name in _normalise_text(cell.column) for name in names)
        for row in rows
        for cell in row.cells
    )


def _is_cell_empty(rows: Sequence[Passage], names: Sequence[str]) -> bool:
    return any(
        not any(all(name in _normalise_text(cell.column) for name in names) for cell in row.cells)
        if any(names)
        else True
        for row in rows
    )


def _is_row_heading(row: Sequence[str], rows: Iterable[Passage]) -> bool:
    return len(set(row)) == 1 and any(
        _normalise_text(row[0]) == _normalise_text(part) for passage in rows for part in passage.path
    )


def _is_repeated_header(row: Sequence[str], rows: Iterable[Passage]) -> bool:
    names = {_normalise_text(cell) for cell in row if cell}
    return len(names) > 1 and any(names <= {_normalise_text(c.column) for c in passage.cells} for passage in rows)


def _judge_order(blocks: Sequence[str], lines: Iterable[Line]) -> Iterator[Verdict]:
    text = _normalise_text("".join(re.sub(r"(?<!\\)\||^#+ |\\(?=\|)", "", line.text) for line in lines))
    places: list[int] = []
    for block in blocks:
        last_place = next((place for place in reversed(places) if place >= 0), -1)
        place = text.find(_normalise_text(block), last_place + 1)
        places.append(place if place >= 0 else text.find(_normalise_text(block)))
    for (first, first_place), (second, second_place) in pairwise(zip(blocks, places, strict=True)):
        yield "order", f"{first} → {second}", 0 <= first_place < second_place


def _is_heading(heading: str, read: PageReading) -> bool:
    printed = _normalise_text(heading)
    paths = {_normalise_text(part) for passage in read.later for part in passage.path} | read.dropped
    return any(
        printed == part
        or (printed in part and len(printed) >= _MIN_HEADING_SHARE * len(part))
        or (part in printed and len(part) >= _MIN_HEADING_SHARE * len(printed))
        for part in paths
        if part
    )


def _is_left_out(text: str, furniture: Sequence[str], read: PageReading) -> bool:
    printed = _normalise_text(text)
    others = sorted((_normalise_text(other) for other in furniture), key=len, reverse=True)
    covered = {number for passage in read.passages for number in passage.lines}
    for line in read.lines:
        bare = _normalise_text(line.text)
        remainder = bare
        for other in others:
            remainder = remainder.replace(other, "", 1)
        if printed in bare and line.number in covered and (not remainder or len(printed) > _MIN_FURNITURE_LENGTH):
            return False
    return True


_NAMES = {
    "cells_ruled": "罫線のある表のセル",
    "cells_unruled": "罫線のない表のセル",
    "order": "読む順",
    "headings": "見出し",
    "furniture": "柱・ページ番号を除いたもの",
}


_TRANSCRIPTIONS = tuple(Path(__file__).parents[1] / "pages" / f"{name}.jsonl" for name in ("read", "unread"))


@command(
    "reading-pages",
    "PDF のページを、人が見たとおりに読めているかを測る",
    path_option("--pdfs", "DIR", "PDF のあるフォルダー", required=True),
    path_option("--truth", "FILE", "人が書き写したページ(1行に1ページの JSON。既定: eval/pages)"),
    OUT,
)
def reading_pages(options: Namespace) -> Measurement:
    """Measure cells of tables, order of blocks, headings, and page headers and footers."""
    files = [options.truth] if options.truth else _TRANSCRIPTIONS
    pages = [page for file in files for page in load_pages(file)]
    present = [page for page in pages if (options.pdfs / page.file).is_file()]
    for name in sorted({page.file for page in pages} - {page.file for page in present}):
        sys.stderr.write(f"注意: {name} が {options.pdfs} にないため、そのページは測りません。\n")
    if not present:
        raise SetFileError(
            f"{options.pdfs}: 書き写したページの PDF がありません。--pdfs と --truth を確かめてください。"
        )
    rows: list[dict[str, Any]] = []
    n = 0
    for name in dict.fromkeys(page.file for page in present):
        try:
            lines = read_lines(options.pdfs / name)
            reading = read_document(options.pdfs / name, Document(name, name, name))
        except UnreadableDocumentError as error:
            sys.stderr.write(f"注意: {error}\n")
            continue
        for page in present:
            if page.file == name:
                rows += judge_page(page, select_page(page, lines, reading))
                n += 1

    inputs = {"pdfs": str(options.pdfs), "truth": list(map(str, files))}
    figures = {"pages": n} | page_figures(rows) | {"skipped": len(pages) - n}
    return Measurement(figures, rows, inputs, _NAMES)
