"""Japanese tokenisation with Sudachi: morphemes and index terms."""

import re
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, Literal

from sudachipy import Dictionary, SplitMode, Tokenizer

from ingest.japanese import dates
from ingest.japanese.characters import to_katakana
from ingest.japanese.lexicon import LIGHT_NORMAL_FORMS, load_lexicon
from ingest.japanese.mentions.quantities import AREA_OR_VOLUME, unit_symbol
from ingest.japanese.normal_forms import nfkc
from ingest.japanese.spans import Spans

LIGHT_WORDS = frozenset(load_lexicon("light_words")["light_words"]) | LIGHT_NORMAL_FORMS
"""Stop words, as Sudachi's normal forms."""
DENIALS = frozenset(load_lexicon("polarity")["denials"])
"""Negating words, as Sudachi's normal forms."""
NEGATING_PREFIXES = frozenset(load_lexicon("polarity")["prefixes"])
# Characters. Sudachi's limit is 65,535 bytes after NFKC, which may give 33 bytes per character (ﷺ).
_LONGEST_PIECE = 1_900
# Characters; longer texts than sentences and questions are not cached.
_SENTENCE_CHARACTERS = 200
_QUESTION_CHARACTERS = 1_500
# Lone surrogates, which invalid JSON may contain, have no UTF-8 encoding.
_SURROGATE = re.compile("[\ud800-\udfff]")
_MODES = {"A": SplitMode.A, "B": SplitMode.B, "C": SplitMode.C}
_NO_CONTENT = {"助詞", "助動詞", "補助記号", "空白", "記号"}
# Ends of sentences, items and rows.
_SENTENCE_END = re.compile("[。!?\n]")
_ONLY_HIRAGANA = re.compile("[ぁ-ゖー]{2,}")
_local = threading.local()
_parts_of_speech: dict[int, tuple[str, ...]] = {}
# The index terms of the dictionary's words by their numbers; words that it lacks have greater numbers, not their own.
_terms: dict[int, str] = {}
_FIRST_UNKNOWN = 0xF000_0000


@dataclass(frozen=True, slots=True)
class Morpheme:
    """One morpheme at `text[start:end]`.

    `pos` is Sudachi's part of speech, outer to inner; `is_unknown` that its dictionary lacks the word.
    """

    surface: str
    normal: str
    reading: str
    pos: tuple[str, ...]
    start: int
    end: int
    is_unknown: bool = False

    @property
    def is_content(self) -> bool:
        """Whether it is a content word: not a particle, auxiliary, symbol or white space."""
        return is_content(self.pos)

    @property
    def is_noun(self) -> bool:
        """Whether it is a noun or a part of a compound noun (numerals too)."""
        return self.pos[0] in {"名詞", "接頭辞", "接尾辞"} and self.pos[1] != "形容詞的"

    @property
    def term(self) -> str:
        """Its spelling as an index term (`words`), except for dates."""
        return _term(self.normal, self.pos)


def is_content(part: Sequence[str]) -> bool:
    """Whether a part of speech, outer to inner, is that of a content word."""
    return part[0] not in _NO_CONTENT


@cache
def _dictionary() -> Dictionary:
    return Dictionary()


def _tokenizer() -> Tokenizer:
    # They are not thread-safe.
    if not hasattr(_local, "tokenizer"):
        _local.tokenizer = _dictionary().tokenizer()
    tokenizer: Tokenizer = _local.tokenizer
    return tokenizer


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    text = _SURROGATE.sub("\ufffd", text)
    start = 0
    while start < len(text):
        end = min(len(text), start + _LONGEST_PIECE)
        if end < len(text):
            cut = max(text.rfind(mark, start + 1, end) for mark in "\n。 、")
            end = cut + 1 if cut > start else end
        yield start, text[start:end]
        start = end


def morphemes(text: str, mode: Literal["A", "B", "C"] = "A") -> list[Morpheme]:
    """Return the morphemes of normalised `text` of any length, in split mode A (short), B or C (long)."""
    if len(text) > _QUESTION_CHARACTERS:
        return list(_read(text, mode))
    return list(_read_lately(text, mode) if len(text) <= _SENTENCE_CHARACTERS else _read_long(text, mode))


def _read(text: str, mode: Literal["A", "B", "C"]) -> tuple[Morpheme, ...]:
    return tuple(
        Morpheme(
            m.surface(),
            m.normalized_form(),
            m.reading_form(),
            _pos(m),
            offset + m.begin(),
            offset + m.end(),
            bool(m.is_oov()),
        )
        for offset, piece in _pieces(text)
        for m in _tokenizer().tokenize(piece, _MODES[mode])
        if m.begin() < m.end()  # Sudachi returns three morphemes for a final …, two of them empty
    )


# A dozen rules tokenise a question and the sentences of its answer; about 10 KB per text.
_read_lately = lru_cache(maxsize=1024)(_read)
_read_long = lru_cache(maxsize=32)(_read)


def _pos(morpheme: Any) -> tuple[str, ...]:
    # Shared, because there are only some hundreds.
    number: int = morpheme.part_of_speech_id()
    if number not in _parts_of_speech:
        _parts_of_speech[number] = morpheme.part_of_speech()
    return _parts_of_speech[number]


def sudachi_path_cost(text: str) -> int:
    """Return the improbability of a short normalised `text`: the cost of Sudachi's best path.

    Only texts that differ in one word are comparable, and means over many characters. Source: Kudo et al. 2004,
    "Applying conditional random fields to Japanese morphological analysis" (costs of words and of their connections).
    """
    cost: int = _tokenizer().tokenize(text, _MODES["C"]).get_internal_cost()
    return cost


def is_dictionary_word(text: str) -> bool:
    """Whether `text` is one word of Sudachi's dictionary."""
    words_found = _tokenizer().tokenize(text, _MODES["C"])
    return len(words_found) == 1 and not bool(words_found[0].is_oov())


def words(text: str) -> list[str]:
    """Return the index terms of `text`: content words in mode A, normalised, lower case, with dates in one spelling.

    令和5年1月 and 2023年1月 both give 2023年1月 and 2023年; 12,345 gives 12345; ごみ gives ゴミ; 平米 and ㎡ give m2.
    """
    normal = nfkc(text)
    placed = (
        _words_lately(normal)
        if _SENTENCE_CHARACTERS < len(normal) <= _QUESTION_CHARACTERS
        else words_with_starts(normal)
    )
    return [word for _, word in placed]


def split_words(normal: str, placed: Iterable[tuple[int, str]]) -> list[list[str]]:
    """Return the index terms of normalised text (`words_with_starts`) by sentence, without empty ones.

    Lines are sentences, too.
    """
    sentences: list[list[str]] = [[]]
    ends = (match.end() for match in _SENTENCE_END.finditer(normal))
    end = next(ends, len(normal))
    for start, word in placed:
        if start >= end:
            sentences.append([])
            end = next((later for later in ends if later > start), len(normal))
        sentences[-1].append(word)
    return [sentence for sentence in sentences if sentence]


def words_with_starts(normal: str) -> list[tuple[int, str]]:
    """Return the index terms of normalised text (`words`), each after its position in the text, in order."""
    return read_words(normal)[0]


WrittenWord = tuple[str, str, tuple[str, ...]]
"""A word as it is written: its surface, its `Morpheme.term`, and three levels of its part of speech."""


class WordList:
    """The distinct words of texts as they are written, each with its number, in order."""

    def __init__(self) -> None:
        self.words: dict[WrittenWord, int] = {}
        # By Sudachi's number of the word, or of the part of speech of one that it lacks, and the surface.
        self._numbers: dict[tuple[int, str], int] = {}

    def number(self, morpheme: Any) -> int:
        """Return the number of Sudachi's morpheme, which is added if it is new; -1 for spaces."""
        word_id, surface = morpheme.word_id(), morpheme.surface()
        key = word_id if word_id < _FIRST_UNKNOWN else -1 - morpheme.part_of_speech_id(), surface
        number = self._numbers.get(key)
        if number is None:
            part = _pos(morpheme)
            is_word = surface and part[0] != "空白"
            word = surface, _term(morpheme.normalized_form(), part), part[:3]
            number = self._numbers[key] = self.words.setdefault(word, len(self.words)) if is_word else -1
        return number


def read_words(normal: str, written: WordList | None = None) -> tuple[list[tuple[int, str]], list[tuple[int, int]]]:
    """Return the index terms of normalised text, and the numbers of all its words in `written` if it is given.

    Each comes after its position in the text, in order.
    """
    mentions = dates(normal)
    units = list(AREA_OR_VOLUME.finditer(normal))
    covered = Spans((*((mention.start, mention.end) for mention in mentions), *(unit.span() for unit in units)))
    placed = [(unit.start(), unit_symbol(unit[0])) for unit in units]
    all_words: list[tuple[int, int]] = []
    # Sudachi's own morphemes: creating ours would double the time.
    for offset, piece in _pieces(normal):
        for morpheme in _tokenizer().tokenize(piece, SplitMode.A):
            number = morpheme.word_id()
            start = offset + morpheme.begin()
            if written is not None and (place := written.number(morpheme)) >= 0:
                all_words.append((start, place))
            term = _terms.get(number)
            if term is None:
                term = _index_term(morpheme.normalized_form(), morpheme.part_of_speech_id())
                if number < _FIRST_UNKNOWN:
                    _terms[number] = term
            if term and not ((mentions or units) and covered.meet(start, start + 1)):
                placed.append((start, term))
    for mention in mentions:
        placed.append((mention.start, mention.key))
        if mention.granularity != "year":
            placed.append((mention.start, f"{mention.first.year}年"))
    return sorted(placed, key=lambda at: at[0]) if mentions or units else placed, all_words


# A question is tokenised half a dozen times.
_words_lately = lru_cache(maxsize=32)(words_with_starts)


@lru_cache(maxsize=16384)
def _index_term(word: str, pos_number: int) -> str:
    pos = _dictionary().pos_of(pos_number)
    return "" if pos is None or pos[0] in _NO_CONTENT or word in LIGHT_WORDS else _term(word, pos)


def _term(word: str, pos: tuple[str, ...]) -> str:
    if pos[1] == "数詞":
        return word.replace(",", "")
    if word.endswith("方メートル"):  # the normal form of ㎥
        return unit_symbol(word)
    if pos[0] == "名詞" and _ONLY_HIRAGANA.fullmatch(word):
        return to_katakana(word)  # words that Sudachi keeps in kana are written in both: ごみ, ゴミ
    return word.lower()
