"""PDF pages as they are read, held against transcriptions by people who saw only the image."""

import re
import sys
import unicodedata
from argparse import Namespace
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from eval.command import OUT, Measurement, command
from eval.dataset.sets import ROOT
from eval.errors import SetFileError
from eval.metrics.statistics import compute_mean
from eval.storage.numbered_lines import read_models
from ingest.cli.command_line import path_option
from ingest.documents import Document, Line, ParsedDocument
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


# An illegible letter, and equivalent forms of dashes, squares, dots and circles (the numeral 〇 and the mark ○ look
# alike in print).
_ILLEGIBLE = "〓"
_SIMILAR_CHARACTERS = {"-": "-‐‑–—―−ー─━～〜~", "■": "▪◾◼", "●": "•⚫", "○": "〇◯"}
_UNIFIED_CHARACTERS = str.maketrans({each: drawn for drawn, letters in _SIMILAR_CHARACTERS.items() for each in letters})
# A heading may be read without its number or with an additional word.
_MIN_HEADING_SHARE = 0.6
# Shorter furniture, such as page numbers, must match a complete line.
_MIN_FURNITURE_LENGTH = 4
# Share of matching cells that identifies a row without label.
_MIN_MATCHING_CELLS = 0.5
Verdict = tuple[str, str, bool]
"""The figure that an item counts for, the item, and whether it is read right."""


@dataclass(frozen=True, slots=True)
class _Row:
    """A row of a table as read, in normal form: its headings, and its cells with column and value."""

    path: tuple[str, ...]
    cells: tuple[tuple[str, str], ...]

    def values(self, names: Iterable[str]) -> list[str]:
        return [value for column, value in self.cells if all(name in column for name in names)]


@dataclass(frozen=True, slots=True)
class PageReading:
    """A page as parsed: its lines, those of them in passages, its rows, and the headings from this page on."""

    lines: tuple[Line, ...]
    covered: frozenset[int]
    rows: tuple[_Row, ...]
    headings: frozenset[str]


def select_page(page: PrintedPage, lines: Sequence[Line], reading: ParsedDocument) -> PageReading:
    """Return the parsed content of `page`; `lines` are the lines of the whole file."""
    passages = [passage for passage in reading.passages if passage.page == page.page]
    later = [passage for passage in reading.passages if passage.page is not None and passage.page >= page.page]
    rows = (
        _Row(
            tuple(map(_normalise_text, passage.path)),
            tuple((_normalise_text(cell.column), _normalise_text(cell.value)) for cell in passage.cells),
        )
        for passage in passages
        if passage.kind == "row"
    )
    return PageReading(
        tuple(line for line in lines if line.page == page.page),
        frozenset(number for passage in passages for number in passage.lines),
        tuple(rows),
        frozenset(_normalise_text(part) for passage in later for part in passage.path)
        | {_normalise_text(dropped.text) for dropped in reading.dropped},
    )


def judge_page(page: PrintedPage, read: PageReading) -> Iterator[dict[str, Any]]:
    """Yield whether each cell, pair of blocks, heading and furniture of a page is read as it was transcribed."""
    verdicts = list(_judge_order(page.blocks, read.lines))
    verdicts += [verdict for table in page.tables for verdict in _judge_table(table, read.rows)]
    verdicts += [("headings", heading, _is_heading(heading, read)) for heading in page.headings]
    verdicts += [("furniture", text, _is_left_out(text, page.furniture, read)) for text in page.furniture]
    for figure, item, right in verdicts:
        yield {"page": page.id, "figure": figure, "item": item, "right": right}


def page_figures(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return for each figure its rate, `<name>_n` and `<name>_se`, with errors clustered by page."""
    figures: dict[str, Any] = {}
    for name in sorted({row["figure"] for row in rows}):
        judged = [(row["page"], float(row["right"])) for row in rows if row["figure"] == name]
        figures |= compute_mean(judged).figures(name)
    return figures


def _normalise_text(text: str) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).translate(_UNIFIED_CHARACTERS)


def _judge_table(table: PrintedTable, read: Sequence[_Row]) -> Iterator[Verdict]:
    figure = "cells_ruled" if table.ruled else "cells_unruled"
    grid = [[_normalise_text(cell) for cell in row] for row in table.grid]
    head, body = grid[: table.header_rows], list(zip(table.grid, grid, strict=True))[table.header_rows :]
    # A row over the full width at the top is the title; rows are below it.
    titles = {row[0] for row in head if len(set(row)) == 1 < len(row)}
    heads = [row for row in head if row[0] not in titles or len(set(row)) > 1]
    rows = [row for row in read if titles <= set(row.path)]
    for printed, row in body:
        labels = list(dict.fromkeys(filter(None, row[: table.header_columns])))
        mine = _matching_rows(rows, labels, list(filter(None, row[table.header_columns :])))
        is_heading = len(set(row)) == 1 and any(row[0] in each.path for each in rows)
        names_in_row = set(filter(None, row))
        is_repeated_header = len(names_in_row) > 1 and any(names_in_row <= {c for c, _ in each.cells} for each in rows)
        for column in range(table.header_columns, len(row)):
            if _ILLEGIBLE in printed[column]:
                continue
            names = list(dict.fromkeys(above[column] for above in heads))
            if value := row[column]:
                right = is_heading or is_repeated_header or any(value in each.values(names) for each in mine)
            else:
                right = any(not any(names) or not each.values(names) for each in mine)
            yield figure, f"{' '.join(labels)} / {' '.join(names)}: {value or '(空)'}", right


def _matching_rows(rows: Iterable[_Row], labels: Sequence[str], others: Sequence[str]) -> list[_Row]:
    """Return the rows that have all labels, or, without labels, enough of the other cells."""
    matching = []
    for row in rows:
        texts = [part for cell in row.cells for part in cell] + list(row.path)
        shared = sum(other in texts for other in others)
        has_labels = all(any(label in text for text in texts) for label in labels)
        if has_labels and (labels or shared >= _MIN_MATCHING_CELLS * len(others)):
            matching.append(row)
    return matching


def _judge_order(blocks: Sequence[str], lines: Iterable[Line]) -> Iterator[Verdict]:
    text = _normalise_text("".join(re.sub(r"(?<!\\)\||^#+ |\\(?=\|)", "", line.text) for line in lines))
    places: list[int] = []
    for block in map(_normalise_text, blocks):
        last_place = next((place for place in reversed(places) if place >= 0), -1)
        place = text.find(block, last_place + 1)
        places.append(place if place >= 0 else text.find(block))
    for (first, first_place), (second, second_place) in pairwise(zip(blocks, places, strict=True)):
        yield "order", f"{first} → {second}", 0 <= first_place < second_place


def _is_heading(heading: str, read: PageReading) -> bool:
    printed = _normalise_text(heading)
    pairs = (sorted((printed, part), key=len) for part in read.headings if part)
    return any(short in long and len(short) >= _MIN_HEADING_SHARE * len(long) for short, long in pairs)


def _is_left_out(text: str, furniture: Sequence[str], read: PageReading) -> bool:
    printed = _normalise_text(text)
    others = sorted(map(_normalise_text, furniture), key=len, reverse=True)
    for line in read.lines:
        bare = remainder = _normalise_text(line.text)
        for other in others:
            remainder = remainder.replace(other, "", 1)
        if printed in bare and line.number in read.covered and (not remainder or len(printed) > _MIN_FURNITURE_LENGTH):
            return False
    return True


_NAMES = {
    "cells_ruled": "罫線のある表のセル",
    "cells_unruled": "罫線のない表のセル",
    "order": "読む順",
    "headings": "見出し",
    "furniture": "柱・ページ番号を除いたもの",
}
_TRANSCRIPTIONS = tuple(ROOT / "eval" / "pages" / f"{name}.jsonl" for name in ("read", "unread"))


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
    pages = [page for file in files for _, page in read_models(file, PrintedPage, "書き写したページ")]
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
