"""Judges whether the text of a page is a language, or letters of a font whose character map is wrong.

Such a font gives each glyph the code of another letter: the page looks right, its text is あ for い.
"""

import re

from ingest.japanese import nfkc
from ingest.japanese.characters import ONE_KANJI
from ingest.japanese.tokenise import sudachi_path_cost

# Fewer letters (tables, forms) say nothing.
_MIN_LETTERS = 40
# Mean cost of Sudachi's best path per character; fitted on half of the files (decision 040).
_MAX_COST = 4_000
# Maximum share of letters of other scripts, in which no document here is written.
_MAX_FOREIGN_SHARE = 0.2
# Chinese text has next to no kana, and kanji that are nearly all common characters of GB 2312 (level 1).
_MAX_CHINESE_KANA = 0.05
_MIN_CHINESE_SHARE = 0.9
_GB2312_COMMON = range(0xB0, 0xD8)
# Characters that are judged, from the whole page.
_SAMPLE = 500
_JAPANESE = re.compile(r"[\u3041-\u30ff\u3005\u3400-\u9fff]{2,100}")
_JAPANESE_OR_LATIN = re.compile(r"[\u3041-\u30ff\u3005\u3400-\u9fffA-Za-z\u00c0-\u024f\u1e00-\u1eff]")
_KANA = re.compile(r"[\u3041-\u30ff]")


def is_readable(text: str) -> bool:
    """Whether the letters of a page are text in Japanese or Chinese, or too few or too mixed to judge."""
    normal = nfkc(text)
    letters = sum(map(str.isalpha, normal))
    if letters - len(_JAPANESE_OR_LATIN.findall(normal)) > max(_MIN_LETTERS, _MAX_FOREIGN_SHARE * letters):
        return False
    runs = _JAPANESE.findall(normal)
    japanese = sum(map(len, runs))
    if japanese < max(_MIN_LETTERS, letters / 3):
        return True
    sample = runs[:: max(1, japanese // _SAMPLE)]
    return sudachi_path_cost("、".join(sample)) / sum(map(len, sample)) <= _MAX_COST or _is_chinese(text)


def _is_chinese(text: str) -> bool:
    kanji = ONE_KANJI.findall(text)
    common = sum(char.encode("gb2312", "replace")[0] in _GB2312_COMMON for char in kanji)
    return common >= _MIN_CHINESE_SHARE * len(kanji) and len(_KANA.findall(text)) <= _MAX_CHINESE_KANA * len(kanji)
