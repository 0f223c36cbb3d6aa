"""CSV reader: finds the separator; each record becomes a row of a Markdown table."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from ingest.documents import Line
from ingest.errors import UnreadableDocumentError
from ingest.readers.encoding import decode
from ingest.readers.line_writer import strip_invisible

# Separators, the likeliest first if several divide a file evenly: a tab is never typed into a cell.
_SEPARATORS = "\t,;|"
# Characters from which the separator is found.
_SAMPLE_LENGTH = 100_000
_THOUSANDS = re.compile(r"(?<![\d,])\d{1,3}(?:,\d{3})+(?![\d,])")


def read_csv(path: Path) -> list[Line]:
    """Return one line per record, numbered by the line on which it begins; cells become one-line.

    Raises UnreadableDocumentError if the file is not text or its quotes are broken.
    """
    text = decode(path.read_bytes(), path.name)
    try:
        return list(_rows(text))
    except csv.Error as error:
        raise UnreadableDocumentError(
            f"{path.name}: CSV として読めません（{error}）。引用符の対応を確かめ、CSV UTF-8 で保存し直してください。"
        ) from error


def _rows(text: str) -> Iterator[Line]:
    records = csv.reader(io.StringIO(text, newline=""), delimiter=find_separator(text))
    start = 1
    for record in records:
        cells = [" ".join(strip_invisible(cell).split()).replace("|", r"\|") for cell in record]
        yield Line(start, f"| {' | '.join(cells)} |" if any(cells) else "")
        start = records.line_num + 1


def find_separator(text: str) -> str:
    """Return the separator that divides most records into the same number of fields, a comma if none does.

    Commas that group digits (1,250円) do not count if another separator divides records too.
    """
    sample = text[:_SAMPLE_LENGTH]
    shares = {separator: _even_share(sample, separator) for separator in _SEPARATORS}
    if any(share for separator, share in shares.items() if separator != ","):
        shares[","] = _even_share(_THOUSANDS.sub("0", sample), ",")
    best = max(shares, key=lambda separator: shares[separator])
    return best if shares[best] else ","


def _even_share(text: str, separator: str) -> float:
    records = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    counts = Counter(len(record) for record in records if any(record))
    fields, alike = counts.most_common(1)[0] if counts else (1, 0)
    return alike / counts.total() if fields > 1 else 0.0
