"""Reads the text of a source a second time, without layout or structure, to check that none was lost."""

import re
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from ingest.readers.encoding import decode
from ingest.readers.html.html_reader import parse_file
from ingest.readers.html.main_content import INVISIBLE_TAGS, is_boilerplate, main_part
from ingest.readers.office.office_reference_text import docx_texts, pptx_texts, xlsx_texts
from ingest.readers.pdf.pdf_reader import open_pdf
from ingest.readers.pdf.pdf_text import decode_pdf_text

# Markup that Markdown does not show: comments, scripts, tags, addresses of links.
_MARKUP = re.compile(
    r"(<!--.*?(?:-->|\Z)|<(?:script|style)\b.*?(?:</(?:script|style)\s*>|\Z)|<[^<>]*>|\]\([^()\n]*(?:\([^()\n]*\)[^()\n]*)*\))",
    re.DOTALL | re.IGNORECASE,
)
_MARKUP_REASON = "表示されない印（タグ、リンク先）"
_OUTSIDE_REASON = "本文の外（案内、メニュー）"


class ReferenceText(NamedTuple):
    """A piece of a source's text; `reason` says why readers leave such text out, "" if they should not."""

    text: str
    page: int | None = None
    reason: str = ""


def read_reference_text(path: Path) -> list[ReferenceText]:
    """Return the text of a source page by page; none for pictures and for formats that LibreOffice converts.

    Raises UnreadableDocumentError as the reader of the format does.
    """
    read = _REFERENCE_READERS.get(path.suffix.lower())
    return list(read(path)) if read else []


def _read_pdf(path: Path) -> Iterator[ReferenceText]:
    from ingest.readers.pdf.pdfium import PdfiumError  # noqa: PLC0415 -- imported on use

    with open_pdf(path) as pdf:
        for index in range(len(pdf)):
            try:
                with closing(pdf[index]) as page, closing(page.get_textpage()) as text:
                    yield ReferenceText(decode_pdf_text(text.get_text_range()), index + 1)
            except PdfiumError:  # the reader names such a page
                continue


def _read_text(path: Path) -> Iterator[ReferenceText]:
    text = decode(path.read_bytes(), path.name)
    has_pages = "\f" in text
    for number, page in enumerate(text.split("\f"), start=1):
        yield ReferenceText(page, number if has_pages else None)


def _read_markdown(path: Path) -> Iterator[ReferenceText]:
    for position, part in enumerate(_MARKUP.split(decode(path.read_bytes(), path.name))):
        yield ReferenceText(part, None, _MARKUP_REASON if position % 2 else "")


def _read_html(path: Path) -> Iterator[ReferenceText]:
    tree = parse_file(path)
    main = main_part(tree) if tree else None
    if tree is None or tree.body is None or main is None:
        return
    # Each node with whether it is in the main part, and in something that is no content; depth may exceed recursion.
    pending = [(tree.body, main.mem_id == tree.body.mem_id, False)]
    while pending:
        node, is_inside, is_skipped = pending.pop()
        if node.tag == "-text":
            reason = "" if is_inside and not is_skipped else _OUTSIDE_REASON
            yield ReferenceText(node.text_content or "", None, reason)
        elif node.tag not in INVISIBLE_TAGS:
            is_inside = is_inside or node.mem_id == main.mem_id
            is_skipped = is_skipped or (node.mem_id != main.mem_id and is_boilerplate(node))
            pending += [(child, is_inside, is_skipped) for child in reversed(list(node.iter(include_text=True)))]


def _office_reader(texts: Callable[[Path], Iterator[tuple[str, int | None, str]]]) -> "_ReferenceReader":
    def read(path: Path) -> Iterator[ReferenceText]:
        return (ReferenceText(*text) for text in texts(path))

    return read


_ReferenceReader = Callable[[Path], Iterator[ReferenceText]]
_REFERENCE_READERS: dict[str, _ReferenceReader] = {
    ".csv": _read_text,
    ".docx": _office_reader(docx_texts),
    ".htm": _read_html,
    ".html": _read_html,
    ".md": _read_markdown,
    ".pdf": _read_pdf,
    ".pptx": _office_reader(pptx_texts),
    ".txt": _read_text,
    ".xlsx": _office_reader(xlsx_texts),
}
