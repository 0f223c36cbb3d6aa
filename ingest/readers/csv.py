"""CSV reader: each record becomes a row of a Markdown table."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from ingest.documents import Line
from ingest.errors import UnreadableDocumentError
from ingest.readers.encoding import decode
from ingest.readers.line_writer import strip_invisible


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
    records = csv.reader(io.StringIO(text, newline=""))
    start = 1
    for record in records:
        cells = [" ".join(strip_invisible(cell).split()).replace("|", r"\|") for cell in record]
        yield Line(start, f"| {' | '.join(cells)} |" if any(cells) else "")
        start = records.line_num + 1
