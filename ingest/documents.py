"""Data classes of a corpus: documents, lines, passages and cells."""

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Literal
from urllib.parse import quote

DocumentKind = Literal["plan", "meeting", "faq", "notice", "rule", "other"]
NoticeState = Literal["", "cancelled", "postponed", "extended", "closed", "full", "suspended", "ended"]
PassageKind = Literal["text", "list", "row"]
BlockKind = Literal["heading", "label", "lead", "item", "text", "speech", "table", "note", "dropped"]
# Captions and units of tables: 表1 ごみ総排出量の推移, 図表2-1 …, (単位:人), 0% 50% (n=120), (人).
_UNIT_NOTE = (
    r"(?:\d[\d\s%％]*)?[(（〔\[]?(?:単位[\s:：]|[nｎ]\s?[=＝])|[(（〔\[][^()（）\d]{1,4}[)）〕\]](?:\s*[(（]|$)"
)
_CAPTION = re.compile(rf"(?:図|表|図表)\s?[\d１-９]|{_UNIT_NOTE}")


VERSION_CHARS = 16
"""Characters of a digest that name a version of a document."""


@dataclass(frozen=True, slots=True)
class Period:
    """The days on which a document is in force, both ends included."""

    start: date
    end: date

    def __contains__(self, day: date) -> bool:
        return self.start <= day <= self.end


@dataclass(frozen=True, slots=True)
class Document:
    """One manifest entry; `digest` is the SHA-256 of the file and the entry.

    `date_in_text` is the date that the text of a file without entry states, as `published` is written; `state` is what
    its title or first lines say of the whole: an event is cancelled, a reception closed.
    """

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
    date_in_text: str = ""
    amends: tuple[str, ...] = ()
    state: NoticeState = ""

    @property
    def version(self) -> str:
        """The beginning of the digest, which names this version in addresses."""
        return self.digest[:VERSION_CHARS]


@dataclass(frozen=True, slots=True)
class Line:
    """A line that a reader returns; `number` and `page` count from 1."""

    number: int
    text: str
    page: int | None = None


@dataclass(frozen=True, slots=True)
class BlockRow:
    """A table row with its source lines; a cell may be broken over two lines.

    `page` is the page of the row if its table goes on over pages, else None.
    """

    lines: tuple[int, ...]
    cells: tuple[str, ...]
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a document.

    Attributes:
        kind: what it is.
        text: its text without marks that only show its kind.
        lines: the numbers of its source lines.
        page: the page on which it begins.
        style: the form of a heading's number or mark, the indent of an item, or the reason for a dropped block.
        rank: orders headings, lower is outer; a heading without rank nests where its style first appears.
        rows: the rows of a table, the header first; the names of a header over several rows are joined.
        speaker: who speaks in minutes, as the label of an earlier block says; "" for a block with a label itself.
    """

    kind: BlockKind
    text: str
    lines: tuple[int, ...]
    page: int | None = None
    style: str = ""
    rank: int | None = None
    rows: tuple[BlockRow, ...] = ()
    speaker: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """A table cell with the header of its column."""

    column: str
    value: str


@dataclass(frozen=True, slots=True)
class Passage:
    """The unit that is retrieved and cited.

    `path` holds the headings from outer to inner, `text` is quoted verbatim, `lines` are the numbers of its source
    lines. A table row has `cells` (and `notes` printed under the table). `confidence` is the mean
    of its OCR characters, None without any. `withheld` says why no answer may use it, "" if it may. `is_sample` is set
    in a filled-in sample of a form. `table` is the number in its document, from 1, of the table that it is a row of, 0
    for none.
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
    confidence: float | None = None
    withheld: str = ""
    is_sample: bool = False
    table: int = 0

    @property
    def section(self) -> str:
        """The innermost heading, "" without one; a table's caption only if there is no other."""
        return innermost_heading(self.path)

    @property
    def text_with_headings(self) -> str:
        """The text below its headings, one a line."""
        return "\n".join((*self.path, self.text))


@lru_cache(maxsize=4096)
def innermost_heading(path: tuple[str, ...]) -> str:
    """Return the innermost heading of a path, "" for an empty one; a table caption only if it is the only one."""
    return next((h for h in reversed(path) if not _CAPTION.match(h)), path[-1] if path else "")


def file_url(doc_id: str, page: int | None = None, version: str = "") -> str:
    """Return the URL of a document's file, or of that version; PDF viewers open it at `page` (from 1)."""
    query = f"?version={version}" if version else ""
    return f"/api/documents/{quote(doc_id)}/file{query}{f'#page={page}' if page else ''}"


def is_pdf(document: Document) -> bool:
    """Whether a document has pages that can be opened and rendered."""
    return document.file.lower().endswith(".pdf")


@dataclass(frozen=True, slots=True)
class DroppedLines:
    """Source lines in no passage, with the reason (running head, table of contents, …)."""

    lines: tuple[int, ...]
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class ParsedDocument:
    """A document with its passages; each non-blank line is in a passage or in `dropped`."""

    document: Document
    passages: tuple[Passage, ...]
    dropped: tuple[DroppedLines, ...] = ()
