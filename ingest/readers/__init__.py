"""A reader a format: a file's bytes become lines. A new format is one new file and one line in `READERS`."""

from collections.abc import Callable
from pathlib import Path

from ingest.documents import Line
from ingest.errors import UnreadableDocumentError
from ingest.readers.csv import read_csv
from ingest.readers.pdf import read_pdf
from ingest.readers.text import read_text

Reader = Callable[[Path], list[Line]]

READERS: dict[str, Reader] = {
    ".csv": read_csv,
    ".md": read_text,
    ".pdf": read_pdf,
    ".txt": read_text,
}


def read_lines(path: Path) -> list[Line]:
    """Return the lines of the file at `path`; raises UnreadableDocumentError where there is no way to read it."""
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        endings = " ".join(READERS)
        raise UnreadableDocumentError(f"{path.name}: この形式は読めません。読める形式は {endings} です。")
    if not path.is_file():
        raise UnreadableDocumentError(f"{path}: ファイルがありません。置き場所と名前を確かめてください。")
    return reader(path)


def read_title(path: Path) -> str:
    """Return the title that stands in the file at `path`, "" where none does; raises as `read_lines` does."""
    first = next((line.text.strip() for line in read_lines(path) if line.text.strip()), "")
    return first.lstrip("#").strip() if first.startswith("#") else ""
