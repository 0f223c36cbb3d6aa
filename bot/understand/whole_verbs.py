"""Morphemes for comparing words: short ones, but each verb in one piece."""

from ingest.tokenise import Morpheme, morphemes


def whole_verbs(text: str) -> list[Morpheme]:
    """Return the morphemes of normalised `text` in mode A, but a verb made of two (引き継ぐ) as one."""
    long = {m.start: m for m in morphemes(text, "C") if m.pos[0] == "動詞"}
    ms: list[Morpheme] = []
    for m in morphemes(text):
        if m.start in long:
            ms.append(long[m.start])
        elif not (ms and m.start < ms[-1].end):
            ms.append(m)
    return ms
