"""OCR with rapidocr, an optional extra (`make setup-ocr`)."""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from math import cos, sin
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest.japanese.characters import KANJI

Picture = NDArray[np.uint8]  # (height, width, 3)
# Confidence threshold, measured on the four sheets of ../shared/data/scans, also at low resolution (decision 040): 17
# of 29 characters below it were wrong, 194 of 5,152 above it.
MIN_CONFIDENCE = 0.7
# Rotated pages reach a confidence of .52 to .53 at most, upright ones .98 to .99.
_MIN_UPRIGHT_CONFIDENCE = 0.8
# Size of the page for the detector: 19 of 3,767 characters were wrong, as with 1280, which takes a twentieth longer,
# and 23 with 960 (decision 040).
_DETECTOR_SIDE = 1120
# Channels, height and minimum width of a line for the recogniser: cells of tables are short. The default of 320 has the
# same errors and takes a tenth longer.
_RECOGNISER_SHAPE = [3, 48, 160]
# Lines that decide the orientation.
_ORIENTATION_SAMPLE = 6
# Ratio of height to width of a vertical line, as in rapidocr.
_VERTICAL_RATIO = 1.5
# Confident letters after which no other orientation is tried (a single stroke is read confidently upside down, too).
_ENOUGH_LETTERS = 20
# Lower bound of the Japanese probability mass, so that Chinese characters do not inflate the rest.
_MIN_JAPANESE_PROBABILITY = 0.05
# Longer sides are scaled down (A3 at 200 dpi), which bounds memory.
MAX_SIDE = 3400
# Shorter pictures contain no readable line.
_MIN_SIDE = 8
_KANA = r"[\u3041-\u309f\u30a1-\u30fa\u30fc]"
_KANJI = f"[々{KANJI}]"
_JAPANESE = r"[\u3001-\u30ff\u3400-\u9fff\uff01-\uff60]"
_LETTER = re.compile(rf"{_KANA}|{_KANJI}")
# A circle alone in a cell means yes; alone it is recognised as a letter.
CIRCLE = "○"
_CIRCLES = frozenset("Oo〇◯○")
_HIRAGANA = str.maketrans("リヘベペ", "りへべぺ")
_KATAKANA = str.maketrans("へべぺ", "ヘベペ")
_CORRECTIONS = tuple(
    (re.compile(pattern), mended)
    for pattern, mended in (
        # The space after an opening number stays: 2-1 対象.
        (
            rf"(^\d+(?:[.．ー－-]\d*)+\s)(?:\s++(?={_JAPANESE}))?|(?<={_JAPANESE})\s+|(?<!\s)\s++(?={_JAPANESE})",
            r"\1",
        ),
        ("[•‧]", "・"),
        # 一 and ー look alike; their neighbours decide.
        (r"(?<=[\u30a1-\u30fa])[一－―](?=[\u30a1-\u30fa])", "ー"),
        (rf"^ー(?={_KANJI})", "一"),
        # リ among hiragana is り, and べ before katakana is ベ: they hardly differ.
        (r"(?<=[\u3041-\u309f])[リヘベペ](?=[\u3041-\u309f])", lambda one: one[0].translate(_HIRAGANA)),
        (
            r"(?<![\u3041-\u309f\u3005\u3400-\u9fff])[へべぺ](?=[\u30a1-\u30fa])",
            lambda one: one[0].translate(_KATAKANA),
        ),
        (r"(?<=[\u30a1-\u30fc])卜", "ト"),
        # Printed 令 looks like 合.
        ("合和(?=[0-9０-９元年○〇])", "令和"),
        (rf"(?<=[0-9A-Za-z０-９]|{_KANJI})ー(?=[0-9A-Za-z０-９]|{_KANJI})", "－"),
        (rf"(?<={_JAPANESE})[,，](?!\d)", "、"),
        (rf"(?<={_JAPANESE})\.(?=$|{_JAPANESE})", "。"),
        (r"[\uff61-\uff9f]+", lambda kana: unicodedata.normalize("NFKC", kana[0])),
    )
)
_WIDE = str.maketrans("()", "（）")


@dataclass(frozen=True, slots=True)
class OcrPiece:
    """Recognised characters with their box in pixels (y downwards) and a confidence of 0 to 1.

    The box is that in the picture after rotation and deskewing.
    """

    text: str
    confidence: float
    left: float
    top: float
    right: float
    bottom: float

    @property
    def size(self) -> float:
        return self.bottom - self.top


@dataclass(frozen=True, slots=True)
class PictureText:
    """The recognised text of a picture, and the picture rotated and deskewed as the boxes are."""

    pieces: list[OcrPiece]
    picture: Picture


def is_ocr_installed() -> bool:
    """Whether the extra is installed."""
    return find_spec("rapidocr") is not None


def recognise_text(picture: Picture) -> PictureText:
    """Return the text of a picture in any orientation, in no order, without uncertain characters.

    Empty for a picture without letters or digits: black boxes are recognised as ■.
    """
    if min(picture.shape[:2]) < _MIN_SIDE:
        return PictureText([], picture)
    try:
        lines = _DetectedLines(picture)
        if quarter_turns := lines.quarter_turns():
            lines = _DetectedLines(np.ascontiguousarray(np.rot90(picture, quarter_turns)))
        result = lines.read()
    except Exception as error:  # the engine raises various types without memory
        raise MemoryError from error
    confident = [piece for piece in result.pieces if piece.confidence >= MIN_CONFIDENCE or piece.text == CIRCLE]
    has_letters = any(letter.isalnum() for piece in confident for letter in piece.text)
    return PictureText(confident if has_letters else [], result.picture)


class _DetectedLines:
    def __init__(self, picture: Picture) -> None:
        self._picture = picture
        detected = _engine()(picture, use_det=True, use_cls=False, use_rec=False).boxes
        boxes = np.asarray([] if detected is None else detected, dtype=np.float32).reshape(-1, 4, 2)
        sides = np.linalg.norm(boxes[:, [1, 3]] - boxes[:, [0, 0]], axis=2)  # (n, 2): width and height
        order = np.argsort(-sides.max(axis=1), kind="stable")
        self._boxes = boxes[order]
        self._is_vertical = sides[order, 1] >= _VERTICAL_RATIO * sides[order, 0]
        self._recognised: dict[int, tuple[str, float]] = {}

    def quarter_turns(self) -> int:
        letter_counts = [0] * 4
        confidence_sums = [0.0] * 4
        best_turns = 0
        for half_turn in (0, 2):
            for index in range(min(_ORIENTATION_SAMPLE, len(self._boxes))):
                text, confidence = (
                    self._recognise_line(index) if not half_turn else _recognise(np.rot90(self._crop(index), half_turn))
                )
                letter_counts[int(self._is_vertical[index]) + half_turn] += len(text)
                confidence_sums[int(self._is_vertical[index]) + half_turn] += len(text) * confidence
            best_turns = max(range(4), key=lambda candidate: confidence_sums[candidate])
            best_turns = (
                best_turns if confidence_sums[best_turns] >= _MIN_UPRIGHT_CONFIDENCE * letter_counts[best_turns] else 0
            )
            if best_turns == 0 and confidence_sums[0] >= _ENOUGH_LETTERS:
                break
        return best_turns

    def read(self) -> PictureText:
        if not len(self._boxes):
            return PictureText([], self._picture)
        boxes = self._boxes.astype(np.float64)
        edges = boxes[:, 1] - boxes[:, 0]
        lengths = np.hypot(edges[:, 0], edges[:, 1])
        angle = float(np.median(np.arctan2(edges[:, 1], edges[:, 0])[lengths >= np.median(lengths)]))
        corners = boxes @ np.array([[cos(angle), -sin(angle)], [sin(angle), cos(angle)]])
        minimum = corners.min(axis=1)
        maximum = corners.max(axis=1)
        pieces = [
            OcrPiece(text, confidence, *map(float, (*minimum[index], *maximum[index])))
            for index in range(len(self._boxes))
            for raw, confidence in (self._recognise_line(index),)
            if (text := normalise_ocr_text(raw))
        ]
        return PictureText(pieces, _deskew(self._picture, angle))

    def _recognise_line(self, index: int) -> tuple[str, float]:
        if index not in self._recognised:
            self._recognised[index] = _recognise(self._crop(index))
        return self._recognised[index]

    def _crop(self, index: int) -> Picture:
        crop: Picture = _engine().crop_text_regions(self._picture, self._boxes[index : index + 1])[0]
        return crop


def _recognise(line: Picture) -> tuple[str, float]:
    result = _engine().recognize_txt([np.ascontiguousarray(line)])
    return result.txts[0], float(result.scores[0])


def _deskew(picture: Picture, angle: float) -> Picture:
    from PIL import Image  # noqa: PLC0415 -- imported on use: 0.1 s

    height, width = picture.shape[:2]
    matrix = (cos(angle), -sin(angle), 0, sin(angle), cos(angle), 0)
    rotated = Image.fromarray(picture).transform((width, height), Image.Transform.AFFINE, matrix, fillcolor="white")
    return np.array(rotated)


@cache
def _engine() -> Any:
    from rapidocr import RapidOCR  # noqa: PLC0415 -- an extra; imported on use: 0.5 s

    engine: Any = RapidOCR(
        params={
            "Global.log_level": "error",
            "Global.max_side_len": MAX_SIDE,
            "Global.text_score": 0.0,
            "Det.limit_type": "max",
            # One line at a time on one core: 4.9 s and 0.46 GB a page; six lines on two cores took 8.4 s and 0.70 GB.
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "Rec.rec_batch_num": 1,
            "Rec.rec_img_shape": _RECOGNISER_SHAPE,
            "Det.limit_side_len": _DETECTOR_SIDE,
        }
    )
    engine(np.full((48, 48, 3), 255, np.uint8), use_det=False, use_cls=False)  # loads the recogniser
    engine.text_rec.postprocess_op = _JapaneseDecoder(engine.text_rec.postprocess_op)
    return engine


# Restricts the decoder to Japanese characters, since the model knows similar Chinese ones.
class _JapaneseDecoder:
    def __init__(self, decode: Any) -> None:
        self._decode = decode
        self._foreign = np.array([is_non_japanese(character) for character in decode.character], dtype=np.float32)

    def __call__(self, probabilities: NDArray[np.float32], *options: Any, **keywords: Any) -> Any:
        foreign = probabilities @ self._foreign
        probabilities *= 1 - self._foreign
        probabilities /= np.maximum(1 - foreign, _MIN_JAPANESE_PROBABILITY)[:, :, np.newaxis]
        return self._decode(probabilities, *options, **keywords)


def normalise_ocr_text(text: str) -> str:
    """Return recognised text in Japanese typography: no spaces between letters, （）、。 in full width.

    Text without a Japanese letter keeps its punctuation.
    """
    text = text.strip()
    if text in _CIRCLES:
        return CIRCLE
    for pattern, replacement in _CORRECTIONS:
        text = pattern.sub(replacement, text)
    return text.translate(_WIDE) if _LETTER.search(text) else text


def is_non_japanese(character: str) -> bool:
    """Whether a character is a Chinese kanji (额, 每: not in CP932) or dot that Japanese does not use."""
    if character == "·":
        return True
    if len(character) != 1:  # special tokens of the decoder
        return False
    try:
        character.encode("cp932")
    except UnicodeEncodeError:
        return "CJK UNIFIED" in unicodedata.name(character, "")
    return False
