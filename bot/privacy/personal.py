"""Masks personal data in a text before it is stored, logged or sent to a model.

Recognised by form (numbers.py): My Number (個人番号), payment cards, telephone numbers, mail addresses, passports,
residence cards, number plates. By label (named.toml): passwords, accounts, licences, insurance and pension numbers. By
context (disclosures.py, health.py): names, home addresses, dates of birth and health of the writer or the writer's
family. Full-width and kanji digits count too. Quantities, other dates, and statements about offices or people in
general are kept.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from bot.privacy.disclosures import find_addresses, find_birth_dates, find_names
from bot.privacy.health_statements import find_health_statements
from bot.privacy.named import labelled_data_patterns
from bot.privacy.numbers import FORMS
from ingest.japanese.notation import KANJI_DIGITS

_INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufe00-\ufe0f\ufeff]")
_FOLDED_CHARACTERS = (
    {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
    | dict.fromkeys(map(ord, "‐‑‒–—―−－"), "-")
    | dict.fromkeys(map(ord, "\u3000\u00a0\t"), " ")
)
_KANJI = dict(zip(f"零{KANJI_DIGITS}", "00123456789", strict=True))
# Between digits a long-vowel mark is typed for a hyphen.
_LONG_MARK = re.compile(r"(?<=[\d ])[ーｰ](?=[\d ])")
# Kanji digits of a number that is as long as a telephone number or longer.
_KANJI_NUMBER = re.compile(rf"[{''.join(_KANJI)}](?:[- の]?[{''.join(_KANJI)}]){{9,}}")
Finder = Callable[[str], Sequence[tuple[int, int]]]


def _matches(pattern: re.Pattern[str], is_meant: Callable[[re.Match[str]], bool], group: int) -> Finder:
    return lambda text: [match.span(group) for match in pattern.finditer(text) if is_meant(match)]


# Forms come first, because a telephone number after 住所は is not an address.
_IDENTIFYING: tuple[tuple[Finder, str], ...] = (
    *((_matches(pattern, is_meant, 0), name) for pattern, is_meant, name in FORMS),
    *((_matches(pattern, bool, 1), name) for pattern, name in labelled_data_patterns()),
    (find_birth_dates, "〔生年月日〕"),
    (find_names, "〔氏名〕"),
)
# Details on which the answer may depend: the collection day of a street, the support for an illness.
_SEARCHABLE: tuple[tuple[Finder, str], ...] = ((find_addresses, "〔住所〕"), (find_health_statements, "〔健康の状態〕"))


@dataclass(frozen=True, slots=True)
class FoldedText:
    """A text in folded characters; character i is at `positions[i]` of the original, whose length is the last one."""

    text: str
    positions: tuple[int, ...]

    def original_span(self, start: int, end: int) -> tuple[int, int]:
        """Return the span of `text[start:end]` in the original."""
        return self.positions[start], self.positions[end - 1] + 1


def fold_text(original: str) -> FoldedText:
    """Return a text with full-width, circled and kanji digits as 0-9 and without invisible characters."""
    visible = [(position, letter) for position, letter in enumerate(original) if not _INVISIBLE.match(letter)]
    text = "".join(_digit(letter) or letter for _, letter in visible).translate(_FOLDED_CHARACTERS)
    text = _LONG_MARK.sub("-", text)
    text = _KANJI_NUMBER.sub(lambda m: "".join(_KANJI.get(letter, letter) for letter in m[0]), text)
    return FoldedText(text, (*(position for position, _ in visible), len(original)))


def _digit(letter: str) -> str:
    return "" if letter.isascii() else str(unicodedata.digit(letter, ""))


def replace_spans(original: str, spans: Iterable[tuple[int, int]], name: str) -> str:
    """Return `original` with each span replaced by `name`; the spans are sorted and do not overlap."""
    pieces, end = [], 0
    for start, stop in spans:
        pieces += [original[end:start], name]
        end = stop
    return "".join(pieces) + original[end:]


def mask_personal_data(text: str) -> str:
    """Return `text` with all personal data replaced by placeholders in 〔 〕; the rest is unchanged."""
    return _mask(searchable(text), _SEARCHABLE)


def searchable(text: str) -> str:
    """Return `text` masked except for home addresses and health, to search documents with.

    It must not be stored or sent anywhere; use `mask_personal_data` for that.
    """
    return _mask(text, _IDENTIFYING)


def _mask(text: str, kinds: Iterable[tuple[Finder, str]]) -> str:
    folded = fold_text(text)
    for find, name in kinds:
        if spans := [folded.original_span(start, end) for start, end in find(folded.text)]:
            text = replace_spans(text, spans, name)
            folded = fold_text(text)
    return text
