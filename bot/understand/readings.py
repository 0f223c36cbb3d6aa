"""The documents' words by their sound: what けいかくきかん is written as (計画期間), and which are katakana."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache

from bot.understand.thesaurus import words_of_meanings
from bot.understand.vocabulary import ASKING
from ingest.normalise import nfkc
from ingest.tokenise import Morpheme, morphemes

_KATAKANA = re.compile(r"[ァ-ヶー]{2,}")
_HIRAGANA = re.compile(r"[ぁ-ゖー]+")
_KANJI = re.compile(r"[一-龥]{2,}")
# A word of several parts with a point between them (モビリティ・マネジメント), which few people type.
_PARTED = re.compile(r"[ァ-ヶー]+(?:・[ァ-ヶー]+)+")
_LONGEST_COMPOUND = 4


class Readings:
    """The spellings of the words of some texts, by their readings in katakana; the most frequent first."""

    def __init__(self, texts: Iterable[str]) -> None:
        self.katakana: set[str] = set()
        self.parted: dict[str, str] = {}
        self._spellings: dict[str, Counter[str]] = {}
        self._in_kana: set[str] = set()
        for text in texts:
            self._learn(nfkc(text))

    def spellings(self, reading: str) -> Sequence[str]:
        """Return how the texts write what is read so, else how a question's own words are written; it may be none."""
        if reading in self._in_kana:
            return ()
        if found := self._spellings.get(reading):
            return [word for word, _ in found.most_common()]
        return (reading,) if reading in self.katakana else of_asking().get(reading, ())

    def _learn(self, text: str) -> None:
        self.katakana.update(_KATAKANA.findall(text))
        self.parted |= {word.replace("・", ""): word for word in _PARTED.findall(text)}
        run: list[Morpheme] = []
        for m in [*morphemes(text), None]:
            if m is not None and m.is_noun and m.pos[1] != "数詞" and m.reading:
                run.append(m)
                continue
            self._learn_compounds(run)
            run = []

    def _learn_compounds(self, run: Sequence[Morpheme]) -> None:
        for start in range(len(run)):
            for part in (run[start:end] for end in range(start + 1, min(len(run), start + _LONGEST_COMPOUND) + 1)):
                reading, word = "".join(p.reading for p in part), "".join(p.surface for p in part)
                if _HIRAGANA.fullmatch(word):
                    self._in_kana.add(reading)
                elif _KATAKANA.fullmatch(word):
                    self.katakana.add(word)
                elif len(word) > 1:
                    self._spellings.setdefault(reading, Counter())[word] += 1


@cache
def of_asking() -> dict[str, tuple[str, ...]]:
    """Return the nouns that people ask with, in kanji or katakana, by their readings: documents need not have them."""
    found: dict[str, tuple[str, ...]] = {}
    for word in sorted(ASKING | words_of_meanings()):
        if not (_KANJI.fullmatch(word) or _KATAKANA.fullmatch(word)) or len(ms := morphemes(word, "C")) > 1:
            continue
        if ms[0].pos[0] == "名詞":
            found[ms[0].reading] = (*found.get(ms[0].reading, ()), word)
    return found
