"""Finds telephone and fax numbers, with or without area code."""

import re
from dataclasses import dataclass

_PLACED = r"\(0\d{1,4}\)\s?\d{1,4}-\d{3,4}|0\d{1,4}[-(\s]\d{1,4}[-)\s]\d{3,4}|0\d{9,10}"
# Without an area code two groups are a number in the shape of most, or right behind what says that they are one.
_LOCAL = r"\d{3}-\d{4}|(?<=[話Xxス線】≫☎])[\s:]?\d{2,4}-\d{4}"
_TELEPHONE = re.compile(rf"(?<![\d-])(?<!\d[.,])(?<!〒)(?<!〒\s)(?<!郵便番号)(?:{_PLACED}|{_LOCAL})(?![\d-])")
_GROUPS = re.compile(r"\d-\d|0\d{9}|0\d{1,4}[)\s(]")


@dataclass(frozen=True, slots=True)
class Telephone:
    """A telephone or fax number as written at `text[start:end]`; `digits` are its digits alone."""

    start: int
    end: int
    digits: str


def telephones(text: str) -> list[Telephone]:
    """Return the telephone and fax numbers in `text` in order; postcodes and pairs of years are none."""
    if not _GROUPS.search(text):
        return []
    found = []
    for match in _TELEPHONE.finditer(text):
        written = match[0].lstrip(" :")
        found.append(Telephone(match.end() - len(written), match.end(), re.sub(r"\D", "", written)))
    return found
