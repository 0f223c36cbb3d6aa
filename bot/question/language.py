"""Detects the language of a question."""

import re

from bot.state.query import JAPANESE

_KANA = re.compile(r"[ぁ-んァ-ヶ]")
_HAN = re.compile(r"[一-龥]")
_SCRIPTS = (("ko", re.compile(r"[가-힣]")), ("th", re.compile(r"[ก-๛]")), ("ru", re.compile(r"[А-я]")))
# Function words of each language that the other languages here do not have.
_FUNCTION_WORDS = {
    "en": re.compile(r"\b(?:what|when|where|who|why|how|which|is|are|the|of|to|do|does|can|my|in|tell|thanks?)\b"),
    "pt": re.compile(r"\b(?:que|qual|quando|onde|quem|como|quanto|uma|são|não|os|dos|meu|há|posso|obrigad[oa])\b"),
    "es": re.compile(r"\b(?:qué|cuál|cuándo|dónde|quién|cómo|cuánto|una|los|las|mi|hay|puedo|el)\b"),
    "vi": re.compile(r"\b(?:là|gì|khi|nào|ở|đâu|ai|tại|như|thế|bao|nhiêu|có|không|tôi|của|được|cảm|ơn)\b"),
}
# This many function words make a sentence of that language, even around a name in kanji.
_MIN_FUNCTION_WORDS = 3
# Chinese words that occur in no Japanese compound.
_CHINESE = re.compile(r"[什甚][么麼]|[怎吗嗎呢哪您你们們这這几幾谁]|[请請][问問]|(?<![国社党])是(?![正非認])")


def detect_language(text: str, chosen_language: str | None = None) -> str:
    """Return the ISO 639-1 code of the language of normalised `text`, "" if it is unknown.

    Kanji without kana count as Japanese (後期高齢者医療保険料), unless they have a word or character that
    Japanese lacks or the person chose Chinese. A name in kanji does not make a foreign sentence Japanese.
    """
    if _KANA.search(text):
        return JAPANESE
    counts = {code: len(pattern.findall(text.lower())) for code, pattern in _FUNCTION_WORDS.items()}
    best = max(counts, key=lambda code: counts[code])
    if counts[best] >= _MIN_FUNCTION_WORDS:
        return best
    if han := "".join(_HAN.findall(text)):
        is_chinese = chosen_language == "zh" or _CHINESE.search(text) or not _has_japanese_characters(han)
        return "zh" if is_chinese else JAPANESE
    for code, script in _SCRIPTS:
        if script.search(text):
            return code
    return best if counts[best] else ""


def _has_japanese_characters(han: str) -> bool:
    try:
        han.encode("cp932")
    except UnicodeEncodeError:
        return False
    return True
