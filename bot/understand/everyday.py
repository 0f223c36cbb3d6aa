"""Everyday words: what people say for the things that documents have words of their own for (`everyday.toml`)."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from bot.understand.said import Said, said, said_in, word_of
from bot.understand.whole_verbs import whole_verbs
from ingest.normalise import nfkc
from ingest.tokenise import Morpheme

Wording = tuple[str, ...]
Meanings = frozenset[frozenset[str]]

# Content words that may stand between two of a wording: 生ごみを家で乾燥させる.
_BETWEEN = 1
# What an office does for itself; all other fields are of people's lives.
_OF_OFFICE = frozenset({"digital", "personnel", "council", "plans", "meetings"})


@dataclass(frozen=True, slots=True)
class Meant:
    """The words at `places` of a text, which documents may write as one of `meanings`: all words of it together."""

    places: tuple[int, ...]
    meanings: Meanings


def meant(ms: Sequence[Morpheme]) -> Iterator[Meant]:
    """Yield what the words of a text may stand for, its wordings in one another each for itself.

    `places` count in `ms`, the morphemes of normalised text (`whole_verbs`).
    """
    words = said(ms)
    for at in range(len(words)):
        yield from _at(words[at:])


def things_of_life(text: str) -> int:
    """Count the things of people's lives (ごみ, バス, 窓口) that a text names, in their words or in a document's."""
    return len({word_of(m) for m in whole_verbs(nfkc(text)) if m.is_noun} & _things_of_life())


def _at(words: Sequence[Said]) -> Iterator[Meant]:
    for first in {words[0].word, words[0].whole}:
        for wording in _by_first().get(first, ()):
            if places := _found(wording, words, _BETWEEN):
                yield Meant(places, _wordings()[wording])
        for wording in _by_deed().get(first, ()):
            if places := _found(wording[::-1], words, 0):
                yield Meant(places, _wordings()[wording])


def _found(wording: Wording, words: Sequence[Said], between: int) -> tuple[int, ...]:
    """Return where the words of the wording stand, the first of them first of all, or nothing."""
    places = [words[0].place]
    at = 1
    for word in wording[1:]:
        reach = words[at : at + 1 + between]
        step = next((n for n, one in enumerate(reach) if one.is_(word)), None)
        if step is None:
            return ()
        places.append(reach[step].place)
        at += step + 1
    return tuple(places)


@cache
def _by_first() -> Mapping[str, tuple[Wording, ...]]:
    found: dict[str, tuple[Wording, ...]] = {}
    for wording in _wordings():
        found[wording[0]] = (*found.get(wording[0], ()), wording)
    return found


@cache
def _by_deed() -> Mapping[str, tuple[Wording, ...]]:
    """Return the wordings of a thing and what is done with it, by the deed: 家を壊す is said as 壊す家 too."""
    found: dict[str, tuple[Wording, ...]] = {}
    for words, _ in _told():
        match words:
            case Said(is_thing=True) as thing, Said(is_thing=False) as deed:
                wording = (thing.whole, deed.whole)
                known = found.get(deed.whole, ())
                if wording in _wordings() and wording not in known:
                    found[deed.whole] = (*known, wording)
    return found


@cache
def _things_of_life() -> frozenset[str]:
    groups = [group for name, field in _fields().items() if name not in _OF_OFFICE for group in field["same"]]
    wordings = (_read(word) for group in groups for word in group.split())
    return frozenset(wording[0].whole for wording in wordings if len(wording) == 1)


@cache
def _wordings() -> Mapping[Wording, Meanings]:
    """Return the meanings of each wording, the meanings in words alone."""
    found: dict[Wording, Meanings] = {}
    for words, written in _told():
        wording = tuple(one.whole for one in words)
        meanings = {frozenset(one.word for one in _read(meaning)) for meaning in written.split()}
        meanings -= {frozenset(one.word for one in words)}
        if wording and meanings:
            found[wording] = found.get(wording, frozenset()) | meanings
    return found


@cache
def _told() -> tuple[tuple[tuple[Said, ...], str], ...]:
    """Return each wording of the file in its words, with what documents may write for it."""
    pairs: list[tuple[str, str]] = []
    for field in _fields().values():
        pairs += [(word, group) for group in field["same"] for word in group.split()]
        pairs += field["said"].items()
    return tuple((_read(wording), written) for wording, written in pairs)


@cache
def _read(wording: str) -> tuple[Said, ...]:
    """Return the words of a wording, most of which are meanings of others too."""
    return tuple(said_in(wording))


@cache
def _fields() -> Mapping[str, Mapping[str, Any]]:
    return tomllib.loads(files("bot.understand").joinpath("everyday.toml").read_text("utf-8"))
