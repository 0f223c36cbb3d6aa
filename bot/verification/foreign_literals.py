"""Checks numbers, contacts and Japanese names of sentences in another language than their sources."""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from bot.verification.source_text import SourceText
from ingest.japanese.contacts import contact_key, contacts
from ingest.japanese.mentions.quantities import figures
from ingest.japanese.mentions.times import times
from ingest.japanese.normal_forms import fold_normalised, normalise_figures
from ingest.japanese.spans import Spans
from ingest.japanese.tokenise import morphemes

_NUMBER = re.compile(r"\d+(?:[,.]\d{3})*(?:\.\d+)?")
# Commas part thousands in some languages, and points do in others.
_THOUSANDS = re.compile(r"[,.](?=\d{3}(?!\d))")
_JAPANESE_RUN = re.compile("[ぁ-んァ-ヶ一-龥々ー]{2,}")
_KANA_RUN = re.compile("[ぁ-んァ-ヶー]{2,}")
_LATIN_WORDS = re.compile(r"[A-Za-zÀ-ỹ]{2,}\s[A-Za-zÀ-ỹ]{2,}")
# Half a day: 17時 is 5 p.m. in other languages.
_NOON = 12


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
    written = [sentence[start:end] for start, end in contacts(sentence)]
    ungrounded = [contact for contact in written if contact_key(contact) not in source_contacts]
    covered = Spans(contacts(sentence))
    numbers = (match[0] for match in _NUMBER.finditer(sentence) if not covered.meet(*match.span()))
    return ungrounded + [number for number in numbers if Decimal(_THOUSANDS.sub("", number)) not in source_numbers]


def _values(text: str) -> Iterator[Decimal]:
    for figure in figures(text):
        yield figure.value
        if figure.unit == "時":
            yield figure.value + (_NOON if figure.value <= _NOON else -_NOON)
    for time in times(text):
        yield from (Decimal(part) for part in (time.year, time.month, time.day) if part)
    yield from (Decimal(_THOUSANDS.sub("", match[0])) for match in _NUMBER.finditer(text))


def find_ungrounded_names(text: str, sources: Sequence[SourceText], question: str) -> list[str]:
    """Return the names in Japanese letters of a sentence that no source has; of a Chinese sentence, those in kana."""
    known = "".join((fold_normalised(question), *(source.comparison_text for source in sources)))
    letters = _JAPANESE_RUN if _LATIN_WORDS.search(text) else _KANA_RUN
    runs = (run[0] for run in letters.finditer(normalise_figures(text)))
    # 倉敷市役所 is known where 倉敷市 and 役所 are.
    return [run for run in runs if any(fold_normalised(word.surface) not in known for word in morphemes(run))]
