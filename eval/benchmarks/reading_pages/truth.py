"""Transcriptions of PDF pages by people who saw only the image."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from eval.errors import SetFileError
from eval.storage.numbered_lines import read_numbered_lines

PageKind = Literal["text", "columns", "slide", "table", "form", "chart", "vertical", "scan"]
# The key file dev_key.json, next to the folder dev/, has file and page of each.
_KEY = "_key.json"


class PrintedTable(BaseModel):
    """A table with equally long rows; the text of a merged cell is repeated in each position."""

    model_config = ConfigDict(frozen=True)

    ruled: bool = True
    header_rows: int = Field(ge=0)
    header_columns: int = Field(ge=0)
    grid: tuple[tuple[str, ...], ...]


class PrintedChart(BaseModel):
    """A chart with printed labels and values, as pairs."""

    model_config = ConfigDict(frozen=True)

    pairs: tuple[tuple[str, str], ...] = ()


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
    charts: tuple[PrintedChart, ...] = ()

    @property
    def id(self) -> str:
        """The name of the page in figures."""
        return f"{self.file}#{self.page}"


def load_pages(path: Path) -> tuple[PrintedPage, ...]:
    """Return the pages of a .jsonl file, or of a folder of .json files with a key file (dev/, dev_key.json).

    Raises SetFileError for missing or invalid files.
    """
    written = _read_folder(path) if path.is_dir() else read_numbered_lines(path)
    pages = tuple(_parse_page(where, text) for where, text in written)
    if not pages:
        raise SetFileError(f"{path}: 書き写したページがありません。1行に1ページの JSON を置いてください。")
    return pages


def _read_folder(folder: Path) -> Iterator[tuple[str, str]]:
    try:
        key = json.loads(folder.with_name(folder.name + _KEY).read_text("utf-8"))
        for entry in key:
            file = folder / f"{entry['picture']}.json"
            if file.is_file():
                page = json.loads(file.read_text("utf-8")) | {"file": entry["file"], "page": entry["page"]}
                yield str(file), json.dumps(page, ensure_ascii=False)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SetFileError(f"{folder}: 書き写したページを読めません({error})。") from error


def _parse_page(where: str, text: str) -> PrintedPage:
    try:
        value: Mapping[str, Any] = json.loads(text)
        return PrintedPage.model_validate(value)
    except (ValueError, ValidationError) as error:
        reason = error.errors()[0]["msg"] if isinstance(error, ValidationError) else error
        raise SetFileError(f"{where}: 書き写したページとして読めません({reason})。") from error
