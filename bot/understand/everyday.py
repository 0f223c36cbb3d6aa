"""Everyday words: what people say for the things that documents have words of their own for (`everyday.toml`)."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from bot.understand.whole_verbs import whole_verbs
from ingest.normalise import nfkc
from ingest.tokenise import LIGHT_WORDS, Morpheme

Wording = tuple[str, ...]
Meanings = frozenset[frozenset[str]]

# Content words that may stand between two of a wording: 生ごみを家で乾燥させる.
_BETWEEN = 1
# What an office does for itself; all other fields are of people's lives.
_OF_OFFICE = frozenset({"digital", "personnel", "council", "plans", "meetings"})
# Light words that turn what a wording means: 足がない, 知っている人.
_TURNING = frozenset({"無い", "知る", "分かる"})


@dataclass(frozen=True, slots=True)
class Meant:
    """The words at `places` of a text, which documents may write as one of `meanings`: all words of it together."""

    places: tuple[int, ...]
    meanings: Meanings


def meant(ms: Sequence[Morpheme]) -> Iterator[Meant]:
    """Yield what the words of a text may stand for, its wordings in one another each for itself.

    `places` count in `ms`, the morphemes of normalised text (`whole_verbs`).
    """
    content = [i for i, m in enumerate(ms) if _says_something(m)]
    for at in range(len(content)):
        yield from _at(ms, content[at:])


def things_of_life(text: str) -> int:
    """Count the things of people's lives (ごみ, バス, 窓口) that a text names, in their words or in a document's."""
    return len({_word(m) for m in whole_verbs(nfkc(text)) if m.is_noun} & _things_of_life())


def _at(ms: Sequence[Morpheme], content: Sequence[int]) -> Iterator[Meant]:
    for wording in _by_first().get(_word(ms[content[0]]), ()):
        if places := _found(wording, ms, content):
            yield Meant(places, _wordings()[wording])


def _found(wording: Wording, ms: Sequence[Morpheme], content: Sequence[int]) -> tuple[int, ...]:
    """Return where the words of the wording stand, the first of them first of all, or nothing."""
    places = [content[0]]
    at = 1
    for word in wording[1:]:
        reach = content[at : at + 1 + _BETWEEN]
        step = next((n for n, i in enumerate(reach) if _word(ms[i]) == word), None)
        if step is None:
            return ()
        places.append(reach[step])
        at += step + 1
    return tuple(places)


@cache
def _by_first() -> Mapping[str, tuple[Wording, ...]]:
    found: dict[str, tuple[Wording, ...]] = {}
    for wording in _wordings():
        found[wording[0]] = (*found.get(wording[0], ()), wording)
    return found


@cache
def _things_of_life() -> frozenset[str]:
    groups = [group for name, field in _fields().items() if name not in _OF_OFFICE for group in field["same"]]
    wordings = (_words(said) for group in groups for said in group.split())
    return frozenset(wording[0] for wording in wordings if len(wording) == 1)


@cache
def _fields() -> Mapping[str, Mapping[str, Any]]:
    return tomllib.loads(files("bot.understand").joinpath("everyday.toml").read_text("utf-8"))


@cache
def _wordings() -> Mapping[Wording, Meanings]:
    """Return the meanings of each wording, both in words as `_word` gives them."""
    found: dict[Wording, Meanings] = {}
    for field in _fields().values():
        pairs = [(word, group) for group in field["same"] for word in group.split()]
        for said, written in [*pairs, *field["said"].items()]:
            wording = _words(said)
            meanings = {frozenset(_words(meaning)) for meaning in written.split()} - {frozenset(wording)}
            if wording and meanings:
                found[wording] = found.get(wording, frozenset()) | meanings
    return found


def _words(text: str) -> Wording:
    return tuple(_word(m) for m in whole_verbs(nfkc(text)) if _says_something(m))


def _word(m: Morpheme) -> str:
    return m.normal.lower()


def _says_something(m: Morpheme) -> bool:
    return m.is_content and (m.normal not in LIGHT_WORDS or m.normal in _TURNING)
