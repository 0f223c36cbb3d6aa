"""Pictures on a page of text that have text themselves: charts, slides and forms that were pasted in."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from ingest.readers.pdf.content import Content
from ingest.readers.pdf.lines import Layout
from ingest.readers.pdf.order import Figure
from ingest.readers.pdf.place import Box, enclosing
from ingest.readers.scans.ocr import Picture, can_read_pictures
from ingest.readers.scans.scanned import drawn, read_lines_of, share_of

if TYPE_CHECKING:
    from pypdfium2 import PdfPage

# A picture is worth telling of from this share of a page on, smaller ones are marks and lines, and worth reading from
# the second one. From the third on it lies behind the text of the page.
_SHOWN, _READ, _FILLS = 0.02, 0.04, 0.6
# Characters of the text layer that cover more of a picture are what is written on it.
_WRITTEN_ON = 0.05
# So much of what is drawn or written shows one of three colours, of 4,096: of 33 such pictures the busiest .62; of
# seven photographs the plainest .46. A grey photograph passes, and shows no letters to the detector.
_PLAIN, _COLOURS, _DEPTH = 0.55, 3, 16
# Names on goods in a picture of a shop, a logo or a road sign have fewer letters.
_FEWEST = 16
# Points. Strips in which a picture is stored stand no further apart; of more pieces a drawing is made.
_STRIPS, _MOST_PIECES = 2.0, 200


def read_figures(page: "PdfPage", found: Content, most: int) -> list[Figure]:
    """Return what is written in at most so many pictures of a page on which `found` stands; without the extra none."""
    places = list(_lettered(found))[:most] if can_read_pictures() else []
    if not places:
        return []
    shown = drawn(page, found.turns)
    scale = shown.shape[0] / (found.box.top - found.box.bottom)
    # What the text layer has is read there.
    for glyph in found.glyphs:
        _seen(shown, Box(*glyph[1:5]), found.box, scale)[:] = 255
    figures = []
    for place in places:
        picture = _seen(shown, place, found.box, scale)
        if _is_plain(picture):
            lines = read_lines_of(np.ascontiguousarray(picture), Layout(), is_page=False)
            if sum(letter.isalnum() for line, _ in lines for letter in line) >= _FEWEST:
                figures.append(Figure(place, tuple(lines)))
    return figures


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


def _seen(shown: Picture, place: Box, page: Box, scale: float) -> Picture:
    """Return the part of the picture of a page that shows a place on it."""
    left, right = (max(round((side - page.left) * scale), 0) for side in (place.left, place.right))
    top, bottom = (max(round((page.top - side) * scale), 0) for side in (place.top, place.bottom))
    return shown[top:bottom, left:right]


def _is_plain(picture: Picture) -> bool:
    """Whether a picture is drawn or written, and no photograph: most of it shows few colours."""
    steps = picture.astype(np.int64) // (256 // _DEPTH)
    counts = np.bincount((steps @ np.array([_DEPTH**2, _DEPTH, 1])).ravel(), minlength=_DEPTH**3)
    return bool(np.sort(counts)[-_COLOURS:].sum() >= _PLAIN * counts.sum())
