"""What a text names: quoted names, proper names, words in Latin letters, addresses on the net."""

import re

from ingest.normalise import dates
from ingest.tokenise import morphemes

_QUOTED = re.compile(r"[「『]([^「」『』]+)[」』]")
_LATIN = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[./&+_@:-]+[A-Za-z0-9]+)*")


def names(text: str) -> list[str]:
    """Return what normalised `text` names: 「…」, proper names as Sudachi finds them, words in Latin letters."""
    found = [(m.start, m.surface) for m in morphemes(text, "C") if m.pos[1] == "固有名詞"]
    found += [(match.start(), match[0]) for match in _LATIN.finditer(text)]
    covered = [(d.start, d.end) for d in dates(text)]
    outside = [name for at, name in found if not any(start <= at < end for start, end in covered)]
    return list(dict.fromkeys([*_QUOTED.findall(text), *outside]))


_ADDRESS = re.compile(
    r"(?:https?:)?//\S+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|(?<![\w.])(?:[a-z0-9-]+\.)+(?:jp|com|net|org|info|biz|io|dev|example)\b",
    re.IGNORECASE | re.ASCII,
)


def addresses(text: str) -> list[str]:
    """Return the links, mail addresses and host names in `text`."""
    return [found.rstrip(".,)") for found in _ADDRESS.findall(text)]


def squash(text: str) -> str:
    """Return normalised `text` without white space and in lower case, the form in which names are compared."""
    return re.sub(r"\s+", "", text).casefold()
