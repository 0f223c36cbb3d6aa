"""Finds the names of the dictionary in a question, whatever characters they are written in."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from ingest.japanese import dates, nfkc
from ingest.japanese.characters import to_katakana
from ingest.japanese.lexicon import load_lexicon
from ingest.japanese.tokenise import morphemes

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
    return "".join(character for character, _ in _fold_with_places(nfkc(text)))


class NameFinder:
    """Finds names in questions; safe to share between threads.

    `pairs` are names with official names. The longest name is found. Official names count as names of themselves, so a
    name within an official name is not found.
    """

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        officials: dict[str, list[str]] = {}
        folded_officials: set[str] = set()
        for name, official in pairs:
            officials.setdefault(fold_name(name), []).append(official)
            folded_officials.add(fold_name(official))
        self._officials: Mapping[str, tuple[str, ...]] = {
            name: tuple(dict.fromkeys(names)) for name, names in officials.items() if name not in folded_officials
        }
        self._all_names = frozenset(filter(None, self._officials.keys() | folded_officials))
        self._lengths = sorted({len(name) for name in self._all_names}, reverse=True)

    def __bool__(self) -> bool:
        """Return whether there are names."""
        return bool(self._officials)

    def find(self, text: str) -> list[NameMention]:
        """Return the names in normalised `text`, in order, that begin and end at word boundaries."""
        if not self._officials:
            return []
        folded = list(_fold_with_places(text))
        characters = "".join(character for character, _ in folded)
        mentions: list[NameMention] = []
        start = 0
        while start < len(characters):
            name = self._longest_at(characters, start)
            first = folded[start][1]
            end = folded[start + max(1, len(name)) - 1][1] + 1
            if not name or not _is_word(text, first, end):
                start += 1
                continue
            if name in self._officials:
                noun_after, has_suffix = _noun_after(text, end)
                mention = NameMention(
                    start=first,
                    end=end,
                    officials=self._officials[name],
                    before=_noun_before(text, first),
                    after=noun_after,
                    has_suffix=has_suffix,
                )
                mentions.append(mention)
            start += len(name)
        return mentions

    def _longest_at(self, characters: str, start: int) -> str:
        pieces = (characters[start : start + length] for length in self._lengths)
        return next((piece for piece in pieces if piece in self._all_names), "")


def _fold_with_places(text: str) -> Iterator[tuple[str, int]]:
    present = _present_characters()
    for place, character in enumerate(text):
        if character not in _SEPARATORS:
            lower = character.lower()
            yield present.get(character) or to_katakana(lower if len(lower) == 1 else character), place


@cache
def _present_characters() -> Mapping[str, str]:
    pairs = load_lexicon("old_characters")["pairs"]
    return {pair[0]: pair[1] for pair in pairs}


def _is_word(text: str, start: int, end: int) -> bool:
    if end - start == 1:
        neighbours = text[max(0, start - 1) : start] + text[end : end + 1]
        return all(_script(character) not in (_script(text[start]), "latin") for character in neighbours)
    bounds = {bound for token in morphemes(text) for bound in (token.start, token.end)}
    return all(_is_bound(text, place, bounds, start, end) for place in (start, end))


def _is_bound(text: str, place: int, bounds: set[int], start: int, end: int) -> bool:
    """Whether a word may begin or end at a place: by Sudachi, or because another script begins there."""
    if place in bounds or place in (0, len(text)):
        return True
    inside, outside = (text[place], text[place - 1]) if place == start else (text[place - 1], text[place])
    if _script(inside) != _script(outside):
        return True
    return _script(inside) == "hiragana" and end - start >= _MIN_UNKNOWN_KANA


def _noun_before(text: str, start: int) -> str:
    token = next((token for token in morphemes(text) if token.end == start), None)
    if token is None or token.pos[0] != "名詞" or token.pos[1] in ("数詞", "固有名詞") or "副詞可能" in token.pos:
        return ""
    return "" if any(mention.end == start for mention in dates(text[:start])) else token.surface


def _noun_after(text: str, end: int) -> tuple[str, bool]:
    token = next((token for token in morphemes(text) if token.start == end), None)
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


def replace_mentions(text: str, mentions: Sequence[NameMention], chosen: Sequence[str]) -> str:
    """Return the text with each mention replaced by the official name chosen for it."""
    pieces: list[str] = []
    end = 0
    for mention, official in zip(mentions, chosen, strict=True):
        pieces += [text[end : mention.start], official]
        end = mention.end
    return "".join([*pieces, text[end:]])
