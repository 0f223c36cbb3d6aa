"""Finds the names in a text: proper nouns, quoted and Latin words, organisations."""

import re
from collections.abc import Iterator

from ingest.japanese.contacts import contacts
from ingest.japanese.dates import dates
from ingest.japanese.figures import figures
from ingest.japanese.name_endings import COMMITTEE, CORPORATION, DEPARTMENT, MINISTRY
from ingest.japanese.partial_dates import times
from ingest.japanese.tokenise import Morpheme, morphemes

_QUOTED = re.compile(r"[「『]([^「」『』]+)[」』]")
_LATIN = re.compile(r"(?<![\dA-Za-z.])[A-Za-z][A-Za-z0-9]*(?:[./&+_@:-]+[A-Za-z0-9]+)*")
# The last word of what an office, a body or a place is called.
_ORGANISATION = re.compile(
    rf".{{2,}}(?:{DEPARTMENT}|{MINISTRY}|{COMMITTEE}|{CORPORATION}|会議|公社|センター|プラザ|大学|学校|病院|署|園|館)$|.*長$"
)
_DETERMINERS = frozenset("各全同本当両")


def names(text: str) -> list[tuple[int, str]]:
    """Return (start, name) of each 「…」, proper name by Sudachi, and Latin word in normalised `text`."""
    covered = [*((mention.start, mention.end) for mention in dates(text)), *contacts(text)]
    quoted = [(match.start(1), match[1]) for match in _QUOTED.finditer(text) if match.span(1) not in covered]
    proper = [(word.start, word.surface) for word in morphemes(text, "C") if word.pos[1] == "固有名詞"]
    proper += [(match.start(), match[0]) for match in _LATIN.finditer(text)]
    outside = [name for name in proper if not any(start <= name[0] < end for start, end in covered)]
    return list(dict.fromkeys([*quoted, *outside]))


def organisations(text: str) -> Iterator[tuple[str, ...]]:
    """Yield the compound nouns of normalised `text` that name an organisation, office or place, as their words.

    A single word (映画館) is a common noun.
    """
    for compound in _noun_compounds(text):
        words = compound[1:] if compound[0] in _DETERMINERS else compound
        if len(words) > 1 and _ORGANISATION.match("".join(words)):
            yield words


def organisation_names(text: str) -> list[str]:
    """Return the organisations, offices and places that normalised `text` names, without repetition."""
    return list(dict.fromkeys("".join(words) for words in organisations(text)))


def _noun_compounds(text: str) -> Iterator[tuple[str, ...]]:
    covered = [(figure.start, figure.end) for figure in figures(text)]
    covered += [(time.start, time.end) for time in times(text)]
    run: list[Morpheme] = []
    for word in morphemes(text):
        is_noun = word.is_noun and word.pos[1] != "数詞" and word.pos[2] not in ("副詞可能", "助数詞")
        if run and (not is_noun or run[-1].end != word.start):
            yield tuple(noun.surface for noun in run)
            run = []
        if is_noun and not any(start <= word.start < end for start, end in covered):
            run.append(word)
    if run:
        yield tuple(noun.surface for noun in run)
