"""Character error rate and time of OCR on scanned sheets."""

import re
import resource
import sys
import unicodedata
from argparse import Namespace
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from time import perf_counter, process_time

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from eval.command import OUT, Measurement, command, show_figures
from eval.errors import SetFileError
from eval.metrics.statistics import standard_error
from eval.storage.numbered_lines import read_models
from ingest.cli.command_line import integer_between, option, path_option
from ingest.documents import Line
from ingest.readers import read_lines

# A line of a Markdown table without text.
_RULE = re.compile(r"[|\-\s]+")
_CELL_SEPARATOR = re.compile(r"(?<!\\)\||\u3000")


class Sheet(BaseModel):
    """The true text of a page, which counts from 1."""

    model_config = ConfigDict(frozen=True)

    page: int = Field(ge=1)
    text: str = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class SheetResult:
    """The characters of a page that OCR read wrong.

    Attributes:
        bag: whether order of lines and division into cells do not count: each true line is searched in the OCR text and
            each OCR cell in the true text, and the larger number of errors counts.
        errors: wrong characters.
        n: characters of the true text.
        confidence: OCR's mean confidence by character (0-1), None without one.
    """

    page: int
    bag: bool
    errors: int
    n: int
    confidence: float | None


def judge_sheets(sheets: Iterable[Sheet], lines: Sequence[Line], bags: Collection[int]) -> list[SheetResult]:
    """Compare the lines of a document with its pages; the pages in `bags` as bags of lines."""
    results = []
    for sheet in sheets:
        of_page = [line for line in lines if line.page == sheet.page]
        cells = [cell for line in of_page for cell in _cells(line.text)]
        true_text = _letters(sheet.text)
        is_bag = sheet.page in bags
        errors = _bag_errors(sheet.text, set(cells)) if is_bag else _edit_distance(true_text, "".join(cells))
        weighted = [(line.confidence, len(line.text)) for line in of_page if line.confidence is not None]
        letters = sum(length for _, length in weighted)
        confidence = sum(value * length for value, length in weighted) / letters if letters else None
        results.append(SheetResult(sheet.page, is_bag, errors, len(true_text), confidence))
    return results


def scan_figures(rows: Sequence[SheetResult]) -> dict[str, float]:
    """Return the character error rates of running text (`cer`) and of bags (`bag_cer`), with n in characters.

    The standard error treats each character as one trial.
    """
    figures: dict[str, float] = {}
    for name, is_bag in (("cer", False), ("bag_cer", True)):
        errors = sum(row.errors for row in rows if row.bag is is_bag)
        n = sum(row.n for row in rows if row.bag is is_bag)
        if n:
            wrong = min(errors, n)
            figures |= {name: errors / n, f"{name}_se": standard_error([1] * wrong + [0] * (n - wrong))}
            figures |= {f"{name}_errors": errors, f"{name}_n": n}
    return figures


def _bag_errors(true_text: str, cells: Collection[str]) -> int:
    """Return the wrong characters if neither the order of lines nor their division into cells counts."""
    missed = 0
    for line in filter(None, map(_letters, true_text.splitlines())):
        missed += min((_edit_distance(line, cell, anywhere=True) for cell in cells), default=len(line))
    added = sum(_edit_distance(cell, _letters(true_text), anywhere=True) for cell in cells)
    return max(missed, added)


def _cells(line: str) -> list[str]:
    if _RULE.fullmatch(line):
        return []
    return list(filter(None, map(_letters, _CELL_SEPARATOR.split(line.lstrip("#")))))


def _letters(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())


def _edit_distance(true: str, read: str, *, anywhere: bool = False) -> int:
    """Return the edit distance (Levenshtein 1966).

    With `anywhere`, characters of `read` before and after the match are free (Sellers 1980).
    """
    letters = np.array(list(read), dtype="<U1")
    columns = np.arange(len(read) + 1)
    row = np.zeros_like(columns) if anywhere else columns
    for number, letter in enumerate(true, start=1):
        following = np.concatenate(([number], np.minimum(row[:-1] + (letters != letter), row[1:] + 1)))
        row = np.minimum.accumulate(following - columns) + columns
    return int(row.min() if anywhere else row[-1])


# getrusage counts kilobytes on Linux, bytes on macOS.
_RSS_UNITS_PER_MB = 1 << (20 if sys.platform == "darwin" else 10)


@command(
    "reading-scans",
    "紙を写した PDF を読み、文字の誤り率と時間とメモリーを測る",
    path_option("--pdf", "FILE", "紙を写した PDF", required=True),
    path_option("--truth", "FILE", "紙に書かれている文(1行に1枚の JSON: page、text)", required=True),
    option(
        "--bag",
        type=integer_between(1, 10**6),
        nargs="*",
        default=[],
        metavar="PAGE",
        help="行の順を問わずに比べるページ(表やスライド)。ほかは続いた文として比べる",
    ),
    OUT,
)
def reading_scans(options: Namespace) -> Measurement:
    """Measure the character error rate of OCR, its time by page, and memory."""
    sheets = [sheet for _, sheet in read_models(options.truth, Sheet, '{"page", "text"} の JSON ')]
    if not sheets:
        raise SetFileError(f"{options.truth}: 比べる紙がありません。")
    started = perf_counter()
    worked = process_time()
    lines = read_lines(options.pdf)
    pages = len({line.page for line in lines})
    seconds = {"s_per_page": (perf_counter() - started) / pages, "cpu_s_per_page": (process_time() - worked) / pages}
    rows = judge_sheets(sheets, lines, options.bag)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _RSS_UNITS_PER_MB
    by_page = {str(row.page): {"errors": row.errors, "n": row.n, "confidence": row.confidence} for row in rows}
    return Measurement(
        scan_figures(rows) | seconds | {"rss_mb": round(memory), "n": len(rows)},
        map(asdict, rows),
        {"pdf": str(options.pdf), "truth": str(options.truth)},
        {"cer": "続いた文の誤り率", "bag_cer": "行の集まりの誤り率"},
        lambda console: show_figures(console, {"ページ": by_page}),
    )
