"""The question in the documents' spelling: けいかくきかん -> 計画期間, オンラン -> オンライン, ネツト -> ネット."""

import re
from collections.abc import Sequence
from dataclasses import replace

from bot.turn import Turn
from bot.understand.english import in_japanese
from bot.understand.kana import counters
from bot.understand.kana_words import with_words
from bot.understand.question import understand
from bot.understand.readings import Readings, of_asking
from ingest.documents import Passage
from ingest.tokenise import is_a_word

_KATAKANA = re.compile(r"[ァ-ヶー]{3,}")
# Small kana are often typed large, and long marks left out.
_LOOSE = str.maketrans("ァィゥェォッャュョヮ", "アイウエオツヤユヨワ", "ー・")
# A particle typed twice between two words: 会議のの議題.
_DOUBLED = re.compile(r"(?<=[一-龥ァ-ヶー々])([はがをの])\1(?=[一-龥ァ-ヶいなだど])")
# Kana from which on a run is long enough not to be met by chance, and katakana from which on one letter may be wrong.
_LONG_ENOUGH, _ONE_TYPO = 4, 4
_SHORTEST = 3
# Characters that are read for their words: of passages, where all of them are no more, and of the vocabulary.
_READ = 300_000


class Respell:
    """Puts the documents' spelling where a question writes their words in kana or with a slip of a letter."""

    def __init__(self, passages: Sequence[Passage], vocabulary: Sequence[str] = ()) -> None:
        """Learn from `passages`; where they are too much to read, from their headings and the `vocabulary`."""
        texts = dict.fromkeys(heading for p in passages for heading in p.path)
        if sum(len(p.text) for p in passages) <= _READ:
            texts |= dict.fromkeys(p.text for p in passages)
        else:
            texts |= dict.fromkeys("\n".join(vocabulary)[:_READ].split("\n"))
        self._readings = Readings(texts)
        words = self._readings.katakana | {word for words in of_asking().values() for word in words}
        words = {word for word in words if _KATAKANA.fullmatch(word)}
        self._loose = {word.translate(_LOOSE): word for word in sorted(words)}
        # All in one text, and by what is left of each without one letter (Garbe's symmetric deletion): among ten
        # thousand words, looking at each takes as long as all the rest of a search.
        self._written = "\n".join(words)
        self._shortened: dict[str, list[str]] = {}
        for word in sorted(words | self._readings.parted.keys()):
            for less in _shortened(word):
                self._shortened.setdefault(less, []).append(word)

    def __call__(self, turn: Turn) -> Turn:
        """Return the turn with its text respelt and understood anew, or as it is."""
        text = self.respell(turn.text)
        return turn if text == turn.text else replace(turn, text=text, asked=understand(text, turn.as_of))

    def respell(self, text: str) -> str:
        """Return normalised `text` in the documents' spelling."""
        text = with_words(counters(in_japanese(_DOUBLED.sub(r"\1", text))), self._readings)
        return _KATAKANA.sub(lambda run: self._from_typo(run[0]), text)

    def _from_typo(self, run: str) -> str:
        """Return the word of the documents that the run is but for size of kana, long marks, or one letter."""
        word = self._meant(run)
        return self._readings.parted.get(word, word)

    def _meant(self, run: str) -> str:
        same = self._loose.get(run.translate(_LOOSE), run)
        if same != run and run not in self._readings.katakana:
            return same
        if run in self._written:
            return run
        if len(run) >= _LONG_ENOUGH and (mixed := self._readings.spellings(run)):
            return mixed[0]
        if is_a_word(run):
            return run
        like = {word for less in _shortened(run) for word in self._shortened.get(less, ())}
        near = [word for word in like if abs(len(word) - len(run)) <= 1 and _one_apart(word, run)]
        near = [word for word in near if len(word) >= _ONE_TYPO]
        return near[0] if len(near) == 1 else run


def _shortened(word: str) -> set[str]:
    """Return the word, and it without each of its letters: words that one letter tells apart have one in common."""
    return {word, *(word[:i] + word[i + 1 :] for i in range(len(word)))}


def _one_apart(a: str, b: str) -> bool:
    """Whether one insertion, deletion or replacement of a letter turns `a` into `b`."""
    short, long = sorted((a, b), key=len)
    same = next((i for i, (x, y) in enumerate(zip(short, long, strict=False)) if x != y), len(short))
    return short[same + (len(short) == len(long)) :] == long[same + 1 :]
