"""CSV for spreadsheets: UTF-8 with a byte order mark, formulas escaped."""

import csv
import io
import re
from collections.abc import Iterable, Sequence

CSV = "text/csv; charset=utf-8"
# Spreadsheets evaluate cells that begin like this (OWASP, CSV Injection), unless they are plain numbers.
_FORMULA = re.compile(r"[=+\-@\t\r＝＋－＠]")
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?")


def to_csv(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Return rows under their columns as CSV (RFC 4180) with a byte order mark; None is an empty cell."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([escape_formula(column) for column in columns])
    writer.writerows([["" if cell is None else escape_formula(str(cell)) for cell in row] for row in rows])
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def escape_formula(text: str) -> str:
    """Return the text of a cell, with an apostrophe in front if it would be evaluated as a formula."""
    return f"'{text}" if _FORMULA.match(text.lstrip()) and not _NUMBER.fullmatch(text) else text


def restore_formula(text: str) -> str:
    """Return the text of a cell without the apostrophe that `escape_formula` put in front."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text[1:].lstrip()) else text
