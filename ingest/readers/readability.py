"""Judges whether the text of a page is a language, or letters of a font whose character map is wrong.

Such a font gives each glyph the code of another letter: the page looks right, its text is あ for い or B for A.
"""

import re
from collections.abc import Sequence
from math import log2
from unicodedata import normalize

from ingest.japanese import nfkc
from ingest.japanese.characters import KANJI
from ingest.japanese.tokenise import sudachi_path_cost

# Fewer letters (tables, forms) say nothing.
_MIN_LETTERS = 40
# Mean cost of Sudachi's best path per character; fitted on half of the files: decision 069.
_MAX_JAPANESE_COST = 4_000
# Mean of -log2 of the letters' frequencies; English, Portuguese and Vietnamese have 4.1 to 4.7: decision 069.
_MAX_LATIN_COST = 4.85
# Codes are shorter than words.
_MIN_LATIN_WORD = 3.0
# Maximum share of letters of other scripts, in which no document here is written.
_MAX_FOREIGN_SHARE = 0.2
# Share of common characters in Chinese text, which has next to no kana.
_MIN_CHINESE_SHARE = 0.9
_MAX_CHINESE_KANA = 0.05
# First bytes of the common characters of GB 2312 (level 1).
_GB2312_COMMON = range(0xB0, 0xD8)
# Characters that are judged, from the whole page.
_SAMPLE = 500
_JAPANESE = re.compile(r"[\u3041-\u30ff\u3005\u3400-\u9fff]{2,100}")
_JAPANESE_LETTER = re.compile(r"[\u3041-\u30ff\u3005\u3400-\u9fff]")
_KANA = re.compile(r"[\u3041-\u30ff]")
_KANJI = re.compile(f"[{KANJI}]")
_LATIN = re.compile(r"[a-z]+")
# Percent of English letters, in the order of their frequency (Lewand, Cryptological Mathematics, 2000).
_LETTERS = "etaoinshrdlcumwfgypbvkjxqz"
_PERCENT = (
    *(12.7, 9.1, 8.2, 7.5, 7.0, 6.7, 6.3, 6.1, 6.0, 4.3, 4.0, 2.8, 2.8),
    *(2.4, 2.4, 2.2, 2.0, 2.0, 1.9, 1.5, 1.0, 0.8, 0.15, 0.15, 0.1, 0.07),
)
_LATIN_COSTS = {letter: -log2(percent / 100) for letter, percent in zip(_LETTERS, _PERCENT, strict=True)}


def is_readable(text: str) -> bool:
    """Whether the letters of a page are text in Japanese, Chinese or Latin script, or too few to judge."""
    normal = nfkc(text)
    letters = sum(map(str.isalpha, normal))
    runs = _JAPANESE.findall(normal)
    words = _LATIN.findall("".join(normalize("NFD", normal.lower())))
    japanese = sum(map(len, runs))
    latin = sum(map(len, words))
    if letters < _MIN_LETTERS:
        return True
    if letters - latin - len(_JAPANESE_LETTER.findall(normal)) > _MAX_FOREIGN_SHARE * letters:
        return False
    if japanese >= max(_MIN_LETTERS, latin / 2):
        return _japanese_cost(runs) <= _MAX_JAPANESE_COST or _is_chinese(text)
    if latin < _MIN_LETTERS or latin < _MIN_LATIN_WORD * len(words):
        return True
    return sum(_LATIN_COSTS[letter] for word in words for letter in word) / latin <= _MAX_LATIN_COST


def _japanese_cost(runs: Sequence[str]) -> float:
    step = max(1, sum(map(len, runs)) // _SAMPLE)
    sample = runs[::step]
    return sudachi_path_cost("、".join(sample)) / sum(map(len, sample))


def _is_chinese(text: str) -> bool:
    kanji = _KANJI.findall(text)
    common = sum(char.encode("gb2312", "replace")[0] in _GB2312_COMMON for char in kanji)
    return common >= _MIN_CHINESE_SHARE * len(kanji) and len(_KANA.findall(text)) <= _MAX_CHINESE_KANA * len(kanji)
