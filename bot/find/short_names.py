"""Whether a text names a kind of what a question calls shortly: ニホンザル of サル, ムラサキウニ of ウニ."""

import re
from functools import lru_cache

from ingest.tokenise import morphemes

_KATAKANA = re.compile(r"[ァ-ヶー]+")
# The first sound of a native word becomes voiced behind another: サル, ニホンザル; クマ, ツキノワグマ.
_VOICED = str.maketrans("カキクケコサシスセソタチツテトハヒフヘホ", "ガギグゲゴザジズゼゾダヂヅデドバビブベボ")
_SHORTEST = 2


@lru_cache(maxsize=1_000)
def longer_names(question: str) -> dict[str, re.Pattern[str]]:
    """Return for the words of normalised `question` in katakana, by their normal form, what longer names look like.

    A word from another language ends others by chance (バス in キャンバス): the end must be voiced, as such a word's
    never is, or the word native, as its normal form in other letters tells (鹿 of シカ).
    """
    written = [m for m in morphemes(question) if m.is_noun and _KATAKANA.fullmatch(m.surface)]
    found = {m.normal.lower(): _ends(m.surface, m.normal) for m in written if len(m.surface) >= _SHORTEST}
    return {word: re.compile(rf"[ァ-ヶー]{{2}}(?:{ends})(?![ァ-ヶー])") for word, ends in found.items() if ends}


def _ends(surface: str, normal: str) -> str:
    voiced = surface[0].translate(_VOICED) + surface[1:]
    native = not _KATAKANA.fullmatch(normal)
    return "|".join(dict.fromkeys((*((surface,) if native else ()), *((voiced,) if voiced != surface else ()))))
