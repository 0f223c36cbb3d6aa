"""Finds telephone numbers, addresses and names in a text."""

import re
from functools import lru_cache

from ingest.japanese import dates
from ingest.japanese.tokenise import morphemes

_ADDRESS = re.compile(
    r"(?:https?:)?//[^\s。、()「」]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|(?<![\w.])(?:[a-z0-9-]+\.)+(?:jp|com|net|org|info|biz|io|dev|example)\b",
    re.IGNORECASE | re.ASCII,
)
# Groups of digits that hyphens join, a local number too (555-0123); two years (2010-2014) and house numbers are none.
_PHONE = re.compile(
    r"(?<![\d-])(?:\(?0\d{1,4}\)?[-(\s]\d{1,4}[-)\s]\d{3,4}|0\d{9,10}|〒\s?\d{3}-?\d{4}|\d{3}-\d{4}|[#♯]\d{4}|\d{2}-\d{4})(?![\d-])"
)
_QUOTED = re.compile(r"[「『]([^「」『』]+)[」』]")
_LATIN = re.compile(r"(?<![\dA-Za-z.])[A-Za-z][A-Za-z0-9]*(?:[./&+_@:-]+[A-Za-z0-9]+)*")


@lru_cache(maxsize=8192)
def contacts(text: str) -> tuple[tuple[int, int], ...]:
    """Return where the links, mail addresses, host names and telephone numbers of normalised `text` stand."""
    found = [match.span() for pattern in (_ADDRESS, _PHONE) for match in pattern.finditer(text)]
    return tuple(sorted(found))


def names(text: str) -> list[tuple[int, str]]:
    """Return (place, name) of what normalised `text` names: 「…」, proper names by Sudachi, words in Latin letters."""
    covered = [(d.start, d.end) for d in dates(text)] + list(contacts(text))
    quoted = [
        (m.start(1), m[1]) for m in _QUOTED.finditer(text) if not any((m.start(1), m.end(1)) == c for c in covered)
    ]
    found = [(m.start, m.surface) for m in morphemes(text, "C") if m.pos[1] == "固有名詞"]
    found += [(match.start(), match[0]) for match in _LATIN.finditer(text)]
    outside = [(at, name) for at, name in found if not any(start <= at < end for start, end in covered)]
    return list(dict.fromkeys([*quoted, *outside]))


def is_telephone_number(contact: str) -> bool:
    """Whether a contact is a telephone number, not an address."""
    return bool(_PHONE.fullmatch(contact)) and not contact.startswith("〒")


def contact_key(contact: str) -> str:
    """Return a telephone number as its digits alone; anything else in lower case without white space."""
    bare = re.sub(r"\D", "", contact)
    return bare if _PHONE.fullmatch(contact) else "".join(contact.split()).casefold()
