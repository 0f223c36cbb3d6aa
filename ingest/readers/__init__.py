"""Readers by file format: each turns a file into lines (`READERS`)."""

from collections.abc import Callable
from pathlib import Path

from ingest.documents import Line
from ingest.errors import UnreadableDocumentError
from ingest.readers.html import html_title, read_html
from ingest.readers.office.docx import docx_title, read_docx
from ingest.readers.office.libreoffice import CONVERTED_SUFFIXES, converted_title, read_converted
from ingest.readers.office.pptx import pptx_title, read_pptx
from ingest.readers.office.xlsx import read_xlsx, xlsx_title
from ingest.readers.pdf import read_pdf
from ingest.readers.scans.scanned_page import read_pictures
from ingest.readers.text_files import read_csv, read_markdown, read_text
from ingest.readers.zip_archive import is_archive, unpack_members

Reader = Callable[[Path], list[Line]]

READERS: dict[str, Reader] = {
    ".csv": read_csv,
    ".docx": read_docx,
    ".htm": read_html,
    ".html": read_html,
    ".jpeg": read_pictures,
    ".jpg": read_pictures,
    ".md": read_markdown,
    ".pdf": read_pdf,
    ".png": read_pictures,
    ".pptx": read_pptx,
    ".tif": read_pictures,
    ".tiff": read_pictures,
    ".txt": read_text,
    ".xlsx": read_xlsx,
    **dict.fromkeys(CONVERTED_SUFFIXES, read_converted),
}
SUFFIXES = tuple(READERS)
_PICTURES = frozenset(suffix for suffix, reader in READERS.items() if reader is read_pictures)
# Readers of the title in formats that have more than text.
_TITLE_READERS: dict[str, Callable[[Path], str]] = {
    ".docx": docx_title,
    ".htm": html_title,
    ".html": html_title,
    ".pptx": pptx_title,
    ".xlsx": xlsx_title,
    **dict.fromkeys(CONVERTED_SUFFIXES, converted_title),
}
# Formats that only their own program reads; the user has to export such a file.
_EXPORTING_PROGRAMS = {
    ".jtd": "一太郎",
    ".jtt": "一太郎",
    ".xdw": "DocuWorks",
    ".xbd": "DocuWorks",
    ".pages": "Pages",
    ".numbers": "Numbers",
    ".key": "Keynote",
}


def unreadable_format(name: str) -> str:
    """Return the message for a file of an unsupported format."""
    if is_archive(Path(name)):
        return "ZIP は、ひとつの文書としては読めません。展開して、中の文書をひとつずつ渡してください。"
    program = _EXPORTING_PROGRAMS.get(Path(name).suffix.lower())
    if program:
        return f"{program}の形式は読めません。{program}で開き、PDF（文字の入ったもの）に書き出して置いてください。"
    return f"この形式は読めません。読める形式は {' '.join(READERS)} です。"


def read_lines(path: Path) -> list[Line]:
    """Return the lines of the file at `path`; raises UnreadableDocumentError if it cannot be read."""
    reader = READERS.get(path.suffix.lower())
    if is_archive(path) and path.is_file():
        unpack_members(path)  # raises if the archive is damaged
    if reader is None:
        raise UnreadableDocumentError(f"{path.name}: {unreadable_format(path.name)}")
    if not path.is_file():
        raise UnreadableDocumentError(f"{path}: ファイルがありません。置き場所と名前を確かめてください。")
    return reader(path)


def read_title(path: Path) -> str:
    """Return the title found in the file at `path`, "" if there is none; raises as `read_lines` does."""
    if path.suffix.lower() in _PICTURES:  # OCR takes seconds and runs once, when the document itself is read
        return ""
    title_reader = _TITLE_READERS.get(path.suffix.lower())
    if title_reader and path.is_file():
        return title_reader(path)
    first = next((line.text.strip() for line in read_lines(path) if line.text.strip()), "")
    return first.lstrip("#").strip() if first.startswith("#") else ""
