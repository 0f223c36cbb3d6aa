"""The lines of a page: what its width broke is joined again, and a blank one stands where the page leaves room."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING

from ingest.readers.mojibake import broken_share
from ingest.readers.pdf_page import Row, is_blank, rows
from ingest.readers.pdf_text import join, legible

if TYPE_CHECKING:
    from pypdfium2 import PdfPage

# A page of which a larger share is no text is not readable; of 805 readable ones the worst has .05 (eval/LOG.md).
_MOST_BROKEN = 0.2
# In heights of a character: the room that parts paragraphs in narrow and in wide type, how far short of the margin a
# full line may end, and how long a line is that the width of the page can have broken.
_ROOM, _MOST_ROOM, _SHORT, _LONG = 1.0, 1.6, 1.3, 8
# So much more than the usual room between two lines parts paragraphs too.
_MORE = 1.5
# Lines of one paragraph differ less in the size of their type.
_SAME_SIZE = 1.15
_ENDS = re.compile(r"[。!?！？][」』)）]*$")
_OPENS = re.compile(
    r"[・•‣◦▪➤➢►✓✔☑◆→⇒◎○●■□◇▼▶※＊*【＜《〔\uf000-\uf0ff]"
    r"|[(（]?(?:\d{1,2}|[０-９]{1,2}|[ア-ンa-z])[)）.．、\s]|[①-⑳]|第[\d０-９一二三四五六七八九十]+[編章節款条]|[-–—]\s"
)


def page_lines(page: "PdfPage") -> list[str] | None:
    """Return the lines of a page, none for an empty one; None where it shows something and none of it is text."""
    found = rows(page)
    text = "".join(row.text for row in found)
    if not legible(text):
        return [] if is_blank(page) else None
    if broken_share(text) > _MOST_BROKEN:
        return None
    return list(_joined(found))


def _joined(found: Sequence[Row]) -> Iterator[str]:
    """Yield the lines of a page's rows, blank ones between paragraphs."""
    text = ""
    for block in _blocks(found):
        margin = max((row.right for row in block if not row.parted), default=0.0)
        for row, following in zip(block, [*block[1:], None], strict=True):
            text = join(text, row.text)
            if following is None or not _is_broken(row, following, margin):
                yield legible(text)
                text = ""
        yield ""


def _blocks(found: Sequence[Row]) -> Iterator[list[Row]]:
    """Yield the rows that stand close below each other in type of one size."""
    gaps = [gap for a, b in pairwise(found) if (gap := a.bottom - b.top) > 0]
    usual = median(gaps) if gaps else 0.0
    block: list[Row] = []
    for row in found:
        if block and not _is_close(block[-1], row, usual):
            yield block
            block = []
        block.append(row)
    yield from [block] if block else []


def _is_close(above: Row, below: Row, usual: float) -> bool:
    size = max(above.size, below.size)
    gap = above.bottom - below.top
    alike = size <= _SAME_SIZE * min(above.size, below.size)
    return alike and -size < gap < max(_ROOM * size, min(_MORE * usual, _MOST_ROOM * size)) and below.left < above.right


def _is_broken(row: Row, following: Row, margin: float) -> bool:
    """Whether a line goes on in the next because its room ended: it reaches the margin and no sentence ended.

    The last cell of a row of a table goes on where the next line begins below it.
    """
    if following.parted or _ENDS.search(row.text) or _OPENS.match(following.text):
        return False
    if row.parted and not abs(following.left - row.inner) < row.size / 2:
        return False
    return row.right > margin - _SHORT * row.size and row.right - row.inner > _LONG * row.size
