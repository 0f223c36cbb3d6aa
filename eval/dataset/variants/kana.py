"""Rewrites a word of a question in hiragana."""

import re
from collections.abc import Iterator

from ingest.japanese.tokenise import Morpheme, morphemes

_KATAKANA = re.compile("[ァ-ヶー]{2,}")
_KANJI = re.compile("[一-龥々]")
_TO_HIRAGANA = {code: code - 0x60 for code in range(ord("ァ"), ord("ヶ") + 1)}


def write_in_kana(text: str) -> Iterator[str]:
    """Yield normalised `text` with its katakana words in hiragana, and with its longest kanji noun as it is read."""
    yield _KATAKANA.sub(lambda word: word[0].translate(_TO_HIRAGANA), text)
    nouns = [morpheme for morpheme in morphemes(text, "C") if _is_common_noun(morpheme)]
    if nouns:
        # Of two as long the first: it is what the question is about.
        longest = max(nouns, key=lambda morpheme: len(morpheme.surface))
        yield text[: longest.start] + longest.reading.translate(_TO_HIRAGANA) + text[longest.end :]


def _is_common_noun(morpheme: Morpheme) -> bool:
    """Tell whether it is written in kanji alone and names no one: names are copied, not typed by their sound."""
    kanji = all(_KANJI.match(letter) for letter in morpheme.surface)
    return kanji and morpheme.pos[:2] == ("名詞", "普通名詞") and len(morpheme.surface) > 1
