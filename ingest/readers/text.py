"""Reader for plain text and Markdown."""

import re
from collections.abc import Callable
from pathlib import Path

from ingest.documents import Line
from ingest.readers.encoding import decode
from ingest.readers.line_writer import legible

_LINE_END = re.compile(r"\r\n|\r|\n")
# A vertical tab is how slides write a line break inside a paragraph.
_PART_END = re.compile(r"([\f\v])")


def read_text(path: Path, rewrite: Callable[[str], str] | None = None) -> list[Line]:
    """Return the lines of a text file; a form feed starts a new page, and lines on both its sides have one number.

    `rewrite` changes the text before it is cut into lines. Raises UnreadableDocumentError for binary content, an
    encoding that cannot be told, and mojibake.
    """
    text = decode(path.read_bytes(), path.name)
    text = rewrite(text) if rewrite else text
    has_pages = "\f" in text
    lines, page = [], 1
    for number, raw in enumerate(_LINE_END.split(text), start=1):
        first, *rest = _PART_END.split(raw)
        lines.append(Line(number, legible(first).rstrip(), page if has_pages else None))
        for mark, part in zip(rest[::2], rest[1::2], strict=True):
            page += mark == "\f"
            lines.append(Line(number, legible(part).rstrip(), page if has_pages else None))
    return lines
