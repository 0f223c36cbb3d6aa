"""The question in the documents' spelling: けいかくきかん -> 計画期間, オンラン -> オンライン, ネツト -> ネット."""

import re
from collections.abc import Sequence
from dataclasses import replace

from bot.turn import Turn
from bot.understand.english import in_japanese
from bot.understand.kana import counters
from bot.understand.question import understand
from ingest.documents import Passage
from ingest.normalise import nfkc
from ingest.tokenise import Morpheme, morphemes

_HIRAGANA = re.compile(r"[ぁ-んー]{3,}")
_KATAKANA = re.compile(r"[ァ-ヶー]{3,}")
_TO_KATAKANA = str.maketrans({chr(c): chr(c + 0x60) for c in range(ord("ぁ"), ord("ゖ") + 1)})
# Small kana are often typed large, and long marks left out.
_LOOSE = str.maketrans("ァィゥェォッャュョヮ", "アイウエオツヤユヨワ", "ー・")
# Kana from which on a run is long enough not to be met by chance, and katakana from which on one letter may be wrong.
_LONG_ENOUGH, _ONE_TYPO = 4, 4
_SHORTEST = 3
# Particles that cling to a word in kana.
_PARTICLES = (
    "について",
    "って",
    "とは",
    "では",
    "には",
    "から",
    "まで",
    "は",
    "が",
    "を",
    "の",
    "に",
    "へ",
    "と",
    "で",
    "も",
    "や",
)
# Characters of passages that are read for their words; beyond it only headings are.
_READ = 300_000
_LONGEST_COMPOUND = 4


class Respell:
    """Puts the documents' spelling where a question writes their words in kana or with a slip of a letter."""

    def __init__(self, passages: Sequence[Passage], vocabulary: Sequence[str] = ()) -> None:
        """Learn from `passages`; where they are too much to read, from their headings and the `vocabulary`."""
        texts = dict.fromkeys(heading for p in passages for heading in p.path)
        if sum(len(p.text) for p in passages) <= _READ:
            texts |= dict.fromkeys(p.text for p in passages)
            vocabulary = ()
        self._by_reading: dict[str, str] = {}
        self._katakana = {word for word in vocabulary if _KATAKANA.fullmatch(word)}
        for text in texts:
            self._learn(nfkc(text))
        self._loose = {word.translate(_LOOSE): word for word in self._katakana}
        # All in one text, and by what is left of each without one letter (Garbe's symmetric deletion): among ten
        # thousand words, looking at each takes as long as all the rest of a search.
        self._written = "\n".join(self._katakana)
        self._shortened: dict[str, list[str]] = {}
        for word in sorted(self._katakana):
            for less in _shortened(word):
                self._shortened.setdefault(less, []).append(word)

    def __call__(self, turn: Turn) -> Turn:
        """Return the turn with its text respelt and understood anew, or as it is."""
        text = self.respell(turn.text)
        return turn if text == turn.text else replace(turn, text=text, asked=understand(text, turn.as_of))

    def respell(self, text: str) -> str:
        """Return normalised `text` in the documents' spelling."""
        text = _HIRAGANA.sub(lambda run: self._from_kana(run[0]), counters(in_japanese(text)))
        return _KATAKANA.sub(lambda run: self._from_typo(run[0]), text)

    def _learn(self, text: str) -> None:
        self._katakana.update(_KATAKANA.findall(text))
        run: list[Morpheme] = []
        for m in [*morphemes(text), None]:
            if m is not None and m.is_noun and m.pos[1] != "数詞" and m.reading:
                run.append(m)
                continue
            for start in range(len(run)):
                for part in (run[start:end] for end in range(start + 1, min(len(run), start + _LONGEST_COMPOUND) + 1)):
                    self._by_reading.setdefault("".join(p.reading for p in part), "".join(p.surface for p in part))
            run = []

    def _from_kana(self, run: str) -> str:
        """Return the run with its words in the documents' spelling, each up to a particle that follows it."""
        for cut in range(len(run), _SHORTEST - 1, -1):
            word, rest = run[:cut], run[cut:]
            particle = next((p for p in _PARTICLES if rest.startswith(p)), "")
            if rest and not particle:
                continue
            reading = word.translate(_TO_KATAKANA)
            known = reading if reading in self._katakana else self._by_reading.get(reading, "")
            if known and (known == reading or len(word) >= _LONG_ENOUGH):
                behind = rest[len(particle) :]
                return known + particle + (self._from_kana(behind) if len(behind) >= _SHORTEST else behind)
        return run

    def _from_typo(self, run: str) -> str:
        """Return the word of the documents that the run is but for size of kana, long marks, or one letter."""
        if run in self._written:
            return run
        if len(run) >= _LONG_ENOUGH and (mixed := self._by_reading.get(run)):
            return mixed
        if same := self._loose.get(run.translate(_LOOSE)):
            return same
        if len(run) < _ONE_TYPO:
            return run
        like = {word for less in _shortened(run) for word in self._shortened.get(less, ())}
        near = [word for word in like if abs(len(word) - len(run)) <= 1 and _one_apart(word, run)]
        return near[0] if len(near) == 1 else run


def _shortened(word: str) -> set[str]:
    """Return the word, and it without each of its letters: words that one letter tells apart have one in common."""
    return {word, *(word[:i] + word[i + 1 :] for i in range(len(word)))}


def _one_apart(a: str, b: str) -> bool:
    """Whether one insertion, deletion or replacement of a letter turns `a` into `b`."""
    short, long = sorted((a, b), key=len)
    same = next((i for i, (x, y) in enumerate(zip(short, long, strict=False)) if x != y), len(short))
    return short[same + (len(short) == len(long)) :] == long[same + 1 :]
