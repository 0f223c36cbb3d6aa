"""Corrects words typed in kana or with a typo to the spelling of the documents."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from difflib import get_close_matches
from itertools import accumulate, groupby, islice
from math import inf
from typing import NamedTuple

from ingest.documents import Passage
from ingest.japanese import nfkc
from ingest.japanese.characters import to_hiragana, to_katakana
from ingest.japanese.tokenise import Morpheme, is_dictionary_word, morphemes, sudachi_path_cost

_KATAKANA = re.compile(r"[ァ-ヶー]{3,}")
_ANY_KATAKANA = re.compile(r"[ァ-ヶー]{2,}")
_HIRAGANA = re.compile(r"[ぁ-ゖー]{2,}")
_NAME_CHARACTER = re.compile(r"[一-龥ァ-ヶA-Za-z\d]")
# Small kana are often typed large, and long vowel marks left out.
_LOOSE_KATAKANA = str.maketrans("ァィゥェォッャュョヮ", "アイウエオツヤユヨワ", "ー・")
_MIN_LENGTH_FOR_TYPO = 4
_MAX_COMPOUND_NOUNS = 4
# Bounds the time to read an index: characters of passages, of headings, and of the vocabulary.
_MAX_CHARACTERS_READ = 300_000
# Of more passages than this, an even sample is read.
_MAX_PASSAGES_READ = 30_000
# Small kana and the long vowel mark, which belong to the kana before them.
_SMALL_KANA = frozenset("ぁぃぅぇぉゃゅょゎー")
_NEVER_FIRST = _SMALL_KANA | {"ん", "っ", "を"}
# Kana of the reading of a word.
_MIN_READING_LENGTH = 3
_MAX_READING_LENGTH = 16
_VOICING_MARK = "\u3099"
# Characters of context on each side with which a spelling is scored.
_CONTEXT_LENGTH = 8
# Sudachi's path cost must fall by this much if the kana may be grammar or cross a word boundary. Chosen on 392
# questions over four indexes (decision 008).
_CLEAR_GAIN = 3_000
# It may rise by this much if the kana are one noun (しちょう: 市長, 視聴).
_HOMOPHONE_GAIN = -2_000
_GRAMMAR = frozenset({"助詞", "助動詞", "副詞", "代名詞", "連体詞", "接続詞", "感動詞", "形状詞"})
_MAX_HOMOPHONES = 3
# These bound the time for one question. Of 8,000 texts none had more than 4 candidates or a run of more than 32 kana.
_MAX_CANDIDATES = 64
_MAX_PASSES = 3
_MAX_RUN_LENGTH = 200


class _Respelling(NamedTuple):
    gain: int
    start: int
    end: int
    spelling: str


class SpellingCorrector:
    """Replaces words in kana or with a wrong letter by the documents' spelling; safe to share between threads."""

    def __init__(
        self, passages: Sequence[Passage], vocabulary: Sequence[str] = (), names: Collection[str] = ()
    ) -> None:
        """Learn the spellings of `passages`; of a large index those of its headings and `vocabulary`.

        `names` are proper names that are corrected even if the documents also write them in kana.
        """
        sample = passages[:: max(1, len(passages) // _MAX_PASSAGES_READ)]
        headings = dict.fromkeys(heading for p in sample for heading in p.path)
        ends = accumulate(map(len, headings))
        texts = {text: None for text, end in zip(headings, ends, strict=True) if end <= _MAX_CHARACTERS_READ}
        if sum(len(p.text) for p in sample) <= _MAX_CHARACTERS_READ:
            texts |= dict.fromkeys(p.text for p in sample)
        else:
            texts |= dict.fromkeys("\n".join(vocabulary)[:_MAX_CHARACTERS_READ].split("\n"))
        self._readings = _Readings(texts, names)
        self._texts = nfkc("\n".join(texts))
        self._words = sorted(word for word in self._readings.katakana if _KATAKANA.fullmatch(word))
        self._by_loose_spelling = {word.translate(_LOOSE_KATAKANA): word for word in self._words}
        self._all_katakana = "\n".join(self._words)

    def __call__(self, text: str) -> str:
        """Return normalised `text` in the documents' spelling."""
        for _ in range(_MAX_PASSES):  # a word is more easily recognised beside one that is corrected
            runs = (run for run in _HIRAGANA.finditer(text) if len(run[0]) <= _MAX_RUN_LENGTH)
            found = islice((respelling for run in runs for respelling in self._respellings(text, run)), _MAX_CANDIDATES)
            chosen = list[_Respelling]()
            for respelling in sorted(found, key=lambda found: (-found.gain, found.start - found.end)):
                if all(respelling.end <= other.start or other.end <= respelling.start for other in chosen):
                    chosen.append(respelling)
            for respelling in sorted(chosen, key=lambda found: -found.start):
                text = text[: respelling.start] + respelling.spelling + text[respelling.end :]
            if not chosen:
                break
        return _KATAKANA.sub(lambda run: self._correct_katakana(run[0]), text)

    def _correct_katakana(self, run: str) -> str:
        variant = self._by_loose_spelling.get(run.translate(_LOOSE_KATAKANA))
        if variant and run not in self._readings.katakana:
            return variant
        if run in self._all_katakana or len(run) < _MIN_LENGTH_FOR_TYPO:
            return run
        if (in_hiragana := to_hiragana(run)) in self._texts:
            return in_hiragana
        if spellings := self._readings.spellings(run):
            return spellings[0]
        if is_dictionary_word(run):
            return run
        # Comparing lengths and letters first is much faster than aligning each word: all letters but one are matched.
        lengths, letters = range(len(run) - 1, len(run) + 3), {*run}
        likely = [word for word in self._words if len(word) in lengths and len(letters.difference(word)) < 2]
        similar = get_close_matches(run, likely, n=2, cutoff=(len(run) - 1) / len(run))
        return similar[0] if len(similar) == 1 else run

    def _respellings(self, text: str, run: re.Match[str]) -> Iterator[_Respelling]:
        reading = to_katakana(run[0])
        spans = (
            (start, end, spellings[:_MAX_HOMOPHONES])
            for start in range(len(reading) - 1)
            if run[0][start] not in _NEVER_FIRST
            for end in range(start + _MIN_READING_LENGTH, min(len(reading), start + _MAX_READING_LENGTH) + 1)
            if run[0][end : end + 1] not in _SMALL_KANA and (spellings := self._readings.spellings(reading[start:end]))
        )
        for start, end, spellings in spans:
            kana = run[0][start:end]
            left = text[max(0, run.start() + start - _CONTEXT_LENGTH) : run.start() + start]
            right = text[run.start() + end : run.start() + end + _CONTEXT_LENGTH]
            is_in_name = (_NAME_CHARACTER.match(right) and kana + right[:2] in self._texts) or (
                _NAME_CHARACTER.match(left[-1:]) and left[-2:] + kana in self._texts
            )
            if is_in_name:
                continue
            kana_cost = sudachi_path_cost(left + kana + right)
            gain, spelling = max((kana_cost - sudachi_path_cost(left + word + right), word) for word in spellings)
            if gain >= _required_gain(left, kana, right):
                yield _Respelling(gain, run.start() + start, run.start() + end, spelling)


def _is_grammar(m: Morpheme) -> bool:
    return m.pos[0] in _GRAMMAR or "非自立可能" in m.pos


def _required_gain(left: str, kana: str, right: str) -> float:
    start = len(left)
    end = start + len(kana)
    inside = [m for m in morphemes(left + kana + right, "C") if m.start < end and start < m.end]
    first, *others = inside
    if first.start != start or inside[-1].end != end:
        return _CLEAR_GAIN
    is_grammar = all(_is_grammar(m) or "副詞可能" in m.pos for m in inside)
    if is_grammar and (first.pos[0] == "代名詞" or (left.strip() and first.pos[0] == "助詞")):
        return inf
    is_verb = first.pos[0] == "動詞" and bool(others) and all(map(_is_grammar, others))  # 穴があいて is not 相手
    if is_grammar or is_verb:
        return _CLEAR_GAIN
    return _HOMOPHONE_GAIN if first.is_noun and not others else 0


class _Readings:
    def __init__(self, texts: Iterable[str], names: Iterable[str] = ()) -> None:
        self.katakana: set[str] = set()
        self._spellings: dict[str, Counter[str]] = {}
        self._in_kana: set[str] = set()
        for text in texts:
            self._learn(nfkc(text))
        for name in names:
            self._learn(nfkc(name))
            for part in _compounds(nfkc(name)):
                self._in_kana.difference_update(_readings(part))

    def spellings(self, reading: str) -> Sequence[str]:
        if reading in self._in_kana:
            return ()
        if counts := self._spellings.get(reading):
            return [word for word, _ in counts.most_common()]
        return (reading,) if reading in self.katakana else ()

    def _learn(self, text: str) -> None:
        self.katakana.update(_ANY_KATAKANA.findall(text))
        for part in _compounds(text):
            word = "".join(p.surface for p in part)
            if _HIRAGANA.fullmatch(word):
                self._in_kana.add(next(_readings(part)))
            elif _ANY_KATAKANA.fullmatch(word):
                self.katakana.add(word)
            elif len(word) > 1:
                for reading in _readings(part):
                    self._spellings.setdefault(reading, Counter())[word] += 1


def _compounds(text: str) -> Iterator[Sequence[Morpheme]]:
    for is_noun_run, group in groupby(
        morphemes(text), key=lambda m: m.is_noun and m.pos[1] != "数詞" and bool(m.reading)
    ):
        run = list(group) if is_noun_run else []
        for start in range(len(run)):
            for end in range(start + 1, min(len(run), start + _MAX_COMPOUND_NOUNS) + 1):
                yield run[start:end]


def _readings(part: Sequence[Morpheme]) -> Iterator[str]:
    yield "".join(p.reading for p in part)
    first = nfkc(part[-1].reading[0] + _VOICING_MARK)
    if len(part) > 1 and len(first) == 1:
        yield "".join(p.reading for p in part[:-1]) + first + part[-1].reading[1:]
