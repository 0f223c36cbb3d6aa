"""Finds the names in a text."""

import re

from ingest.japanese.contacts import contacts
from ingest.japanese.dates import dates
from ingest.japanese.tokenise import morphemes

_QUOTED = re.compile(r"[「『]([^「」『』]+)[」』]")
_LATIN = re.compile(r"(?<![\dA-Za-z.])[A-Za-z][A-Za-z0-9]*(?:[./&+_@:-]+[A-Za-z0-9]+)*")


def names(text: str) -> list[tuple[int, str]]:
    """Return (start, name) of each 「…」, proper name by Sudachi, and Latin word in normalised `text`."""
    covered = [*((d.start, d.end) for d in dates(text)), *contacts(text)]
    quoted = [(m.start(1), m[1]) for m in _QUOTED.finditer(text) if m.span(1) not in covered]
    named = [(m.start, m.surface) for m in morphemes(text, "C") if m.pos[1] == "固有名詞"]
    named += [(match.start(), match[0]) for match in _LATIN.finditer(text)]
    outside = [(at, name) for at, name in named if not any(start <= at < end for start, end in covered)]
    return list(dict.fromkeys([*quoted, *outside]))
