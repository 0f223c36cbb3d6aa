"""Checks numbers and contacts of sentences in another language than their sources."""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from bot.verification.source_text import SourceText
from ingest.japanese.contacts import contact_key, contacts
from ingest.japanese.figures import figures
from ingest.japanese.normal_forms import normalise_figures
from ingest.japanese.partial_dates import times

_NUMBER = re.compile(r"\d+(?:[,.]\d{3})*(?:\.\d+)?")
# Commas part thousands in some languages, and points do in others.
_THOUSANDS = re.compile(r"[,.](?=\d{3}(?!\d))")


_JAPANESE = re.compile(r"[ぁ-んァ-ヶ一-龥]")
_WORDS = re.compile(r"[^\W\d_]{2,}")


def is_foreign(text: str) -> bool:
    """Whether a sentence is written in letters that Japanese is not: Latin, Hangul, Cyrillic, Thai."""
    return not _JAPANESE.search(text) and bool(_WORDS.search(text))


def find_ungrounded_numbers(text: str, cited: Sequence[SourceText], others: str = "") -> list[str]:
    """Return the numbers and contacts of a sentence that stand in none of the premises `cited`, nor in `others`.

    A year counts in whichever calendar, a number in whichever notation. Names of months are not read.
    """
    sources = [
        *(premise.whole for premise in cited),
        *(premise.published for premise in cited),
        normalise_figures(others),
    ]
    known = {value for source in sources for value in _values(source)}
    told = {contact_key(source[a:b]) for source in sources for a, b in contacts(source)}
    said = normalise_figures(text)
    spans = [(a, b) for a, b in contacts(said)]
    wrong = [said[a:b] for a, b in spans if contact_key(said[a:b]) not in told]
    rest = "".join(" " if any(a <= n < b for a, b in spans) else letter for n, letter in enumerate(said))
    numbers = (match[0] for match in _NUMBER.finditer(rest))
    return [*wrong, *(number for number in numbers if Decimal(_THOUSANDS.sub("", number)) not in known)]


def _values(source: str) -> Iterator[Decimal]:
    yield from (figure.value for figure in figures(source))
    for time in times(source):
        yield from (Decimal(part) for part in (time.year, time.month, time.day) if part)
    yield from (Decimal(_THOUSANDS.sub("", match[0])) for match in _NUMBER.finditer(source))
