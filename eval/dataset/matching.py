"""Matches words and headings in answers, the contract's rule for `must`, `must_not` and `cite`."""

import re
from functools import lru_cache

from ingest.japanese import dates, nfkc

_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
# A space between two figures stays, so that "8,405回 65課" never reads as one number.
_SPACES = re.compile(r"(?<!\d) | (?!\d)")
_DIGITS = frozenset("0123456789")
_HEADING_MARKS = re.compile(r"^[#○◎◆■●・\-✓*\s]+")


@lru_cache(maxsize=1024)
def canonical_text(text: str) -> str:
    """Return `text` as it is compared: NFKC, no spaces, no thousands separators, each date in one spelling.

    令和8(2026)年度, R8年度 and 2026年度 come out the same.
    """
    text = nfkc(text)
    pieces, end = [], 0
    for mention in dates(text):
        pieces += [text[end : mention.start], mention.key]
        end = mention.end
    return _THOUSANDS.sub("", _SPACES.sub("", " ".join("".join([*pieces, text[end:]]).split())))


def contains_words(answer: str, words: str) -> bool:
    """Tell whether `words` stand in `answer`; a figure counts only as a whole, so 40人 is not found in 140人."""
    wanted = canonical_text(words)
    pattern = re.escape(wanted)
    if wanted[:1] in _DIGITS:
        pattern = rf"(?<!\d)(?<!\d\.){pattern}"
    if wanted[-1:] in _DIGITS:
        pattern = rf"{pattern}(?!\d)(?!\.\d)"
    return re.search(pattern, canonical_text(answer)) is not None


def is_same_section(one: str, other: str) -> bool:
    """Tell whether two headings are the same but for width, spaces and the bullet before them."""
    return canonical_heading(one) == canonical_heading(other)


def canonical_heading(text: str) -> str:
    """Return a heading as it is compared: NFKC, without spaces and the bullet before it."""
    return re.sub(r"\s", "", _HEADING_MARKS.sub("", nfkc(text)).strip("*"))
