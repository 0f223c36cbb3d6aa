"""Character error rate of OCR against the printed text."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from eval.errors import SetFileError
from eval.metrics.statistics import standard_error
from eval.storage.numbered_lines import read_numbered_lines
from ingest.documents import Line

_RULE, _CELL = re.compile(r"[|\-\s]+"), re.compile(r"(?<!\\)\||\u3000")


class Sheet(BaseModel):
    """The true text of a page, which counts from 1."""

    model_config = ConfigDict(frozen=True)

    page: int = Field(ge=1)
    text: str = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class SheetResult:
    """OCR errors of a page among `n` characters.

    In a `bag`, order of lines and division into cells do not count: each true line is searched in the OCR text and each
    OCR cell in the true text, and the larger number of errors counts.
    """

    page: int
    bag: bool
    errors: int
    n: int
    confidence: float | None


def load_sheets(file: Path) -> tuple[Sheet, ...]:
    """Return the true text of each page. Raises SetFileError, with file and line."""
    sheets = []
    for where, line in read_numbered_lines(file):
        try:
            sheets.append(Sheet.model_validate_json(line))
        except ValidationError as error:
            raise SetFileError(
                f'{where}: {{"page", "text"}} の JSON として読めません({error.errors()[0]["msg"]})。'
            ) from error
    return tuple(sheets)


def judge_sheets(sheets: Iterable[Sheet], lines: Sequence[Line], bags: Collection[int]) -> list[SheetResult]:
    """Compare the lines of a document with its pages; the pages in `bags` as bags of lines."""
    return [
        _judge_sheet(sheet, [line for line in lines if line.page == sheet.page], sheet.page in bags) for sheet in sheets
    ]


def scan_figures(rows: Sequence[SheetResult]) -> dict[str, float]:
    """Return the character error rates of running text (`cer`) and of bags (`bag_cer`), with n in characters.

    The standard error treats each character as one trial.
    """
    figures: dict[str, float] = {}
    for name, results in (("cer", [r for r in rows if not r.bag]), ("bag_cer", [r for r in rows if r.bag])):
        errors, n = sum(r.errors for r in results), sum(r.n for r in results)
        if n:
            wrong = min(errors, n)
            figures |= {name: errors / n, f"{name}_se": standard_error([1] * wrong + [0] * (n - wrong))}
            figures |= {f"{name}_errors": errors, f"{name}_n": n}
    return figures


def _judge_sheet(sheet: Sheet, lines: Sequence[Line], bag: bool) -> SheetResult:  # noqa: FBT001 -- one caller, above
    true, read = _letters(sheet.text), list(dict.fromkeys(cell for line in lines for cell in _cells(line.text)))
    if bag:
        wanted = list(filter(None, map(_letters, sheet.text.splitlines())))
        missed = sum(
            min((_edit_distance(line, cell, anywhere=True) for cell in read), default=len(line)) for line in wanted
        )
        errors = max(missed, sum(_edit_distance(cell, true, anywhere=True) for cell in read))
    else:
        errors = _edit_distance(true, "".join(cell for line in lines for cell in _cells(line.text)))
    weighted = [(line.confidence, len(line.text)) for line in lines if line.confidence is not None]
    letters = sum(length for _, length in weighted)
    return SheetResult(
        sheet.page, bag, errors, len(true), sum(s * length for s, length in weighted) / letters if letters else None
    )


def _cells(line: str) -> list[str]:
    """Return the cells of a line without Markdown; a line of text is one cell."""
    if _RULE.fullmatch(line):
        return []
    return list(filter(None, map(_letters, _CELL.split(line.lstrip("#")))))


def _letters(text: str) -> str:
    """Return the characters to compare: NFKC, without white space."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def _edit_distance(true: str, read: str, *, anywhere: bool = False) -> int:
    """Return the edit distance (Levenshtein 1966).

    With `anywhere`, characters of `read` before and after the match are free (Sellers 1980).
    """
    letters, steps = np.array(list(read), dtype="<U1"), np.arange(len(read) + 1)
    row = np.zeros_like(steps) if anywhere else steps
    for n, letter in enumerate(true, start=1):
        following = np.concatenate(([n], np.minimum(row[:-1] + (letters != letter), row[1:] + 1)))
        row = np.minimum.accumulate(following - steps) + steps
    return int(row.min() if anywhere else row[-1])
