"""The office's words: names that people use with official names, found in whatever characters they are written."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property

from ingest.japanese import dates, nfkc
from ingest.japanese.characters import to_katakana
from ingest.japanese.lexicon import load_lexicon
from ingest.japanese.tokenise import Morpheme, morphemes

# Names of one question that are found; nobody asks about more things at once.
MAX_MENTIONS = 12
# Left out of names: コミュニティ・バス, コミュニティ バス.
_SEPARATORS = frozenset(" \t\n　・･")
# A name in hiragana of this length is found even if Sudachi, which does not know it, splits it elsewhere.
_MIN_UNKNOWN_KANA = 4


@dataclass(frozen=True, slots=True)
class NameMention:
    """A name in `text[start:end]`.

    Attributes:
        officials: the official names that it may mean.
        before, after: the nouns that directly precede and follow it, "" for none: with them it may be a part of the
            name of something else (支援 + センター).
        has_suffix: whether it is a part of a longer word (回収率).
    """

    start: int
    end: int
    officials: tuple[str, ...]
    before: str = ""
    after: str = ""
    has_suffix: bool = False


def fold_name(text: str) -> str:
    """Return a text as names are compared: katakana, lower case, present characters, without separators."""
    return fold_letters(nfkc(text))


def fold_letters(text: str) -> str:
    """Return a text in normal form as names are compared."""
    return text.translate(_FOLDED)


class NameFinder:
    """Finds names in questions; safe to share between threads.

    `pairs` are names with official names in normal form. The longest name is found. Official names count as names of
    themselves, so a name within an official name is not found. `is_used` is asked of a pair when its name is in a
    question.
    """

    def __init__(
        self, pairs: Iterable[tuple[str, str]], is_used: Callable[[tuple[str, str]], bool] = lambda _: True
    ) -> None:
        self._is_used = is_used
        self._pairs: dict[str, list[tuple[str, str]]] = {}
        for pair in pairs:
            self._pairs.setdefault(fold_letters(pair[0]), []).append(pair)
        self._officials = {fold_letters(official) for same in self._pairs.values() for _, official in same}
        lengths = {len(name) for names in (self._pairs, self._officials) for name in names}
        self._lengths = sorted(lengths - {0}, reverse=True)

    def find(self, text: str) -> list[NameMention]:
        """Return the first 12 names in normalised `text`, in order, that begin and end at word boundaries."""
        if not self._pairs:
            return []
        places = [place for place, character in enumerate(text) if character not in _SEPARATORS]
        characters = fold_letters(text)
        words = _Words(text)
        mentions: list[NameMention] = []
        start = 0
        while len(mentions) < MAX_MENTIONS and start < len(characters):
            name, officials = self._longest_name(characters, start)
            first, end = places[start], places[start + len(name) - 1] + 1
            is_word = bool(name) and words.is_word(first, end)
            if is_word and officials:
                noun_after, has_suffix = words.noun_after(end)
                mentions.append(NameMention(first, end, officials, words.noun_before(first), noun_after, has_suffix))
            start += len(name) if is_word else 1
        return mentions

    def _longest_name(self, characters: str, start: int) -> tuple[str, tuple[str, ...]]:
        # A name that is official itself has no official names.
        for length in self._lengths:
            name = characters[start : start + length]
            if name in self._officials:
                return name, ()
            if officials := tuple(dict.fromkeys(pair[1] for pair in self._pairs.get(name, ()) if self._is_used(pair))):
                return name, officials
        return "", ()


class _FoldedCharacters(dict[int, str]):
    def __missing__(self, code: int) -> str:
        character = chr(code)
        if character in _SEPARATORS:
            folded = ""
        else:
            lower = character.lower()
            folded = _present_characters().get(character) or to_katakana(lower if len(lower) == 1 else character)
        self[code] = folded
        return folded


_FOLDED = _FoldedCharacters()


@cache
def _present_characters() -> Mapping[str, str]:
    pairs = load_lexicon("old_characters")["pairs"]
    return {pair[0]: pair[1] for pair in pairs}


class _Words:
    def __init__(self, text: str) -> None:
        self._text = text

    @cached_property
    def _by_start(self) -> Mapping[int, Morpheme]:
        return {token.start: token for token in morphemes(self._text)}

    @cached_property
    def _by_end(self) -> Mapping[int, Morpheme]:
        return {token.end: token for token in self._by_start.values()}

    @cached_property
    def _date_ends(self) -> frozenset[int]:
        return frozenset(mention.end for mention in dates(self._text))

    def is_word(self, start: int, end: int) -> bool:
        text = self._text
        if end - start == 1:
            neighbours = text[max(0, start - 1) : start] + text[end : end + 1]
            return all(_script(character) not in (_script(text[start]), "latin") for character in neighbours)
        return all(self._is_bound(place, start, end) for place in (start, end))

    def _is_bound(self, place: int, start: int, end: int) -> bool:
        text = self._text
        if place in self._by_start or place in self._by_end or place in (0, len(text)):
            return True
        inside, outside = (text[place], text[place - 1]) if place == start else (text[place - 1], text[place])
        if _script(inside) != _script(outside):
            return True
        return _script(inside) == "hiragana" and end - start >= _MIN_UNKNOWN_KANA

    def noun_before(self, start: int) -> str:
        token = self._by_end.get(start)
        if token is None or token.pos[0] != "名詞" or token.pos[1] in ("数詞", "固有名詞") or "副詞可能" in token.pos:
            return ""
        return "" if start in self._date_ends else token.surface

    def noun_after(self, end: int) -> tuple[str, bool]:
        token = self._by_start.get(end)
        if token is None or token.pos[0] not in ("名詞", "接尾辞"):
            return "", False
        return token.surface, token.pos[0] == "接尾辞"


def _script(character: str) -> str:
    if "ぁ" <= character <= "ゖ":
        return "hiragana"
    if "ァ" <= character <= "ヿ":
        return "katakana"
    if "㐀" <= character <= "鿿" or character == "々":
        return "kanji"
    return "latin" if character.isalnum() else "mark"


def replace_mentions(
    text: str, mentions: Sequence[NameMention], chosen: Sequence[str], correct: Callable[[str], str] = str
) -> str:
    """Return the text with each mention replaced by the name chosen for it, and what is between them corrected."""
    pieces: list[str] = []
    end = 0
    for mention, official in zip(mentions, chosen, strict=True):
        pieces += [correct(text[end : mention.start]), official]
        end = mention.end
    return "".join([*pieces, correct(text[end:])])
