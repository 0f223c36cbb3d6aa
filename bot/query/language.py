"""In which language a question is written, told by its script and its commonest words."""

import re

JAPANESE = "ja"
_KANA = re.compile(r"[ぁ-んァ-ヶ]")
_HAN = re.compile(r"[一-龥]")
_SCRIPTS = (("ko", re.compile(r"[가-힣]")), ("th", re.compile(r"[ก-๛]")), ("ru", re.compile(r"[А-я]")))
# Function words that the others do not have.
_WORDS = {
    "en": re.compile(r"\b(?:what|when|where|who|why|how|which|is|are|the|of|to|do|does|can|my|in|tell)\b"),
    "pt": re.compile(r"\b(?:que|qual|quando|onde|quem|como|quanto|uma|são|não|os|dos|meu|há|posso)\b"),
    "es": re.compile(r"\b(?:qué|cuál|cuándo|dónde|quién|cómo|cuánto|una|los|las|mi|hay|puedo|el)\b"),
    "vi": re.compile(r"\b(?:là|gì|khi|nào|ở|đâu|ai|tại|như|thế|bao|nhiêu|có|không|tôi|của|được)\b"),
}
# So many function words make a sentence.
_A_SENTENCE = 3
# So many kanji in a row are no keywords any more.
_LONGEST_OF_KEYWORDS = 8


def language_of(text: str, reader: str | None = None) -> str:
    """Return the ISO 639-1 code of the language of normalised `text`, "" where nobody can tell.

    Kanji without kana are Japanese where they are few: a citizen types 保育料 減免, a sentence in Chinese is longer.
    They are Chinese where that is what the `reader` chose to be spoken to in.
    A name in kanji does not make a sentence of another language Japanese.
    """
    if _KANA.search(text):
        return JAPANESE
    counts = {code: len(words.findall(text.lower())) for code, words in _WORDS.items()}
    best = max(counts, key=lambda code: counts[code])
    if counts[best] >= _A_SENTENCE:  # with a name in kanji
        return best
    if han := len(_HAN.findall(text)):
        if reader == "zh":
            return reader
        return "zh" if han >= _LONGEST_OF_KEYWORDS and " " not in text.strip() else JAPANESE
    for code, script in _SCRIPTS:
        if script.search(text):
            return code
    return best if counts[best] else ""
