"""Reads Word styles (title, heading level) and computes the automatic numbers of paragraphs."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from xml.etree.ElementTree import Element

from ingest.japanese.notation import KANJI_DIGITS

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_LEVELS = 9
# Style names are English or Japanese, with or without the space.
_HEADING = re.compile(r"(?:heading|見出し)\s?([1-9])", re.IGNORECASE)
_TITLE = re.compile(r"title|表題|タイトル|標題", re.IGNORECASE)
_CONTENTS = re.compile(r"(?:toc|目次|contents)\s?(?:heading|見出し|の見出し|[1-9])", re.IGNORECASE)
# A longer paragraph, or a sentence, in such a style is not a heading.
_MAX_HEADING_LENGTH = 120
_AIUEO = "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヲン"
_IROHA = "イロハニホヘトチリヌルヲワカヨタレソツネナラムウヰノオクヤマケフコエテアサキユメミシヱヒモセス"
_ROMAN = re.findall(r"\w+", "i ii iii iv v vi vii viii ix x xi xii xiii xiv xv xvi xvii xviii xix xx")
_SERIES: dict[str, Sequence[str]] = {
    "aiueo": _AIUEO,
    "aiueoFullWidth": _AIUEO,
    "iroha": _IROHA,
    "irohaFullWidth": _IROHA,
    "decimalEnclosedCircle": "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳",
    "lowerLetter": "abcdefghijklmnopqrstuvwxyz",
    "upperLetter": "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "lowerRoman": _ROMAN,
    "upperRoman": [number.upper() for number in _ROMAN],
}
_KANJI_FORMATS = ("japaneseCounting", "japaneseLegal", "chineseCounting", "chineseCountingThousand", "ideographDigital")
_WIDE = str.maketrans("0123456789", "０１２３４５６７８９")
# Larger start values come from malicious files.
_MAX_NUMBER = 9_999


def child_value(element: Element | None, name: str) -> str | None:
    """Return `w:val` of the child `name`, None without the child, "1" if the child has no value."""
    child = element.find(f"{W}{name}") if element is not None else None
    return None if child is None else child.get(f"{W}val", "1")


def is_on(element: Element | None, name: str) -> bool:
    """Whether a boolean property is on."""
    return (child_value(element, name) or "0") not in {"0", "false", "off", "none"}


class Styles:
    """The styles of a document by id; `root` is `styles.xml`, None without one."""

    def __init__(self, root: Element | None) -> None:
        styles = root.iter(f"{W}style") if root is not None else ()
        self._styles = {style.get(f"{W}styleId", ""): style for style in styles}

    def heading_level(self, paragraph: Element, text: str) -> int | None:
        """Return a paragraph's heading level, 1 outermost; None if it is not a heading."""
        level = child_value(paragraph.find(f"{W}pPr"), "outlineLvl")
        for style in self._paragraph_styles(paragraph):
            if level is None and (match := _HEADING.fullmatch(_style_name(style))):
                level = str(int(match[1]) - 1)
            level = level if level is not None else child_value(style.find(f"{W}pPr"), "outlineLvl")
        if level is None or not level.isdecimal() or int(level) >= _LEVELS:
            return None
        return int(level) + 1 if len(text) <= _MAX_HEADING_LENGTH and not text.endswith("。") else None

    def is_title(self, paragraph: Element) -> bool:
        return any(_TITLE.fullmatch(_style_name(style)) for style in self._paragraph_styles(paragraph))

    def is_contents_entry(self, paragraph: Element) -> bool:
        return any(_CONTENTS.fullmatch(_style_name(style)) for style in self._paragraph_styles(paragraph))

    def number_properties(self, paragraph: Element) -> Element | None:
        """Return the numbering properties (`w:numPr`) of a paragraph or its style."""
        owners = (paragraph, *self._paragraph_styles(paragraph))
        return next((found for owner in owners if (found := owner.find(f"{W}pPr/{W}numPr")) is not None), None)

    def has_property(self, name: str, run: Element | None, paragraph: Element) -> bool:
        """Whether a boolean property of text (vanish, strike) is on, in the run's `w:rPr` or in a style."""
        styles = (*self._based(child_value(run, "rStyle")), *self._paragraph_styles(paragraph))
        owners = (run, *(style.find(f"{W}rPr") for style in styles))
        return next((is_on(owner, name) for owner in owners if child_value(owner, name) is not None), False)

    def _paragraph_styles(self, paragraph: Element) -> Iterator[Element]:
        return self._based(child_value(paragraph.find(f"{W}pPr"), "pStyle"))

    def _based(self, style_id: str | None) -> Iterator[Element]:
        passed: set[str] = set()
        while style_id in self._styles and style_id not in passed:
            assert style_id is not None
            passed.add(style_id)
            yield self._styles[style_id]
            style_id = child_value(self._styles[style_id], "basedOn")


def _style_name(style: Element) -> str:
    return unicodedata.normalize("NFKC", child_value(style, "name") or "").strip()


class ParagraphNumbering:
    """Numbers the paragraphs of a document in order; `root` is `numbering.xml`, None without one."""

    def __init__(self, root: Element | None) -> None:
        abstract = {} if root is None else {a.get(f"{W}abstractNumId"): a for a in root.iter(f"{W}abstractNum")}
        self._levels: dict[str, dict[int, Element]] = {}
        self._counts: dict[str, list[int]] = {}  # by list; lists of one abstract list count on, unless they start anew
        for number in () if root is None else root.iter(f"{W}num"):
            abstract_id = child_value(number, "abstractNumId") or ""
            key = number.get(f"{W}numId", "")
            is_new = number.find(f"{W}lvlOverride/{W}startOverride") is not None
            shared = self._counts.setdefault(f"abstract {abstract_id}", [0] * _LEVELS)
            self._counts[key] = [0] * _LEVELS if is_new else shared
            levels = abstract[abstract_id].iter(f"{W}lvl") if abstract_id in abstract else ()
            self._levels[key] = {
                min(_parse_number(level.get(f"{W}ilvl"), 0), _LEVELS - 1): level
                for level in (*levels, *number.iter(f"{W}lvl"))
            }

    def label(self, properties: Element) -> str | None:
        """Return the label of the paragraph with these properties (`w:numPr`), None for a bullet, "" without one.

        Each call counts one paragraph.
        """
        key = child_value(properties, "numId") or "0"
        index = _parse_number(child_value(properties, "ilvl"), 0)
        levels = self._levels.get(key, {})
        if index not in levels:
            return ""
        if (child_value(levels[index], "numFmt") or "decimal") == "bullet":
            return None
        counts = self._counts[key]
        counts[index] = counts[index] + 1 if counts[index] else _parse_number(child_value(levels[index], "start"), 1)
        counts[index + 1 :] = [0] * (_LEVELS - index - 1)
        text = child_value(levels[index], "lvlText") or ""

        def render(match: re.Match[str]) -> str:
            level = levels.get(int(match[1]) - 1)
            count = counts[int(match[1]) - 1] or _parse_number(child_value(level, "start"), 1)
            return _format_number(count, child_value(level, "numFmt") or "decimal")

        return re.sub(r"%([1-9])", render, text)


def _parse_number(text: str | None, default: int) -> int:
    return min(int(text), _MAX_NUMBER) if text and re.fullmatch(r"\d{1,9}", text) else default


def _format_number(number: int, number_format: str) -> str:
    series = _SERIES.get(number_format, ())
    if 0 < number <= len(series):
        return series[number - 1]
    if number_format.startswith("decimalFullWidth"):
        return str(number).translate(_WIDE)
    if number_format in _KANJI_FORMATS:
        text = ""
        for size, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
            digit, number = divmod(number, size)
            if digit:
                text += (KANJI_DIGITS[digit] if digit > 1 or not name else "") + name
        return text or KANJI_DIGITS[0]
    if number_format == "none":
        return ""
    return f"{number:02}" if number_format == "decimalZero" else str(number)
