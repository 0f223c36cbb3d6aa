"""Reads and writes the answers that staff have written: a table with a question and its answer in each row."""

import csv
import hashlib
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Self

from ingest.documents import Block, Document, Period
from ingest.errors import UnreadableDocumentError
from ingest.japanese import dates, nfkc
from ingest.japanese.normal_forms import comparison_key
from ingest.readers.office.ooxml_package import XLSX, open_package
from ingest.readers.text_files import decode

QUESTION, ANSWER, WORDINGS = "質問", "回答", "言い換え"
FIRST, LAST, SUPERSEDES = "有効開始", "有効終了", "置き換える文書"
UPDATED, AUTHOR, OFFICE, TELEPHONE = "更新日", "書いた人", "課", "電話"
COLUMNS = (QUESTION, ANSWER, WORDINGS, FIRST, LAST, SUPERSEDES, OFFICE, TELEPHONE, AUTHOR, UPDATED)
"""The columns of a file that staff write here; others are kept."""
DETAILS = (WORDINGS, OFFICE, TELEPHONE, AUTHOR, UPDATED)
"""The columns that are stored as dropped blocks of this reason: they are no text of the answer."""
SUFFIXES = (".csv", ".xlsx")
MAX_ROWS = 5_000
MAX_CHARACTERS = {QUESTION: 300, ANSWER: 5_000}
_HEADER_BYTES = 1 << 12
# Excel opens a CSV as UTF-8 only with this mark.
_MARK = "\ufeff"
_LONG_AGO = "2000-01-01"


@dataclass(frozen=True, slots=True)
class FaqRow:
    """A row with its cells by column; `line` counts rows from 1, the header included."""

    line: int
    cells: Mapping[str, str]

    def cell(self, column: str) -> str:
        return self.cells.get(column, "").strip()

    def several(self, column: str) -> tuple[str, ...]:
        """Return the values of a cell that are separated by line breaks or ／."""
        return tuple(dict.fromkeys(part.strip() for part in re.split(r"[／\n]", self.cell(column)) if part.strip()))

    def to_json(self) -> str:
        return json.dumps(dict(self.cells), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Return a row with the cells of `to_json`. Raises ValueError."""
        return cls(0, {str(column): str(cell) for column, cell in json.loads(text).items()})

    @property
    def key(self) -> str:
        """What identifies the row among those of its file: a digest of its question."""
        return hashlib.sha256(comparison_key(nfkc(self.cell(QUESTION))).encode()).hexdigest()[:8]

    def day(self, column: str) -> str:
        """Return a date as YYYY-MM-DD, "" for none. Raises ValueError for what is no day."""
        text = nfkc(self.cell(column))
        mentions = dates(text)
        if text and [text[mention.start : mention.end] for mention in mentions] != [text]:
            raise ValueError(text)
        return date.fromisoformat(mentions[0].iso_text).isoformat() if text else ""

    def problems(self) -> Iterator[str]:
        """Yield what keeps the row from being an answer, in Japanese."""
        for column, limit in MAX_CHARACTERS.items():
            if not self.cell(column):
                yield f"「{column}」が空です。"
            if (length := len(self.cell(column))) > limit:
                yield f"「{column}」が{length:,}文字あります。{limit:,}文字までにし、詳しいことは文書に書いてください。"
        days = {}
        for column in (FIRST, LAST, UPDATED):
            try:
                days[column] = self.day(column)
            except ValueError:
                text = self.cell(column)
                yield f"「{column}」の「{text}」は日付ではありません。2026-04-01 の形で書いてください。"
        if days.get(LAST) and days.get(FIRST, "") > days[LAST]:
            yield f"「{LAST}」（{days[LAST]}）が「{FIRST}」（{days[FIRST]}）より前です。"

    def document(self, file: Document) -> Document:
        """Return the document that the row is in a `file`; a row without problems."""
        first, last, updated = (self.day(column) for column in (FIRST, LAST, UPDATED))
        published = first or updated or file.published
        period = file.period
        if last:  # without an end, the first day is the day of publication
            start = first or (published if len(published) == len(last) else _LONG_AGO)
            period = Period(date.fromisoformat(min(start, last)), date.fromisoformat(last))
        return Document(
            id=f"{file.id}-{self.key}",
            title=file.title,
            file=f"{file.file}#{self.key}.csv",
            kind="faq",
            issuer=file.issuer,
            published=published,
            period=period,
            supersedes=self.several(SUPERSEDES),
            url=file.url,
        )

    def blocks(self) -> tuple[Block, ...]:
        """Return the question as a heading, the lines of the answer, and what belongs to it as dropped blocks."""
        parts = [("heading", self.cell(QUESTION), QUESTION)]
        parts += [("text", line.strip(), "") for line in self.cell(ANSWER).splitlines() if line.strip()]
        parts += [("dropped", text, name) for name in DETAILS for text in self.several(name) if name != UPDATED]
        parts += [("dropped", day, UPDATED) for day in [self.day(UPDATED)] if day]
        return tuple(Block(kind, text, (n,), style=style) for n, (kind, text, style) in enumerate(parts, 1))  # type: ignore[arg-type]


def is_row(document: Document) -> bool:
    """Whether a document is a row of a FAQ file; its id is that of the file and the key of the row."""
    return "#" in document.file


def row_file(document: Document) -> tuple[str, str]:
    """Return the id and the name of the file that a row is in."""
    return document.id.rpartition("-")[0], document.file.partition("#")[0]


def group_rows(documents: Iterable[Document]) -> dict[str, list[Document]]:
    """Return the documents that are rows, by the id of their file."""
    groups: dict[str, list[Document]] = {}
    for document in filter(is_row, documents):
        groups.setdefault(row_file(document)[0], []).append(document)
    return groups


def is_faq_file(path: Path, document: Document) -> bool:
    """Whether the file at `path` has a question and an answer in each row: it is of kind faq, or its header says so."""
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES or document.kind not in {"faq", "other"}:
        return False
    if suffix == ".csv":
        with suppress(OSError):
            with path.open("rb") as file:
                line = file.read(_HEADER_BYTES).partition(b"\n")[0]
            return any(QUESTION.encode(code) in line and ANSWER.encode(code) in line for code in ("utf-8", "cp932"))
    return document.kind == "faq"


def read_faq(path: Path) -> tuple[FaqRow, ...]:
    """Return the rows of a file, with those that have problems and without empty ones.

    Raises UnreadableDocumentError if the file is damaged, its header lacks a column, or it is too long.
    """
    return parse_faq(path.read_bytes(), path.name) if path.suffix.lower() == ".csv" else _rows(_sheet(path), path.name)


def parse_faq(content: bytes, name: str) -> tuple[FaqRow, ...]:
    """Return the rows of a CSV in UTF-8 or CP932, as `read_faq` does."""
    return _rows(list(csv.reader(io.StringIO(decode(content, name), newline=""))), name)


def write_faq(rows: Iterable[FaqRow]) -> bytes:
    """Return rows as CSV that Excel opens, with every column that one of them has."""
    rows = list(rows)
    columns = dict.fromkeys((*COLUMNS, *(column for row in rows for column in row.cells)))
    text = io.StringIO(_MARK)
    text.seek(0, io.SEEK_END)
    writer = csv.DictWriter(text, list(columns), restval="")
    writer.writeheader()
    writer.writerows(row.cells for row in rows)
    return text.getvalue().encode()


def _sheet(path: Path) -> list[list[str]]:
    from openpyxl import load_workbook  # noqa: PLC0415 -- imports for 0.2 s

    with open_package(path, XLSX):
        cells = load_workbook(path, read_only=True, data_only=True).worksheets[0].iter_rows(values_only=True)
        rows = ([value.date() if hasattr(value, "date") else value for value in row] for row in cells)
        return [["" if value is None else str(value) for value in row] for row in islice(rows, MAX_ROWS + 2)]


def _rows(table: Sequence[Sequence[str]], name: str) -> tuple[FaqRow, ...]:
    header = [cell.strip().removeprefix(_MARK) for cell in table[0]] if table else []
    if missing := [column for column in (QUESTION, ANSWER) if header.count(column) != 1]:
        raise UnreadableDocumentError(
            f"{name}: 1行目に「{'」「'.join(missing)}」という列がひとつ要ります"
            f"（いまの列: {'、'.join(header) or 'なし'}）。使える列は {'、'.join(COLUMNS)} です。順序は自由です。"
        )
    if len(table) > MAX_ROWS + 1:
        raise UnreadableDocumentError(f"{name}: {MAX_ROWS:,}行を超えています。課ごとのファイルに分けてください。")
    return tuple(
        FaqRow(line, dict(zip(header, cells, strict=False)))
        for line, cells in enumerate(table[1:], start=2)
        if any(cell.strip() for cell in cells)
    )
