"""Adds one deterministic typing error to a question."""

import re
from collections.abc import Iterator

_KATAKANA = re.compile("[ァ-ヶー]{4,}")
_PARTICLE = re.compile("(?<=[一-龥ァ-ヶー々])[はがをの](?=[一-龥ァ-ヶ何いなだど])")


def misspell(text: str) -> Iterator[str]:
    """Yield normalised `text` with a letter of its longest katakana word lost; without one, with a particle doubled.

    A long vowel is what is lost first (リーダー -> リーダ), else a letter inside the word. Nothing without either.
    """
    if words := list(_KATAKANA.finditer(text)):
        longest = max(words, key=lambda word: len(word[0]))
        inside = longest[0].rfind("ー")
        place = longest.start() + (inside if inside > 0 else len(longest[0]) // 2)
        yield text[:place] + text[place + 1 :]
    elif particle := _PARTICLE.search(text):
        yield text[: particle.end()] + particle[0] + text[particle.end() :]
