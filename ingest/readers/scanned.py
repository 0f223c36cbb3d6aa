"""A page that is a picture: it is drawn and read, and what stands on it becomes lines in reading order."""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise
from math import inf
from statistics import median
from typing import TYPE_CHECKING

import numpy as np

from ingest.readers.ocr import LONGEST_SIDE, Picture, Piece, can_read_pictures, read_pieces

if TYPE_CHECKING:
    from pypdfium2 import PdfPage

# A line and how surely it was read, from 0 to 1; blank lines stand between paragraphs.
Read = tuple[str, float | None]
# Dots an inch. Of 2,324 characters 11 were wrong at 150, 8 at 200, 9 at 250 (eval/LOG.md, 2026-11-21).
_DPI = 200
_POINTS = 72
# A picture of this share of the page makes it a scan, beside so few characters of text: a number stamped on it.
_FILLS, _FEW = 0.6, 60
# A picture is worth telling of from this share of a page; smaller ones are marks and lines.
_SHOWN = 0.02
# In heights of a character: the room that parts cells, that parts paragraphs, and how far short of the margin a line
# may end that the page has broken.
_CELL, _ROOM, _SHORT = 1.5, 0.9, 1.5
# A column of running text has lines of so many characters, so many of them, and most fill its width.
_COLUMN_LETTERS, _COLUMN_LINES, _FULL = 8, 4, 0.75
# A line this wide goes over all columns.
_WIDE = 0.6
_SAME_SIZE = 1.3
_CELL_MARK = "\u3000"
_ENDS = re.compile(r"[。!?！？][」』)）]*$")
_OPENS = re.compile(
    r"[・●○■□◆◇▶▲※＊*【＜《〔]|[(（]?(?:\d{1,2}|[０-９]{1,2}|[ア-ンa-z])[)）.．、\s]|[①-⑳]|第[\d０-９一二三四五六七八九十]+[編章節款条]"
)
_LATIN = re.compile(r"[A-Za-z0-9]")


def read_scanned(page: "PdfPage") -> list[Read] | None:
    """Return the lines of a page as its picture shows them; None where none can be read, or the extra is missing."""
    if not can_read_pictures():
        return None
    return read_lines_of(drawn(page)) or None


def read_lines_of(picture: Picture) -> list[Read]:
    """Return the lines of a picture in reading order; none where nothing is written on it."""
    return list(_lines(read_pieces(picture)))


def drawn(page: "PdfPage") -> Picture:
    """Return a page as it is to be read, no larger than what can be."""
    width, height = page.get_size()
    scale = min(_DPI / _POINTS, LONGEST_SIDE / max(width, height))
    picture = page.render(scale=scale).to_numpy()
    return np.ascontiguousarray(picture[:, :, :3])


def is_scan(page: "PdfPage", letters: int) -> bool:
    """Whether a page with so many characters of text is a picture."""
    return letters <= _FEW and any(share >= _FILLS for share in _pictures(page))


def shown_pictures(page: "PdfPage") -> int:
    """Return how many pictures stand on a page of text; what lies behind all of it is none."""
    return sum(_SHOWN <= share < _FILLS for share in _pictures(page))


def _pictures(page: "PdfPage") -> Iterator[float]:
    """Yield for each picture on a page which share of it that covers."""
    from pypdfium2 import raw  # noqa: PLC0415 -- 0.1 s that those who read no PDF need not pay

    width, height = page.get_size()
    for picture in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=2):
        left, bottom, right, top = picture.get_bounds()
        across = min(right, width) - max(left, 0)
        upward = min(top, height) - max(bottom, 0)
        yield max(across, 0) * max(upward, 0) / (width * height)


def _lines(pieces: Sequence[Piece]) -> Iterator[Read]:
    for part in _parts(pieces):
        yield from _joined(_rows(part))


def _parts(pieces: Sequence[Piece]) -> Iterator[list[Piece]]:
    """Yield what is read one after the other: columns of running text from left to right, all else whole."""
    held: list[Piece] = []
    for band in _bands(pieces):
        columns = _columns(band)
        if len(columns) > 1 and all(map(_is_running, columns)):
            yield from [held, *columns] if held else columns
            held = []
        else:
            held += band
    yield from [held] if held else []


def _bands(pieces: Sequence[Piece]) -> Iterator[list[Piece]]:
    """Yield the lines over the whole width, and what stands between them."""
    left, right = min((p.left for p in pieces), default=0.0), max((p.right for p in pieces), default=0.0)
    ordered = sorted(pieces, key=lambda p: p.top + p.bottom)
    for _, band in groupby(ordered, lambda p: p.right - p.left > _WIDE * (right - left)):
        yield list(band)


def _columns(band: Sequence[Piece]) -> list[list[Piece]]:
    """Return the pieces on both sides of each gutter that none of them crosses."""
    columns: list[list[Piece]] = []
    end = -inf
    for piece in sorted(band, key=lambda p: p.left):
        if piece.left > end + piece.size:
            columns.append([])
        columns[-1].append(piece)
        end = max(end, piece.right)
    return columns


def _is_running(column: Sequence[Piece]) -> bool:
    """Whether a column holds lines of text that fill it, and no cells of a table."""
    width = max(p.right for p in column) - min(p.left for p in column)
    usual = median(p.right - p.left for p in column)
    letters = median(len(p.text) for p in column)
    return len(column) >= _COLUMN_LINES and letters >= _COLUMN_LETTERS and usual >= _FULL * width


def _rows(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """Return the pieces that stand beside each other, from top to bottom, and within a row from left to right."""
    rows: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda p: p.top + p.bottom):
        if rows and _is_beside(rows[-1], piece):
            rows[-1].append(piece)
        else:
            rows.append([piece])
    return [sorted(row, key=lambda p: p.left) for row in rows]


def _is_beside(row: Sequence[Piece], piece: Piece) -> bool:
    top, bottom = median(p.top for p in row), median(p.bottom for p in row)
    common = min(bottom, piece.bottom) - max(top, piece.top)
    return common > min(bottom - top, piece.size) / 2


def _joined(rows: Sequence[Sequence[Piece]]) -> Iterator[Read]:
    """Yield rows as lines: what the width of the page broke is whole again, and room between paragraphs is blank."""
    margin = max((row[-1].right for row in rows), default=0.0)
    held: list[Piece] = []
    text = ""
    for row, following in zip(rows, [*rows[1:], None], strict=True):
        text, held = _with(text, _text(row)), [*held, *row]
        if following is not None and _goes_on(row, following, margin):
            continue
        yield text, sum(p.confidence * len(p.text) for p in held) / sum(len(p.text) for p in held)
        if following is None or _gap(row, following) > _ROOM * _size(row):
            yield "", None
        text, held = "", []


def _text(row: Sequence[Piece]) -> str:
    """Return a row as text; a wide gap parts cells."""
    text = row[0].text
    for before, piece in pairwise(row):
        is_cell = piece.left - before.right > _CELL * min(before.size, piece.size)
        text = f"{text}{_CELL_MARK}{piece.text}" if is_cell else _with(text, piece.text)
    return text


def _with(text: str, more: str) -> str:
    return text + (" " if text and _LATIN.match(text[-1]) and _LATIN.match(more) else "") + more


def _goes_on(row: Sequence[Piece], following: Sequence[Piece], margin: float) -> bool:
    """Whether the line ended because its room did: it fills the width, no sentence ended, and no item begins below."""
    size, below = _size(row), _size(following)
    text = _text(row)
    if _CELL_MARK in text or _CELL_MARK in _text(following) or _ENDS.search(text) or _OPENS.match(following[0].text):
        return False
    alike = max(size, below) <= _SAME_SIZE * min(size, below)
    near = -size < _gap(row, following) <= _ROOM * size and following[0].left < row[-1].right
    return alike and near and row[-1].right > margin - _SHORT * size


def _gap(row: Sequence[Piece], following: Sequence[Piece]) -> float:
    return median(p.top for p in following) - median(p.bottom for p in row)


def _size(row: Sequence[Piece]) -> float:
    return median(p.size for p in row)
