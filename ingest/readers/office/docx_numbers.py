"""Computes the automatic numbers of Word paragraphs: 第1章, 1.2, (1), ①, ア."""

import re
from xml.etree.ElementTree import Element

from ingest.japanese.notation import KANJI_DIGITS
from ingest.readers.office.docx_styles import W, child_value

_LEVELS = 9
_IROHA = "イロハニホヘトチリヌルヲワカヨタレソツネナラムウヰノオクヤマケフコエテアサキユメミシヱヒモセス"
_AIUEO = "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヲン"
_CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
_ROMAN = (
    (1000, "m"),
    (900, "cm"),
    (500, "d"),
    (400, "cd"),
    (100, "c"),
    (90, "xc"),
    (50, "l"),
    (40, "xl"),
    (10, "x"),
    (9, "ix"),
    (5, "v"),
    (4, "iv"),
    (1, "i"),
)
_WIDE = str.maketrans("0123456789", "０１２３４５６７８９")
_BULLET = "bullet"
# Larger start values come from malicious files.
_MAX_NUMBER = 9_999


class ParagraphNumbering:
    """Numbers the paragraphs of a document in order; `root` is `numbering.xml`, None without one."""

    def __init__(self, root: Element | None) -> None:
        abstract = {} if root is None else {a.get(f"{W}abstractNumId"): a for a in root.iter(f"{W}abstractNum")}
        self._levels: dict[str, dict[int, Element]] = {}
        self._counter_key: dict[str, str] = {}
        for number in () if root is None else root.iter(f"{W}num"):
            abstract_id = child_value(number, "abstractNumId")
            key = number.get(f"{W}numId", "")
            self._counter_key[key] = abstract_id or ""
            levels = (
                {_level(level): level for level in abstract[abstract_id].iter(f"{W}lvl")}
                if abstract_id in abstract
                else {}
            )
            for override in number.iter(f"{W}lvlOverride"):
                if (level := override.find(f"{W}lvl")) is not None:
                    levels[_level(override)] = level
                if child_value(override, "startOverride") is not None:
                    self._counter_key[key] = f"{abstract_id}/{key}"
            self._levels[key] = levels
        self._counts: dict[str, list[int]] = {}

    def label(self, properties: Element) -> str | None:
        """Return the label of the paragraph with these properties (`w:numPr`), None for a bullet, "" without one.

        Each call counts one paragraph.
        """
        key = child_value(properties, "numId") or "0"
        level_index = _parse_number(child_value(properties, "ilvl"), 0)
        levels = self._levels.get(key, {})
        if level_index not in levels:
            return ""
        if (child_value(levels[level_index], "numFmt") or "decimal") == _BULLET:
            return None
        counts = self._counts.setdefault(self._counter_key[key], [0] * _LEVELS)
        start = _parse_number(child_value(levels[level_index], "start"), 1)
        counts[level_index] = counts[level_index] + 1 if counts[level_index] else start
        counts[level_index + 1 :] = [0] * (_LEVELS - level_index - 1)
        text = child_value(levels[level_index], "lvlText") or ""
        return re.sub(r"%([1-9])", lambda match: self._render_label(levels, counts, int(match[1]) - 1), text)

    def _render_label(self, levels: dict[int, Element], counts: list[int], level_index: int) -> str:
        level = levels.get(level_index)
        number = counts[level_index] or _parse_number(child_value(level, "start"), 1)
        return _format_number(number, child_value(level, "numFmt") or "decimal")


def _level(element: Element) -> int:
    return min(_parse_number(element.get(f"{W}ilvl"), 0), _LEVELS - 1)


def _parse_number(text: str | None, default: int) -> int:
    return min(int(text), _MAX_NUMBER) if text and re.fullmatch(r"\d{1,9}", text) else default


def _format_number(number: int, number_format: str) -> str:
    letters = {
        "aiueo": _AIUEO,
        "aiueoFullWidth": _AIUEO,
        "iroha": _IROHA,
        "irohaFullWidth": _IROHA,
        "decimalEnclosedCircle": _CIRCLED,
        "decimalEnclosedCircleChinese": _CIRCLED,
        "lowerLetter": "abcdefghijklmnopqrstuvwxyz",
        "upperLetter": "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    }.get(number_format)
    if letters:
        return letters[number - 1] if 0 < number <= len(letters) else str(number)
    if number_format in {"lowerRoman", "upperRoman"}:
        return _roman(number).upper() if number_format == "upperRoman" else _roman(number)
    if number_format in {"decimalFullWidth", "decimalFullWidth2"}:
        return str(number).translate(_WIDE)
    if number_format in {
        "japaneseCounting",
        "japaneseLegal",
        "chineseCounting",
        "chineseCountingThousand",
        "ideographDigital",
    }:
        return _kanji(number)
    if number_format == "none":
        return ""
    return f"{number:02}" if number_format == "decimalZero" else str(number)


def _roman(number: int) -> str:
    text = ""
    for size, letters in _ROMAN:
        text += letters * (number // size)
        number %= size
    return text


def _kanji(number: int) -> str:
    text = ""
    for size, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, size)
        if digit:
            text += (KANJI_DIGITS[digit] if digit > 1 or not name else "") + name
    return text or KANJI_DIGITS[0]
