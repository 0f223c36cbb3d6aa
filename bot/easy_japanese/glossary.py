"""Meanings of hard words, from words.toml and from definitions in the documents."""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from bot.easy_japanese.kanji import is_hard
from ingest.documents import Passage
from ingest.japanese import nfkc
from ingest.japanese.tokenise import Morpheme

# Morphemes that an entry may span.
_LONGEST_ENTRY = 8
_LONGEST_DEFINITION = 30
DEFINES = "とは"
"""What stands in every passage that defines a word."""
_DEFINITION = re.compile(
    r"(?:^|[。\n])「?(?P<word>[^「」。、\s]{2,20})」?とは、(?P<meaning>[^。、\d]+?)(?:です|である|をいう|をいいます)。"
)


@dataclass(frozen=True, slots=True)
class WordExplanation:
    """A hard word at `text[start:end]` and its meaning."""

    start: int
    end: int
    word: str
    meaning: str


@cache
def glossary() -> Mapping[str, str]:
    """Return the meaning of each word of `words.toml`."""
    rooms = tomllib.loads(files("bot.easy_japanese").joinpath("words.toml").read_text("utf-8"))
    return {word: meaning for room in rooms.values() for word, meaning in room.items()}


def find_definitions(passages: Iterable[Passage]) -> dict[str, str]:
    """Return what the documents define with とは in short and easy words: no figure, no hard kanji, no clause."""
    return {
        match["word"]: match["meaning"]
        for passage in passages
        if DEFINES in passage.text
        for match in _DEFINITION.finditer(nfkc(passage.text))
        if len(match["meaning"]) <= _LONGEST_DEFINITION and not is_hard(match["meaning"])
    }


def explain_words(words: Sequence[Morpheme], meanings: Mapping[str, str]) -> Iterator[WordExplanation]:
    """Yield the words of a sentence that have a meaning, the longest at each place, in order.

    `words` are in mode C, or in mode A for words inside compounds; a verb is looked up in its dictionary form.
    """
    i = 0
    while i < len(words):
        found = next((e for n in range(_LONGEST_ENTRY, 0, -1) if (e := _entry(words[i : i + n], n, meanings))), None)
        if found:
            yield found
        i = next((k for k in range(i, len(words)) if found and words[k].start >= found.end), i + 1)


def _entry(words: Sequence[Morpheme], length: int, meanings: Mapping[str, str]) -> WordExplanation | None:
    if len(words) < length:
        return None
    first = words[0]
    word = first.normal if length == 1 and first.pos[0] == "動詞" else "".join(m.surface for m in words)
    meaning = meanings.get(word)
    return WordExplanation(first.start, words[-1].end, word, meaning) if meaning else None
