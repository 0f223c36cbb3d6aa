"""Corrects a question to the documents' spelling of words in kana or with a typo."""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import accumulate, groupby, islice
from math import inf
from typing import NamedTuple

from ingest.documents import Passage
from ingest.japanese import nfkc
from ingest.japanese.characters import to_katakana
from ingest.japanese.tokenise import LIGHT_WORDS, Morpheme, is_dictionary_word, morphemes, sudachi_path_cost

_KATAKANA = re.compile(r"[ァ-ヶー]{3,}")
_ANY_KATAKANA = re.compile(r"[ァ-ヶー]{2,}")
_HIRAGANA = re.compile(r"[ぁ-ゖー]{2,}")
_ENDS_IN_KANA = re.compile(r"[ぁ-ゖ]ー?$")
_IN_NAME = re.compile(r"[一-龥ァ-ヶA-Za-z\d]")
# Small kana are often typed large, and long marks left out.
_LOOSE = str.maketrans("ァィゥェォッャュョヮ", "アイウエオツヤユヨワ", "ー・")
# A particle typed twice between two words: 会議のの議題.
_DOUBLED = re.compile(r"(?<=[一-龥ァ-ヶー々])([はがをの])\1(?=[一-龥ァ-ヶいなだど])")
# Katakana from which on one letter may be wrong.
_ONE_TYPO = 4
_LONGEST_COMPOUND = 4
# Characters that are read for their words: of passages, where all of them are no more, of headings, of the vocabulary.
_READ = 300_000
# Passages whose headings are looked at, of more so many from all over.
_SEEN = 30_000
# Letters that belong to the one before them.
_CLINGS = frozenset("ぁぃぅぇぉゃゅょゎー")
_NEVER_FIRST = _CLINGS | {"ん", "っ", "を"}
_SHORTEST, _LONGEST = 3, 16
_VOICING = "\u3099"
# Letters of context on each side by which a spelling is judged.
_BESIDE = 8
# How much likelier a sentence must be with the spelling where the letters may be grammar or lie across its words, and
# how much unlikelier it may be where they are one word that only needs its spelling (しちょう: 市長, 視聴). Chosen on
# 392 questions over four indexes: decision 008.
_CLEARLY, _HOMOPHONE = 3_000, -2_000
_GRAMMAR = frozenset({"助詞", "助動詞", "副詞", "代名詞", "連体詞", "接続詞", "感動詞", "形状詞"})
_TITLES = frozenset({"さん", "さま", "ちゃん", "くん"})
_HOMOPHONES = 3
# Of a question so many words are put in, so many places looked at, and no run of so many letters: of 8,000 texts none
# had more than 4 places, or a run of more than 32 letters.
_MOST_WORDS, _MOST_PLACES, _LONGEST_RUN = 8, 64, 200


class _Respelling(NamedTuple):
    """A way to write the letters of a text from `start` to `end`, and by how much it is likelier than they are."""

    gain: int
    start: int
    end: int
    spelling: str


class _Place(NamedTuple):
    """Where a run of hiragana may be a word, how that is spelt, and whether another word begins after it."""

    start: int
    end: int
    spellings: tuple[str, ...]
    goes_on: bool


_Judge = Callable[[str, str, str, tuple[str, ...]], tuple[int, str] | None]


class SpellingCorrector:
    """Puts the documents' spelling where a question writes their words in kana or with a slip of a letter."""

    def __init__(
        self, passages: Sequence[Passage], vocabulary: Sequence[str] = (), names: Collection[str] = ()
    ) -> None:
        """Learn from `passages`; where they are too much to read, from their headings and the `vocabulary`.

        `names` are known besides, and meant by their letters also where the documents write these in kana.
        """
        seen = passages[:: max(1, len(passages) // _SEEN)]
        texts = _within_budget(dict.fromkeys(heading for p in seen for heading in p.path))
        if sum(len(p.text) for p in seen) <= _READ:
            texts |= dict.fromkeys(p.text for p in seen)
        else:
            texts |= dict.fromkeys("\n".join(vocabulary)[:_READ].split("\n"))
        self._readings = _Readings(texts, names)
        self._texts = nfkc("\n".join(texts))
        words = {word for word in self._readings.katakana if _KATAKANA.fullmatch(word)}
        self._loose = {word.translate(_LOOSE): word for word in sorted(words)}
        # All in one text, and by what is left of each without one letter (Garbe's symmetric deletion): among ten
        # thousand words, looking at each takes as long as all the rest of a search.
        self._written = "\n".join(words)
        self._shortened: dict[str, list[str]] = {}
        for word in sorted(words):
            for less in _shortened(word):
                self._shortened.setdefault(less, []).append(word)

    def __call__(self, text: str) -> str:
        """Return normalised `text` in the documents' spelling."""
        return _KATAKANA.sub(lambda run: self._correct_katakana(run[0]), self._with_words(_DOUBLED.sub(r"\1", text)))

    def _correct_katakana(self, run: str) -> str:
        """Return the word of the documents that the run is but for size of kana, long marks, or one letter."""
        same = self._loose.get(run.translate(_LOOSE), run)
        if same != run and run not in self._readings.katakana:
            return same
        if run in self._written:
            return run
        if len(run) >= _ONE_TYPO and (mixed := self._readings.spellings(run)):
            return mixed[0]
        if is_dictionary_word(run):
            return run
        like = {word for less in _shortened(run) for word in self._shortened.get(less, ())}
        near = [word for word in like if len(word) >= _ONE_TYPO and _one_apart(word, run)]
        return near[0] if len(near) == 1 else run

    def _with_words(self, text: str) -> str:
        """Return `text` with the words that its hiragana hides, where the sentence reads better so."""
        known = lru_cache(self._known)  # most of a text stays as it was when a word of it is put in
        judged = lru_cache(self._judged)
        for _ in range(_MOST_WORDS):
            runs = [run for run in _HIRAGANA.finditer(text) if len(run[0]) <= _LONGEST_RUN]
            places = islice(((run, place) for run in runs for place in known(run[0])), _MOST_PLACES)
            options = [option for run, place in places if (option := self._option(text, run, place, judged))]
            if not options:
                break
            best = max(options, key=lambda option: (option.gain, option.end - option.start))
            text = text[: best.start] + best.spelling + text[best.end :]
        return text

    def _option(self, text: str, run: re.Match[str], place: _Place, judge: _Judge) -> _Respelling | None:
        """Return the best spelling of a place in a run of hiragana, None where its letters are to stay."""
        at, end = run.start() + place.start, run.start() + place.end
        left, right = text[max(0, at - _BESIDE) : at], text[end : end + _BESIDE]
        found = judge(left, text[at:end], right, place.spellings)
        if found is None:
            return None
        gain, spelling = found
        is_whole = end == run.end() or place.goes_on or _ends_a_word(left + spelling, right)
        return _Respelling(gain, at, end, spelling) if is_whole else None

    def _judged(self, left: str, kana: str, right: str, spellings: tuple[str, ...]) -> tuple[int, str] | None:
        """Return the likeliest of the spellings with its gain; None where the letters are as likely."""
        if any(name in self._texts for name in _compounds_of(left, kana, right)):
            return None
        before = sudachi_path_cost(left + kana + right)
        gain, spelling = max((before - sudachi_path_cost(left + word + right), word) for word in spellings)
        return (gain, spelling) if gain >= _HOMOPHONE and gain >= _required_gain(left, kana, right) else None

    def _known(self, run: str) -> tuple[_Place, ...]:
        """Return the places in a run of hiragana that are the reading of a word, with its spellings."""
        reading = to_katakana(run)
        found = list[tuple[int, int, tuple[str, ...]]]()
        for start in range(len(run) - 1):
            if run[start] in _NEVER_FIRST:
                continue
            for end in range(start + _SHORTEST, min(len(run), start + _LONGEST) + 1):
                if run[end : end + 1] not in _CLINGS and (known := self._readings.spellings(reading[start:end])):
                    found.append((start, end, tuple(known[:_HOMOPHONES])))
        begins = {start for start, _, _ in found}
        return tuple(_Place(start, end, spellings, end in begins) for start, end, spellings in found)


def _compounds_of(left: str, kana: str, right: str) -> Iterator[str]:
    """Yield the letters with what they are one name with: かなざわ + ネッ of かなざわネット, 広報 + かなざわ."""
    if _IN_NAME.match(right):
        yield kana + right[:2]
    if _IN_NAME.match(left[-1:]):
        yield left[-2:] + kana


def _within_budget(texts: Collection[str]) -> dict[str, None]:
    """Return the first texts that have `_READ` characters together."""
    ends = accumulate(map(len, texts))
    return {text: None for text, end in zip(texts, ends, strict=True) if end <= _READ}


def _ends_a_word(text: str, following: str) -> bool:
    """Whether a word of `text` + `following` ends with `text`: grammar, or a word without a subject, follows."""
    after = next((m for m in morphemes(text + following, "C") if m.end > len(text)), None)
    if after is None or after.start != len(text):
        return after is None
    if "接尾辞" in after.pos and len(after.surface) == 1:  # 日本 + ご is 日本語; さん goes with any name
        return False
    adverbial = "副詞可能" in after.pos and len(after.surface) > 1
    return adverbial or _is_grammar(after) or after.normal in LIGHT_WORDS


def _is_grammar(m: Morpheme) -> bool:
    return m.pos[0] in _GRAMMAR or "非自立可能" in m.pos


def _required_gain(left: str, kana: str, right: str) -> float:
    """Return how much likelier the spelling must be than the letters, by what words these are."""
    start, end = len(left), len(left) + len(kana)
    inside = [m for m in morphemes(left + kana + right, "C") if m.start < end and start < m.end]
    if (inside[0].start, inside[-1].end) != (start, end):
        return _CLEARLY
    is_behind = bool(left.strip()) and not _ENDS_IN_KANA.search(left)
    if is_behind and inside[0].surface in _TITLES:
        return inf  # 職員さんが is no サンガ
    if all(_is_grammar(m) or "副詞可能" in m.pos for m in inside):
        if inside[0].pos[0] == "代名詞" or (left.strip() and inside[0].pos[0] == "助詞"):
            return inf  # なんで is no ナンデ, プールはいつ no ハイツ
        return _CLEARLY
    if inside[0].pos[0] == "動詞" and len(inside) > 1 and all(map(_is_grammar, inside[1:])):
        return _CLEARLY  # 穴があいて is no 相手
    return _HOMOPHONE if len(inside) == 1 and inside[0].is_noun else 0


class _Readings:
    """The spellings of the words of some texts, by their readings in katakana; the most frequent first."""

    def __init__(self, texts: Iterable[str], names: Iterable[str] = ()) -> None:
        self.katakana: set[str] = set()
        self._spellings: dict[str, Counter[str]] = {}
        self._in_kana: set[str] = set()
        for text in texts:
            self._learn(nfkc(text))
        for name in names:
            self._learn(nfkc(name))
            self._in_kana.difference_update(reading for part in _compounds(nfkc(name)) for reading in _readings(part))

    def spellings(self, reading: str) -> Sequence[str]:
        """Return how the texts write what is read so; it may be none."""
        if reading in self._in_kana:
            return ()
        if found := self._spellings.get(reading):
            return [word for word, _ in found.most_common()]
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
    """Yield the runs of nouns in a text, and all their parts."""
    named = (m if m.is_noun and m.pos[1] != "数詞" and m.reading else None for m in morphemes(text))
    for is_named, group in groupby(named, key=bool):
        run = [m for m in group if m] if is_named else []
        for start in range(len(run)):
            yield from (run[start:end] for end in range(start + 1, min(len(run), start + _LONGEST_COMPOUND) + 1))


def _readings(part: Sequence[Morpheme]) -> Iterator[str]:
    """Yield how a compound is read, also with its last part voiced where it can be: ヒナン + ショ is ヒナンジョ."""
    yield "".join(p.reading for p in part)
    first = nfkc(part[-1].reading[0] + _VOICING)
    if len(part) > 1 and len(first) == 1:
        yield "".join(p.reading for p in part[:-1]) + first + part[-1].reading[1:]


def _shortened(word: str) -> set[str]:
    """Return the word, and it without each of its letters: words that one letter tells apart have one in common."""
    return {word, *(word[:i] + word[i + 1 :] for i in range(len(word)))}


def _one_apart(a: str, b: str) -> bool:
    """Whether one insertion, deletion or replacement of a letter turns `a` into `b`."""
    short, long = sorted((a, b), key=len)
    if len(long) - len(short) > 1:
        return False
    same = next((i for i, (x, y) in enumerate(zip(short, long, strict=False)) if x != y), len(short))
    return short[same + (len(short) == len(long)) :] == long[same + 1 :]
