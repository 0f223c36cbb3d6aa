"""Computes the automatic numbers of Word paragraphs: 第1章, 1.2, (1), ①, ア."""

import re
from xml.etree.ElementTree import Element

from ingest.readers.office.docx_styles import W, value

_LEVELS = 9
_KANJI = "〇一二三四五六七八九"
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
# No numbered paragraph has a number as large; a file that begins with one only fills the line.
_MOST = 9_999


class Numbering:
    """Counts the numbered paragraphs of a document in their order; `root` is `numbering.xml`, None without one."""

    def __init__(self, root: Element | None) -> None:
        abstract = {} if root is None else {a.get(f"{W}abstractNumId"): a for a in root.iter(f"{W}abstractNum")}
        self._levels: dict[str, dict[int, Element]] = {}
        self._family: dict[str, str] = {}
        for number in () if root is None else root.iter(f"{W}num"):
            of = value(number, "abstractNumId")
            key = number.get(f"{W}numId", "")
            self._family[key] = of or ""
            levels = {_level(one): one for one in abstract[of].iter(f"{W}lvl")} if of in abstract else {}
            for override in number.iter(f"{W}lvlOverride"):
                if (own := override.find(f"{W}lvl")) is not None:
                    levels[_level(override)] = own
                if value(override, "startOverride") is not None:
                    self._family[key] = f"{of}/{key}"
            self._levels[key] = levels
        self._counts: dict[str, list[int]] = {}

    def label(self, properties: Element) -> str | None:
        """Return what stands before the paragraph with these properties (`w:numPr`), None for a mere bullet.

        "" where nothing stands there. Each call counts one paragraph.
        """
        key, at = value(properties, "numId") or "0", _number(value(properties, "ilvl"), 0)
        levels = self._levels.get(key, {})
        if at not in levels:
            return ""
        if (value(levels[at], "numFmt") or "decimal") == _BULLET:
            return None
        counts = self._counts.setdefault(self._family[key], [0] * _LEVELS)
        start = _number(value(levels[at], "start"), 1)
        counts[at] = counts[at] + 1 if counts[at] else start
        counts[at + 1 :] = [0] * (_LEVELS - at - 1)
        text = value(levels[at], "lvlText") or ""
        return re.sub(r"%([1-9])", lambda one: self._render_label(levels, counts, int(one[1]) - 1), text)

    def _render_label(self, levels: dict[int, Element], counts: list[int], at: int) -> str:
        level = levels.get(at)
        number = counts[at] or _number(value(level, "start"), 1)
        return _format_number(number, value(level, "numFmt") or "decimal")


def _level(element: Element) -> int:
    return min(_number(element.get(f"{W}ilvl"), 0), _LEVELS - 1)


def _number(text: str | None, otherwise: int) -> int:
    return min(int(text), _MOST) if text and re.fullmatch(r"\d{1,9}", text) else otherwise


def _format_number(number: int, form: str) -> str:
    """Return a number in one of the forms of OOXML (ST_NumberFormat)."""
    letters = {
        "aiueo": _AIUEO,
        "aiueoFullWidth": _AIUEO,
        "iroha": _IROHA,
        "irohaFullWidth": _IROHA,
        "decimalEnclosedCircle": _CIRCLED,
        "decimalEnclosedCircleChinese": _CIRCLED,
        "lowerLetter": "abcdefghijklmnopqrstuvwxyz",
        "upperLetter": "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    }.get(form)
    if letters:
        return letters[number - 1] if 0 < number <= len(letters) else str(number)
    if form in {"lowerRoman", "upperRoman"}:
        return _roman(number).upper() if form == "upperRoman" else _roman(number)
    if form in {"decimalFullWidth", "decimalFullWidth2"}:
        return str(number).translate(_WIDE)
    if form in {"japaneseCounting", "japaneseLegal", "chineseCounting", "chineseCountingThousand", "ideographDigital"}:
        return _kanji(number)
    return "" if form == "none" else f"{number:02}" if form == "decimalZero" else str(number)


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
            text += (_KANJI[digit] if digit > 1 or not name else "") + name
    return text or _KANJI[0]
