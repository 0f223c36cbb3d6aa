"""Reader for plain text."""

import re
from collections.abc import Callable
from pathlib import Path

from ingest.documents import Line
from ingest.readers.encoding import decode
from ingest.readers.line_writer import strip_invisible

_LINE_END = re.compile(r"\r\n|\r|\n")
# Slides write a line break inside a paragraph as a vertical tab.
_PART_END = re.compile(r"([\f\v])")


def read_text(path: Path, rewrite: Callable[[str], str] | None = None) -> list[Line]:
    """Return the lines of a text file; a form feed starts a new page within the same line number.

    `rewrite` is applied to the text before it is split. Raises UnreadableDocumentError as `decode` does.
    """
    text = decode(path.read_bytes(), path.name)
    text = rewrite(text) if rewrite else text
    has_pages = "\f" in text
    lines, page = [], 1
    for number, raw in enumerate(_LINE_END.split(text), start=1):
        first, *rest = _PART_END.split(raw)
        lines.append(Line(number, strip_invisible(first).rstrip(), page if has_pages else None))
        for mark, part in zip(rest[::2], rest[1::2], strict=True):
            page += mark == "\f"
            lines.append(Line(number, strip_invisible(part).rstrip(), page if has_pages else None))
    return lines
