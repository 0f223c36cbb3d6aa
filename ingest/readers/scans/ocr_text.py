"""Replaces look-alike characters in OCR output by the Japanese ones."""

import re
import unicodedata

_KANA = r"[\u3041-\u309f\u30a1-\u30fa\u30fc]"
_KANJI = r"[\u3005\u3400-\u9fff]"
_JAPANESE = r"[\u3001-\u30ff\u3400-\u9fff\uff01-\uff60]"
_LETTER = re.compile(rf"{_KANA}|{_KANJI}")
# A ring that stands alone in a cell says yes; alone it is taken for a letter.
RING = "○"
_RINGS = frozenset("Oo〇◯○")
_HIRAGANA, _KATAKANA = str.maketrans("リヘベペ", "りへべぺ"), str.maketrans("へべぺ", "ヘベペ")
_MENDED = tuple(
    (re.compile(pattern), mended)
    for pattern, mended in (
        # What parts an opening number from what it heads stays: 2-1 対象.
        (rf"(^\d+(?:[.．ー－-]\d*)+\s)|(?<={_JAPANESE})\s+|\s+(?={_JAPANESE})", r"\1"),
        ("[•‧]", "・"),
        # 一 is a stroke as ー is; which of them it was its neighbours tell.
        (r"(?<=[\u30a1-\u30fa])[一－―](?=[\u30a1-\u30fa])", "ー"),
        (rf"^ー(?={_KANJI})", "一"),
        # リ among hiragana is り, and べ that opens a word in katakana ベ: they differ by a hook, if at all.
        (r"(?<=[\u3041-\u309f])[リヘベペ](?=[\u3041-\u309f])", lambda one: one[0].translate(_HIRAGANA)),
        (
            r"(?<![\u3041-\u309f\u3005\u3400-\u9fff])[へべぺ](?=[\u30a1-\u30fa])",
            lambda one: one[0].translate(_KATAKANA),
        ),
        (r"(?<=[\u30a1-\u30fc])卜", "ト"),
        # Printed type joins the lower strokes of 令, as 合 has them.
        ("合和(?=[0-9０-９元年○〇])", "令和"),
        (rf"(?<=[0-9A-Za-z０-９]|{_KANJI})ー(?=[0-9A-Za-z０-９]|{_KANJI})", "－"),
        (rf"(?<={_JAPANESE})[,，](?!\d)", "、"),
        (rf"(?<={_JAPANESE})\.(?=$|{_JAPANESE})", "。"),
        (r"[\uff61-\uff9f]+", lambda kana: unicodedata.normalize("NFKC", kana[0])),
    )
)
_WIDE = str.maketrans("()", "（）")


def normalise_ocr_text(text: str) -> str:
    """Return what was read in one place as Japanese writes it: no spaces between letters, （）、。 in full width.

    Text without a Japanese letter keeps its marks.
    """
    text = text.strip()
    if text in _RINGS:
        return RING
    for pattern, mended in _MENDED:
        text = pattern.sub(mended, text)
    return text.translate(_WIDE) if _LETTER.search(text) else text


def is_foreign(character: str) -> bool:
    """Whether a kanji is one that Japanese papers do not use (额, 每), as the code page of Japanese Windows tells.

    So is the dot for which Japanese has ・.
    """
    if character == "·":
        return True
    if len(character) != 1:  # the decoder's own signs
        return False
    try:
        character.encode("cp932")
    except UnicodeEncodeError:
        return "CJK UNIFIED" in unicodedata.name(character, "")
    return False
