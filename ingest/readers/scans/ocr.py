"""OCR with rapidocr, an optional extra (`make setup-ocr`)."""

from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from math import cos, sin
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest.readers.scans.ocr_text import RING, is_foreign, normalise_ocr_text

Picture = NDArray[np.uint8]  # (height, width, 3)
# Measured on the four sheets of ../shared/data/scans, also made coarse (decision 040): what was read less
# surely was wrong in 17 of 29 characters, what was read more surely in 194 of 5,152.
LEAST_SURE = 0.7
# A page that lies on its side or stands on its head is read with .52 to .53, if at all, an upright one with .98 to .99.
_UPRIGHT = 0.8
# The detector sees the page in this size, the recogniser as it was drawn: 19 of 3,767 characters were wrong so as with
# 1280, which takes a twentieth longer, and 23 with 960 (decision 040).
_DETECTED_SIDE = 1120
# Channels, height and least width in which the recogniser sees a line: a cell of a table is short. With 320, as it
# comes, 19 of 3,767 characters were wrong too, and a page took a tenth longer.
_NARROWEST = [3, 48, 160]
# So many lines tell which way up a page lies. A box this much higher than wide is a line that stands, as rapidocr has
# it. From so many letters on that are surely read nothing else is tried: a stroke is read surely on its head, too.
_SAMPLE, _STANDS, _CLEAR = 6, 1.5, 20
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
class PictureText:
    """What stands in a picture, and the picture itself, turned upright and straight as the boxes are."""

    pieces: list[Piece]
    picture: Picture


def can_read_pictures() -> bool:
    """Whether the extra is installed."""
    return find_spec("rapidocr") is not None


def read_picture(picture: Picture) -> PictureText:
    """Return what is written in a picture, whichever way up it lies; what cannot be read surely is left out.

    They are in no order. None for a picture without letters or digits: a black box is read as one (■).
    """
    if min(picture.shape[:2]) < _SHORTEST_SIDE:
        return PictureText([], picture)
    try:
        lines = _DetectedLines(picture)
        if turns := lines.turns():
            lines = _DetectedLines(np.ascontiguousarray(np.rot90(picture, turns)))
        found = lines.read()
    except Exception as error:  # whatever the engine raises where it gets no memory
        raise MemoryError from error
    sure = [piece for piece in found.pieces if piece.confidence >= LEAST_SURE or piece.text == RING]
    legible = any(letter.isalnum() for piece in sure for letter in piece.text)
    return PictureText(sure if legible else [], found.picture)


class _DetectedLines:
    """The lines that the detector finds in a picture, the longest first; each is read once."""

    def __init__(self, picture: Picture) -> None:
        self._picture = picture
        found = _engine()(picture, use_det=True, use_cls=False, use_rec=False).boxes
        boxes = np.asarray([] if found is None else found, dtype=np.float32).reshape(-1, 4, 2)
        sides = np.linalg.norm(boxes[:, [1, 3]] - boxes[:, [0, 0]], axis=2)  # (n, 2): width and height
        order = np.argsort(-sides.max(axis=1), kind="stable")
        self._boxes = boxes[order]
        self._stands = sides[order, 1] >= _STANDS * sides[order, 0]
        self._known: dict[int, tuple[str, float]] = {}

    def turns(self) -> int:
        """Return by how many quarters, against the clock, the picture has to be turned for its lines to make sense.

        Those of the longest lines tell; 0 where they make sense no way, as the letters in a photograph.
        """
        letters, sure = [0] * 4, [0.0] * 4
        best = 0
        for half in (0, 2):
            for at in range(min(_SAMPLE, len(self._boxes))):
                text, confidence = self._line(at) if not half else _recognise(np.rot90(self._crop(at), half))
                letters[int(self._stands[at]) + half] += len(text)
                sure[int(self._stands[at]) + half] += len(text) * confidence
            best = max(range(4), key=lambda turns: sure[turns])
            best = best if sure[best] >= _UPRIGHT * letters[best] else 0
            if best == 0 and sure[0] >= _CLEAR:
                break
        return best

    def read(self) -> PictureText:
        """Return what stands in the lines, and the picture with its skew taken out."""
        if not len(self._boxes):
            return PictureText([], self._picture)
        boxes = self._boxes.astype(np.float64)
        angle = _skew(boxes)
        corners = boxes @ np.array([[cos(angle), -sin(angle)], [sin(angle), cos(angle)]])
        lows, highs = corners.min(axis=1), corners.max(axis=1)
        pieces = [
            Piece(text, confidence, *map(float, (*lows[at], *highs[at])))
            for at in range(len(self._boxes))
            for written, confidence in (self._line(at),)
            if (text := normalise_ocr_text(written))
        ]
        return PictureText(pieces, _deskew(self._picture, angle))

    def _line(self, at: int) -> tuple[str, float]:
        if at not in self._known:
            self._known[at] = _recognise(self._crop(at))
        return self._known[at]

    def _crop(self, at: int) -> Picture:
        """Return what stands in a box, straight; a box that stands is laid down, its head to the left."""
        crop: Picture = _engine().crop_text_regions(self._picture, self._boxes[at : at + 1])[0]
        return crop


def _recognise(line: Picture) -> tuple[str, float]:
    """Return what stands in a line, and how surely it was read, from 0 to 1."""
    read = _engine().recognize_txt([np.ascontiguousarray(line)])
    return read.txts[0], float(read.scores[0])


def _skew(corners: NDArray[np.float64]) -> float:
    """Return by which angle the longer half of boxes, (n, 4, 2) from the upper left corner clockwise, falls."""
    edges = corners[:, 1] - corners[:, 0]
    lengths = np.hypot(edges[:, 0], edges[:, 1])
    return float(np.median(np.arctan2(edges[:, 1], edges[:, 0])[lengths >= np.median(lengths)]))


def _deskew(picture: Picture, angle: float) -> Picture:
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
            "Rec.rec_img_shape": _NARROWEST,
            "Det.limit_side_len": _DETECTED_SIDE,
        }
    )
    engine(np.full((48, 48, 3), 255, np.uint8), use_det=False, use_cls=False)  # the recogniser is opened when it reads
    engine.text_rec.postprocess_op = _JapaneseDecoder(engine.text_rec.postprocess_op)
    return engine


class _JapaneseDecoder:
    """A decoder that has only characters of Japanese to choose from: the model knows Chinese ones that look alike."""

    def __init__(self, decode: Any) -> None:
        self._decode = decode
        self._foreign = np.array([is_foreign(character) for character in decode.character], dtype=np.float32)

    def __call__(self, likely: NDArray[np.float32], *options: Any, **named: Any) -> Any:
        """Decode probabilities, (lines, steps, characters)."""
        foreign = likely @ self._foreign
        likely *= 1 - self._foreign
        likely /= np.maximum(1 - foreign, _LEAST_LEFT)[:, :, np.newaxis]
        return self._decode(likely, *options, **named)
