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


def find_ungrounded_numbers(text: str, cited: Sequence[SourceText], other_text: str = "") -> list[str]:
    """Return the numbers and contacts of a sentence that are in none of the sources `cited`, nor in `other_text`.

    Years are compared in all calendars, numbers in all notations. Names of months are not read.
    """
    source_texts = [normalise_figures(other_text)]
    for source in cited:
        source_texts += (source.heading_and_body, source.published)
    source_numbers = set[Decimal]()
    source_contacts = set[str]()
    for source_text in source_texts:
        source_numbers.update(_values(source_text))
        source_contacts.update(contact_key(source_text[start:end]) for start, end in contacts(source_text))
    sentence = normalise_figures(text)
    without_contacts = sentence
    ungrounded = list[str]()
    for start, end in contacts(sentence):
        if contact_key(sentence[start:end]) not in source_contacts:
            ungrounded.append(sentence[start:end])
        without_contacts = f"{without_contacts[:start]}{' ' * (end - start)}{without_contacts[end:]}"
    numbers = (match[0] for match in _NUMBER.finditer(without_contacts))
    return ungrounded + [number for number in numbers if Decimal(_THOUSANDS.sub("", number)) not in source_numbers]


def _values(text: str) -> Iterator[Decimal]:
    yield from (figure.value for figure in figures(text))
    for time in times(text):
        yield from (Decimal(part) for part in (time.year, time.month, time.day) if part)
    yield from (Decimal(_THOUSANDS.sub("", match[0])) for match in _NUMBER.finditer(text))
