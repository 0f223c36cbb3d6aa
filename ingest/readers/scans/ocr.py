"""The characters of a picture, found and read by rapidocr: an extra that `make setup-ocr` installs with its models."""

from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from math import cos, sin
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest.readers.scans.ocr_text import RING, as_written, is_foreign

Picture = NDArray[np.uint8]  # (height, width, 3)
# Measured on the four sheets of ../shared/data/scans, also made coarse (eval/LOG.md, 2026-11-21): what was read less
# surely was wrong in 17 of 29 characters, what was read more surely in 194 of 5,152.
LEAST_SURE = 0.7
# A page that lies on its side or stands on its head is read with .52 to .53, if at all, an upright one with .98 to .99.
_UPRIGHT = 0.8
# The detector sees the page in this size, the recogniser as it was drawn: 8 of 2,324 characters were wrong so, 11 with
# both in full size, which takes half as much memory again (the same entry).
_DETECTED_SIDE = 1280
# Where nearly all that is likely is Chinese, what is left of Japanese is none the surer for that.
_LEAST_LEFT = 0.05
# Longer sides are scaled down: A3 at 200 dpi. Whoever sends 50 megapixels need not be given the memory for them.
LONGEST_SIDE = 3400
# Shorter ones hold no line that could be read.
_SHORTEST_SIDE = 8


@dataclass(frozen=True, slots=True)
class Piece:
    """Characters that stand together in a picture, with their box in its pixels, y downwards; `confidence` is 0 to 1.

    The box is that in the picture turned upright, its skew taken out.
    """

    text: str
    confidence: float
    left: float
    top: float
    right: float
    bottom: float

    @property
    def size(self) -> float:
        """The height of the characters."""
        return self.bottom - self.top


@dataclass(frozen=True, slots=True)
class Seen:
    """What stands in a picture, and the picture itself, turned upright and straight as the boxes are."""

    pieces: list[Piece]
    picture: Picture


def can_read_pictures() -> bool:
    """Whether the extra is installed."""
    return find_spec("rapidocr") is not None


def read_picture(picture: Picture) -> Seen:
    """Return what is written in a picture, whichever way up it lies; what cannot be read surely is left out.

    They are in no order. None for a picture without
    letters or digits: a black box is read as one (■).
    """
    if min(picture.shape[:2]) < _SHORTEST_SIDE:
        return Seen([], picture)
    found = _read(picture)
    if not _is_upright(found.pieces):
        turned = [found, *(_read(np.ascontiguousarray(np.rot90(picture, turns))) for turns in (1, 2, 3))]
        found = max(turned, key=lambda seen: _sureness(seen.pieces))
    sure = [piece for piece in found.pieces if piece.confidence >= LEAST_SURE or piece.text == RING]
    legible = any(letter.isalnum() for piece in sure for letter in piece.text)
    return Seen(sure if legible else [], found.picture)


def _is_upright(found: list[Piece]) -> bool:
    """Whether the lines lie flat and make sense; one on its side may be read well, from bottom to top."""
    letters = sum(len(piece.text) for piece in found)
    tall = sum(len(piece.text) for piece in found if piece.size > piece.right - piece.left and len(piece.text) > 1)
    return 2 * tall < letters and _sureness(found) >= _UPRIGHT * letters


def _sureness(found: list[Piece]) -> float:
    """Return how many characters are read rightly, as the reader itself sees it; lines on their sides count none."""
    return sum(p.confidence * len(p.text) for p in found if p.size < p.right - p.left or len(p.text) == 1)


def _read(picture: Picture) -> Seen:
    try:
        read = _engine()(picture, use_cls=False)
    except Exception as error:  # whatever the engine raises where it gets no memory
        raise MemoryError from error
    if read.txts is None:
        return Seen([], picture)
    boxes = np.asarray(read.boxes, dtype=np.float64)
    angle = _skew(boxes)
    corners = boxes @ np.array([[cos(angle), -sin(angle)], [sin(angle), cos(angle)]])
    lows, highs = corners.min(axis=1), corners.max(axis=1)
    pieces = [
        Piece(text, float(confidence), *map(float, (*low, *high)))
        for written, confidence, low, high in zip(read.txts, read.scores, lows, highs, strict=True)
        if (text := as_written(written))
    ]
    return Seen(pieces, _straight(picture, angle))


def _skew(corners: NDArray[np.float64]) -> float:
    """Return by which angle the longer half of boxes, (n, 4, 2) from the upper left corner clockwise, falls."""
    edges = corners[:, 1] - corners[:, 0]
    lengths = np.hypot(edges[:, 0], edges[:, 1])
    return float(np.median(np.arctan2(edges[:, 1], edges[:, 0])[lengths >= np.median(lengths)]))


def _straight(picture: Picture, angle: float) -> Picture:
    """Turn a picture about its upper left corner, so that what falls by `angle` lies flat."""
    from PIL import Image  # noqa: PLC0415 -- 0.1 s that those who read no picture need not pay

    height, width = picture.shape[:2]
    back = (cos(angle), -sin(angle), 0, sin(angle), cos(angle), 0)
    turned = Image.fromarray(picture).transform((width, height), Image.Transform.AFFINE, back, fillcolor="white")
    return np.array(turned)


@cache
def _engine() -> Any:
    from rapidocr import RapidOCR  # noqa: PLC0415 -- an extra; and half a second

    engine: Any = RapidOCR(
        params={
            "Global.log_level": "error",
            "Global.max_side_len": LONGEST_SIDE,
            "Global.text_score": 0.0,
            "Det.limit_type": "max",
            # One line at a time on one core: 4.9 s of it a page and 0.46 GB; six lines on two took 8.4 s and 0.70 GB.
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "Rec.rec_batch_num": 1,
            "Det.limit_side_len": _DETECTED_SIDE,
        }
    )
    engine(np.full((48, 48, 3), 255, np.uint8), use_det=False, use_cls=False)  # the recogniser is opened when it reads
    engine.text_rec.postprocess_op = _Japanese(engine.text_rec.postprocess_op)
    engine.update_params(use_det=True)
    return engine


class _Japanese:
    """A decoder that has only characters of Japanese to choose from: the model knows Chinese ones that look alike."""

    def __init__(self, decode: Any) -> None:
        self._decode = decode
        self._foreign = np.array([is_foreign(character) for character in decode.character])

    def __call__(self, likely: NDArray[np.float32], *options: Any, **named: Any) -> Any:
        """Decode probabilities, (lines, steps, characters)."""
        foreign = likely[:, :, self._foreign].sum(axis=2, keepdims=True)
        likely[:, :, self._foreign] = 0
        likely /= np.maximum(1 - foreign, _LEAST_LEFT)
        return self._decode(likely, *options, **named)
