"""Readers by file format: each turns a file into blocks and lines of text (`READERS`)."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from ingest.blocks.model import DocumentPart, SourceDocument, part_lines
from ingest.documents import Block, Line
from ingest.errors import UnreadableDocumentError
from ingest.readers.html.html_reader import read_html
from ingest.readers.office.docx import read_docx
from ingest.readers.office.libreoffice import CONVERTED_SUFFIXES, read_converted
from ingest.readers.office.ooxml_package import is_empty
from ingest.readers.office.pptx import read_pptx
from ingest.readers.office.xlsx import read_xlsx
from ingest.readers.text_files import front_matter, read_csv, read_markdown, read_text

Reader = Callable[[Path], SourceDocument]


def _titled_by_heading(read: Callable[[Path], Sequence[DocumentPart]], path: Path) -> SourceDocument:
    parts = read(path)
    first = next((part for part in parts if part.text.strip()), None)
    if isinstance(first, Block):
        return SourceDocument(parts, first.text if first.kind == "heading" else "")
    text = first.text.strip() if first else ""
    title = text.lstrip("#").strip() if text.startswith("#") else ""
    return SourceDocument(parts, front_matter(path).get("title") or title)


# Imported on use: PDFium takes 0.1 s.
def _read_pdf(path: Path) -> SourceDocument:
    from ingest.readers.pdf.pdf_reader import read_pdf  # noqa: PLC0415

    return read_pdf(path)


def _read_pictures(path: Path) -> SourceDocument:
    from ingest.readers.scans.scanned_page import read_pictures  # noqa: PLC0415

    return read_pictures(path)


READERS: dict[str, Reader] = {
    ".csv": partial(_titled_by_heading, read_csv),
    ".docx": read_docx,
    ".htm": read_html,
    ".html": read_html,
    ".md": partial(_titled_by_heading, read_markdown),
    ".pdf": _read_pdf,
    ".pptx": read_pptx,
    ".tsv": partial(_titled_by_heading, read_csv),
    ".txt": partial(_titled_by_heading, read_text),
    ".xlsx": read_xlsx,
    **dict.fromkeys(CONVERTED_SUFFIXES, read_converted),
    **dict.fromkeys((".jpeg", ".jpg", ".png", ".tif", ".tiff"), _read_pictures),
}
SUFFIXES = tuple(READERS)
# What a person can do with a file of another format.
_ADVICE = {
    **dict.fromkeys((".jtd", ".jtt"), "一太郎で開き、PDF（文字の入ったもの）に書き出して"),
    **dict.fromkeys((".xdw", ".xbd"), "DocuWorks で開き、PDF（文字の入ったもの）に書き出して"),
    **dict.fromkeys((".pages", ".numbers", ".key"), "元のソフトで開き、PDF か Word・Excel の形式に書き出して"),
    **dict.fromkeys((".gdoc", ".gsheet", ".gslides"), "Google ドライブの「ダウンロード」で Word・Excel・PDF にして"),
    **dict.fromkeys((".eml", ".msg"), "メールソフトで開き、本文を PDF か HTML に保存し、添付は別のファイルにして"),
    **dict.fromkeys((".docm", ".xlsm", ".pptm"), "マクロのない形式（.docx .xlsx .pptx）で保存し直して"),
    **dict.fromkeys((".heic", ".webp", ".gif", ".bmp"), "PNG か JPEG に変換して"),
    **dict.fromkeys((".zip", ".7z", ".rar", ".lzh", ".gz", ".tar"), "展開して、中の文書を"),
    **dict.fromkeys((".geojson", ".gpkg", ".ics", ".json", ".kml", ".shp"), "中の表を CSV に書き出して"),
    ".xml": "表なら CSV に、文章なら HTML か PDF に書き出して",
    ".epub": "PDF か HTML に書き出して",
}


def unreadable_format(name: str) -> str:
    """Return the message for a file of an unsupported format."""
    suffix = Path(name).suffix.lower()
    if advice := _ADVICE.get(suffix):
        return f"この形式（{suffix}）は読めません。{advice}置いてください。"
    return f"この形式は読めません。読める形式は {' '.join(READERS)} です。"


def read_lines(path: Path) -> list[Line]:
    """Return the text of the file at `path` as lines without what is dropped; raises as `read_source` does."""
    parts = read_source(path).parts
    return list(part_lines(part for part in parts if isinstance(part, Line) or part.kind != "dropped"))


def read_source(path: Path, url: str | None = None) -> SourceDocument:
    """Return content and title of the file at `path`, which is published at `url`.

    Raises UnreadableDocumentError, as every reader does, if it is damaged, encrypted, too large or of another format.
    """
    reader = READERS.get(path.suffix.lower())
    if reader and path.is_file() and is_empty(path):
        return SourceDocument()
    if reader is None:
        raise UnreadableDocumentError(f"{path.name}: {unreadable_format(path.name)}")
    if not path.is_file():
        raise UnreadableDocumentError(f"{path}: ファイルがありません。置き場所と名前を確かめてください。")
    return read_html(path, url) if reader is read_html else reader(path)
