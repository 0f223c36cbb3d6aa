"""Detects the language of a question."""

import re

from bot.answering.state.query import JAPANESE
from ingest.japanese.characters import has_chinese_characters
from ingest.japanese.tokenise import morphemes

_KANA = re.compile(r"[ぁ-んァ-ヶ]")
_HAN = re.compile(r"[一-龥]")
_SCRIPTS = tuple(
    (code, re.compile(letters))
    for code, letters in (("ko", "[가-힣]"), ("th", "[ก-๛]"), ("ru", "[А-я]"), ("vi", "[ăđơưẠ-ỹ]"), ("pt", "[ãõ]"))
)
# Parts of speech that a name in kana may have within a sentence of another language.
_NAME_POS = frozenset({"名詞", "副詞", "形状詞", "感動詞", "接頭辞", "接尾辞", "補助記号", "記号", "空白"})
_LATIN_LETTER = re.compile(r"[A-Za-zÀ-ɏẠ-ỹ]")
_ACRONYM = re.compile(r"\b[A-Z]{2,}\b")
_LATIN_WORDS = re.compile(r"[a-z]{2}\s+[a-z]{2}", re.IGNORECASE)
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
    Japanese lacks or the person chose Chinese. A Japanese name does not make a foreign sentence Japanese. Words in
    Latin letters without function words are in the chosen language.
    """
    kana = _KANA.findall(text)
    if kana and any(_KANA.search(m.surface) and m.pos[0] not in _NAME_POS for m in morphemes(text)):
        return JAPANESE
    words = _ACRONYM.sub("", text).lower()
    counts = {code: len(pattern.findall(words)) for code, pattern in _FUNCTION_WORDS.items()}
    best = max(counts, key=lambda code: counts[code])
    han = "".join(_HAN.findall(text))
    is_mostly_latin = len(_LATIN_LETTER.findall(text)) > len(kana) + len(han)
    if counts[best] >= _MIN_FUNCTION_WORDS or (counts[best] and is_mostly_latin):
        return best
    is_chosen = chosen_language == "zh" and not kana
    if han and (_CHINESE.search(text) or has_chinese_characters(text) or is_chosen):
        return "zh"
    if script := next((code for code, letters in _SCRIPTS if letters.search(words)), ""):
        return script
    if kana or han:
        return JAPANESE
    return chosen_language or "" if _LATIN_WORDS.search(words) and chosen_language not in {JAPANESE, "zh"} else ""
