"""Contacts and names of a text: telephone numbers, links, mail addresses; quoted, proper and Latin names."""

import re
from functools import lru_cache

from ingest.normalise import dates, telephones
from ingest.tokenise import morphemes

# Links, mail addresses and host names; postcodes and short numbers (#7119) are dialled or written to, too.
_ADDRESS = re.compile(
    r"(?:https?:)?//[^\s。、()「」]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|(?:(?<=〒)|(?<=〒\s)|(?<=郵便番号))\d{3}-?\d{4}|[#♯]\d{4}(?!\d)"
    r"|(?<![\w.])(?:[a-z0-9-]+\.)+(?:jp|com|net|org|info|biz|io|dev|example)\b",
    re.IGNORECASE | re.ASCII,
)
_WORDED = re.compile("[A-Za-z]")
_QUOTED = re.compile(r"[「『]([^「」『』]+)[」』]")
_LATIN = re.compile(r"(?<![\dA-Za-z.])[A-Za-z][A-Za-z0-9]*(?:[./&+_@:-]+[A-Za-z0-9]+)*")


@lru_cache(maxsize=8192)
def contacts(text: str) -> tuple[tuple[int, int], ...]:
    """Return where the links, mail addresses, host names and telephone numbers of normalised `text` stand."""
    numbers = ((one.start, one.end) for one in telephones(text))
    return tuple(sorted({*(match.span() for match in _ADDRESS.finditer(text)), *numbers}))


def names(text: str) -> list[str]:
    """Return what normalised `text` names: 「…」, proper names by Sudachi, words in Latin letters."""
    covered = [(d.start, d.end) for d in dates(text)] + list(contacts(text))
    quoted = [m[1] for m in _QUOTED.finditer(text) if m.span(1) not in covered]
    found = [(m.start, m.surface) for m in morphemes(text, "C") if m.pos[1] == "固有名詞"]
    found += [(match.start(), match[0]) for match in _LATIN.finditer(text)]
    outside = [name for at, name in found if not any(start <= at < end for start, end in covered)]
    return list(dict.fromkeys([*quoted, *outside]))


def digits(contact: str) -> str:
    """Return a telephone number as its digits alone; anything else in lower case without white space."""
    return "".join(contact.split()).casefold() if _WORDED.search(contact) else re.sub(r"\D", "", contact)
