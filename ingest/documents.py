"""Data classes of a corpus: document, line, passage, cell and reading."""

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Literal
from urllib.parse import quote

DocumentKind = Literal["plan", "meeting", "faq", "notice", "other"]
PassageKind = Literal["text", "list", "row"]
# 表1 ごみ総排出量の推移, 図表2-1 …, (単位:人), 0% 50% (n=120), (人): what a table is, and how it counts.
_COUNTS = r"(?:\d[\d\s%％]*)?[(（〔\[]?(?:単位[\s:：]|[nｎ]\s?[=＝])|[(（〔\[][^()（）\d]{1,4}[)）〕\]](?:\s*[(（]|$)"
_CAPTION = re.compile(rf"(?:図|表|図表)\s?[\d１-９]|{_COUNTS}")


@dataclass(frozen=True, slots=True)
class Period:
    """The days on which a document governs, both ends included."""

    start: date
    end: date

    def __contains__(self, day: date) -> bool:
        return self.start <= day <= self.end


@dataclass(frozen=True, slots=True)
class Document:
    """One entry of a manifest; `digest` is the SHA-256 of the file and of the entry."""

    id: str
    title: str
    file: str
    kind: DocumentKind = "other"
    issuer: str = ""
    published: str = ""
    period: Period | None = None
    supersedes: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    url: str | None = None
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a source as its reader gives it; `number` counts from 1, `page` too where the format has pages.

    `confidence` (0 to 1) tells how surely it was read from a picture; None where it was text already.
    """

    number: int
    text: str
    page: int | None = None
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """A table cell with the header of its column."""

    column: str
    value: str


@dataclass(frozen=True, slots=True)
class Passage:
    """The unit that is searched and cited.

    `path` holds the headings from outer to inner; `text` is what a quote is taken from, letter for letter;
    `lines` are the source lines it covers. A row of a table has `cells` (and `notes` that stand under the table),
    a list has `items`. `confidence` is that of the lines that were read from a picture, None where there are none.
    """

    id: str
    doc_id: str
    kind: PassageKind
    path: tuple[str, ...]
    text: str
    lines: tuple[int, ...]
    page: int | None = None
    cells: tuple[Cell, ...] = ()
    notes: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    confidence: float | None = None

    @property
    def section(self) -> str:
        """The innermost heading, or an empty string before the first one; a table's caption only under none."""
        return _innermost(self.path)


@lru_cache(maxsize=4096)
def _innermost(path: tuple[str, ...]) -> str:
    return next((h for h in reversed(path) if not _CAPTION.match(h)), path[-1] if path else "")


def file_url(doc_id: str, page: int | None = None) -> str:
    """Return where a server gives a document's file; readers of PDF open it at `page`, which counts from 1."""
    return f"/api/documents/{quote(doc_id)}/file{f'#page={page}' if page else ''}"


def is_pdf(document: Document) -> bool:
    """Whether a document has pages that can be opened and drawn one by one."""
    return document.file.lower().endswith(".pdf")


@dataclass(frozen=True, slots=True)
class DroppedLines:
    """Source lines that reached no passage, with the reason (running head, table of contents, …)."""

    lines: tuple[int, ...]
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What was understood of one document; every non-blank source line is in a passage or in `dropped`."""

    document: Document
    passages: tuple[Passage, ...]
    dropped: tuple[DroppedLines, ...] = ()
