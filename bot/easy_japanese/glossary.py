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

# Morphemes of an entry, and characters of a definition.
_MAX_ENTRY_WORDS = 8
_MAX_DEFINITION_LENGTH = 30
DEFINES = "とは"
"""Every passage that defines a word contains this."""
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
    groups = tomllib.loads(files("bot.easy_japanese").joinpath("words.toml").read_text("utf-8"))
    return {word: meaning for group in groups.values() for word, meaning in group.items()}


def find_definitions(passages: Iterable[Passage]) -> dict[str, str]:
    """Return the short definitions with とは in the documents that have no figures, hard kanji or clauses."""
    return {
        match["word"]: match["meaning"]
        for passage in passages
        if DEFINES in passage.text
        for match in _DEFINITION.finditer(nfkc(passage.text))
        if len(match["meaning"]) <= _MAX_DEFINITION_LENGTH and not is_hard(match["meaning"])
    }


def explain_words(words: Sequence[Morpheme], meanings: Mapping[str, str]) -> Iterator[WordExplanation]:
    """Yield the words of a sentence that have a meaning, the longest at each position, in order.

    `words` are in mode C, or in mode A for words inside compounds; a verb is looked up in its dictionary form.
    """
    i = 0
    while i < len(words):
        entries = (_find_entry(words[i : i + n], n, meanings) for n in range(_MAX_ENTRY_WORDS, 0, -1))
        entry = next(filter(None, entries), None)
        i += 1
        if entry:
            yield entry
            while i < len(words) and words[i].start < entry.end:
                i += 1


def _find_entry(words: Sequence[Morpheme], length: int, meanings: Mapping[str, str]) -> WordExplanation | None:
    if len(words) < length:
        return None
    first = words[0]
    word = first.normal if length == 1 and first.pos[0] == "動詞" else "".join(m.surface for m in words)
    meaning = meanings.get(word)
    return WordExplanation(first.start, words[-1].end, word, meaning) if meaning else None
