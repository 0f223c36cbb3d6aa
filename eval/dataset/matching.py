"""Matches expected words and headings against answers, for `Case.must`, `Case.must_not` and `Case.cite`."""

import re
from functools import lru_cache

from ingest.japanese import dates, nfkc

_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
# A space between two digits is kept, so that two numbers never become one.
_SPACES = re.compile(r"(?<!\d) | (?!\d)")
_DIGITS = frozenset("0123456789")
_HEADING_MARKS = re.compile(r"^[#○◎◆■●・\-✓*\s]+")


@lru_cache(maxsize=1024)
def canonical_text(text: str) -> str:
    """Return `text` for comparison: NFKC, no spaces or thousands separators, 令和8(2026)年度 as 2026年度."""
    text = nfkc(text)
    pieces: list[str] = []
    end = 0
    for mention in dates(text):
        pieces += [text[end : mention.start], mention.key]
        end = mention.end
    return _THOUSANDS.sub("", _SPACES.sub("", " ".join("".join([*pieces, text[end:]]).split())))


def contains_words(answer: str, words: str) -> bool:
    """Whether `answer` contains `words`; numbers match only whole, so 40人 is not found in 140人."""
    canonical = canonical_text(words)
    pattern = re.escape(canonical)
    if canonical[:1] in _DIGITS:
        pattern = rf"(?<!\d)(?<!\d\.){pattern}"
    if canonical[-1:] in _DIGITS:
        pattern = rf"{pattern}(?!\d)(?!\.\d)"
    return re.search(pattern, canonical_text(answer)) is not None


def canonical_heading(text: str) -> str:
    """Return a heading for comparison: NFKC, without spaces and leading bullet."""
    return re.sub(r"\s", "", _HEADING_MARKS.sub("", nfkc(text)).strip("*"))
