"""Pictures on a page of text that have text themselves: charts, slides and forms that were pasted in."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

import numpy as np

from ingest.readers.pdf.content import Content
from ingest.readers.pdf.lines import Layout
from ingest.readers.pdf.order import Figure, Read
from ingest.readers.pdf.place import Box, enclosing
from ingest.readers.scans.ocr import Picture, can_read_pictures
from ingest.readers.scans.scanned import read_lines_of, scale_of, share_of

if TYPE_CHECKING:
    from pypdfium2 import PdfPage

# A picture is worth telling of from this share of a page on, smaller ones are marks and lines, and worth reading from
# the second one. From the third on it lies behind the text of the page.
_SHOWN, _READ, _FILLS = 0.02, 0.04, 0.6
# Characters of the text layer that cover more of a picture are what is written on it.
_WRITTEN_ON = 0.05
# Pixels a point: in so coarse a picture it is seen whether a better one is worth reading.
_COARSE = 100 / 72
# So much of what is drawn or written shows one of three colours, of 4,096: of 32 such pictures the busiest .58, of
# seven photographs the plainest .46. A grey photograph passes, and costs the time of finding no letters.
_PLAIN, _COLOURS, _DEPTH = 0.52, 3, 16
# Names on goods in a picture of a shop, a logo or a road sign have fewer letters.
_FEWEST = 16
# Each has more pixels than this that differ by so much in brightness from the one beside them: 67 of large type.
_EDGES, _STEP = 40, 48
# Points. Strips in which a picture is stored stand no further apart; of more pieces a drawing is made.
_STRIPS, _MOST_PIECES = 2.0, 200


class Figures:
    """The pictures of a document, page by page: one that has no text may stand at the same place of each page."""

    def __init__(self) -> None:
        self._blank: set[Box] = set()

    def read(self, page: "PdfPage", found: Content, most: int) -> tuple[list[Figure], int]:
        """Return what is written in pictures of the next page, on which `found` stands, and how many were tried.

        No more than so many are; without the extra none.
        """
        if not can_read_pictures():
            return [], 0
        figures: list[Figure] = []
        tried = 0
        for place in _lettered(found):
            if place in self._blank or tried == most:
                continue
            lines: list[Read] = []
            if _may_be_read(_picture(page, found, place, _COARSE)):
                tried += 1
                with suppress(MemoryError):  # the text of the page is read all the same
                    lines = read_lines_of(_picture(page, found, place, scale_of(page)), Layout(), is_page=False)
            if sum(letter.isalnum() for line, _ in lines for letter in line) >= _FEWEST:
                figures.append(Figure(place, tuple(lines)))
            else:
                self._blank.add(place)
        return figures, tried


def unread_figures(found: Content, figures: Sequence[Figure]) -> int:
    """Return how many pictures on a page of text are none of `figures`; what lies behind all of it is none."""
    return sum(
        _SHOWN <= share_of(picture, found.box) < _FILLS and not any(figure.box.holds(picture) for figure in figures)
        for picture in found.drawing.pictures
    )


def _lettered(found: Content) -> Iterator[Box]:
    """Yield the places of pictures on which text may stand that the text layer lacks."""
    for place in _whole([picture for picture in found.drawing.pictures if share_of(picture, found.box) < _FILLS]):
        if _READ <= share_of(place, found.box) < _FILLS:
            written = sum(Box(*g[1:5]).area for g in place.held(found.glyphs) if not g.char.isspace())
            if written < _WRITTEN_ON * place.area:
                yield place


def _whole(pieces: Sequence[Box]) -> list[Box]:
    """Return the places of pictures, those that touch each other as one."""
    if len(pieces) > _MOST_PIECES:
        return []
    places: list[Box] = []
    for piece in pieces:
        whole = piece
        while touching := [place for place in places if _touch(place, whole)]:
            places = [place for place in places if place not in touching]
            whole = enclosing([whole, *touching])
        places.append(whole)
    return places


def _touch(one: Box, other: Box) -> bool:
    return (
        max(one.left, other.left) - min(one.right, other.right) < _STRIPS
        and max(one.bottom, other.bottom) - min(one.top, other.top) < _STRIPS
    )


def _picture(page: "PdfPage", found: Content, place: Box, scale: float) -> Picture:
    """Return what a place shows but for the characters of the text layer, which are read there, upright as they are."""
    left, bottom = place.left - found.box.left, place.bottom - found.box.bottom
    right, top = found.box.right - place.right, found.box.top - place.top
    crop = tuple(max(side, 0.0) for side in (left, bottom, right, top))
    further = (90 * found.turns - page.get_rotation()) % 360
    shown = np.array(page.render(scale=scale, rotation=further, crop=crop).to_numpy()[:, :, :3])
    left, top = place.left - min(left, 0), place.top + min(top, 0)
    for glyph in place.held(found.glyphs):
        across = [max(round((side - left) * scale), 0) for side in (glyph.left, glyph.right)]
        down = [max(round((top - side) * scale), 0) for side in (glyph.top, glyph.bottom)]
        shown[slice(*down), slice(*across)] = 255
    return shown


def _may_be_read(picture: Picture) -> bool:
    """Whether a coarse picture is drawn or written, in few colours as no photograph is, with edges enough for text."""
    steps = picture.astype(np.int64) // (256 // _DEPTH)
    counts = np.bincount((steps @ np.array([_DEPTH**2, _DEPTH, 1])).ravel(), minlength=_DEPTH**3)
    is_plain = np.sort(counts)[-_COLOURS:].sum() >= _PLAIN * counts.sum()
    edges = np.abs(np.diff(picture.mean(axis=2), axis=1)) > _STEP
    return bool(is_plain and edges.sum() >= _EDGES * _FEWEST)
