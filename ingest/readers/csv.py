"""CSV: a table with a header row becomes tab-separated lines, as the table reader expects them."""

import csv
import io
from pathlib import Path

from ingest.documents import Line
from ingest.readers.text import decode


def read_csv(path: Path) -> list[Line]:
    """Return one line a record, cells joined by tabs; line breaks inside a cell become spaces."""
    text = decode(path.read_bytes(), path.name)
    records = csv.reader(io.StringIO(text, newline=""))
    return [
        Line(number, "\t".join(" ".join(cell.split()) for cell in record))
        for number, record in enumerate(records, start=1)
    ]
