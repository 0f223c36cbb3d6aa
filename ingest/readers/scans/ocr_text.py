"""Replaces look-alike characters in OCR output by the Japanese ones."""

import re
import unicodedata

from ingest.japanese.characters import KANJI

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
        (rf"(^\d+(?:[.．ー－-]\d*)+\s)|(?<={_JAPANESE})\s+|\s+(?={_JAPANESE})", r"\1"),
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
