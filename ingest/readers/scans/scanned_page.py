"""Detects scanned pages, recognises their text and lays it out."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import groupby
from math import inf
from statistics import median
from typing import TYPE_CHECKING
from unicodedata import east_asian_width

import numpy as np

from ingest.readers.pdf.content import Content
from ingest.readers.pdf.drawing import Drawing, pictures_of
from ingest.readers.pdf.geometry import Box, Glyph
from ingest.readers.pdf.page_layout import Layout
from ingest.readers.scans.ocr import LONGEST_SIDE, Picture, Piece, can_read_pictures, read_picture
from ingest.readers.scans.ruling_lines import Rule, find_ruling_lines
from ingest.sandbox.parallel import extend_time

if TYPE_CHECKING:
    from pypdfium2 import PdfPage

# A line and how surely it was read, from 0 to 1.
Read = tuple[str, float | None]
# Dots an inch. Of 2,324 characters 11 were wrong at 150, 8 at 200, 9 at 250 (decision 040).
_DPI = 200
_POINT = 72 / _DPI
# A picture of this share of the page makes it a scan, beside so few characters of text: a number stamped on it, the
# name of the form that was pasted in. From this share on it lies behind the text of a page.
_MAIN, _FEW, _FILLS = 0.4, 60, 0.6
# A picture is worth telling of from this share of a page; smaller ones are marks and lines.
_SHOWN = 0.02
# A column of running text has lines of so many characters, so many of them, and most fill its width.
_COLUMN_LETTERS, _COLUMN_LINES, _FULL = 8, 4, 0.75
# A line this wide goes over all columns.
_WIDE = 0.6
# Boxes of one type differ in height by less.
_ALIKE = 1.3
# What takes two places in a line beside a Latin letter.
_WIDE_LETTERS = frozenset("WFA")


def read_scanned(page: "PdfPage", layout: Layout) -> list[Read] | None:
    """Return the lines of a page as its picture shows them; None where none can be read, or the extra is missing."""
    if not can_read_pictures():
        return None
    width, height = page.get_size()
    scale = min(1 / _POINT, LONGEST_SIDE / max(width, height))
    picture = page.render(scale=scale).to_numpy()
    return read_picture_lines(np.ascontiguousarray(picture[:, :, :3]), layout) or None


def read_picture_lines(picture: Picture, layout: Layout) -> list[Read]:
    """Return the lines of a picture; none where nothing is written on it. Each picture may take its own time."""
    extend_time()
    seen = read_picture(picture)
    height, width = seen.picture.shape[:2]
    across, upright = find_ruling_lines(seen.picture) if seen.pieces else ([], [])
    drawing = Drawing([_box(rule, height) for rule in across], [_box(rule, height) for rule in upright], [], [])
    found = Content(list(_glyphs(seen.pieces, height)), drawing, width > height)
    return [(line, _confidence(line, seen.pieces)) for line in layout.lines(found)] if seen.pieces else []


def is_scan(page: "PdfPage", shares: Sequence[float]) -> bool:
    """Whether a page is a picture with next to no text, by the `shares` of its pictures."""
    if all(share < _MAIN for share in shares):
        return False
    with closing(page.get_textpage()) as text:
        return len("".join(text.get_text_bounded().split())) <= _FEW


def count_visible_pictures(shares: Sequence[float]) -> int:
    """Return how many pictures stand on a page of text; what lies behind all of it is none."""
    return sum(_SHOWN <= share < _FILLS for share in shares)


def picture_shares(page: "PdfPage") -> list[float]:
    """Return for each picture on a page which share of it that covers."""
    width, height = page.get_size()
    shares = []
    for left, bottom, right, top in pictures_of(page):
        across = min(right, width) - max(left, 0)
        upward = min(top, height) - max(bottom, 0)
        shares.append(max(across, 0) * max(upward, 0) / (width * height))
    return shares


def _box(place: "Rule | tuple[float, float, float, float]", height: int) -> Box:
    """Return a place in pixels, y downwards, in points from the lower left corner."""
    left, top, right, bottom = place
    return Box(left * _POINT, (height - bottom) * _POINT, right * _POINT, (height - top) * _POINT)


def _glyphs(pieces: Sequence[Piece], height: int) -> Iterator[Glyph]:
    """Yield the characters row by row, a line feed behind each; a character takes its share of its piece."""
    at = 0
    usual = median(piece.size for piece in pieces) if pieces else 0.0
    for part in _parts(pieces):
        for row in _rows(part):
            for piece in row:
                left, bottom, right, top = _box(_place(piece, usual), height)
                shares = [2 if east_asian_width(letter) in _WIDE_LETTERS else 1 for letter in piece.text]
                place = left
                for letter, share in zip(piece.text, shares, strict=True):
                    end = place + (right - left) * share / sum(shares)
                    yield Glyph(letter, place, bottom, end, top, at)
                    place, at = end, at + 1
            yield Glyph("\n", place, bottom, place, top, at)
            at += 1


def _place(piece: Piece, usual: float) -> tuple[float, float, float, float]:
    """Return the box of a piece; one that is about as high as most is just so: brackets and 一 make the difference."""
    if not usual / _ALIKE <= piece.size <= usual * _ALIKE:
        return piece.left, piece.top, piece.right, piece.bottom
    middle = (piece.top + piece.bottom) / 2
    return piece.left, middle - usual / 2, piece.right, middle + usual / 2


def _confidence(line: str, pieces: Sequence[Piece]) -> float | None:
    """Return the mean confidence of the characters of a line, by the pieces that stand in it; of all where none do."""
    if not line:
        return None
    inside = [piece for piece in pieces if piece.text in line] or pieces
    return sum(p.confidence * len(p.text) for p in inside) / sum(len(p.text) for p in inside)


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
