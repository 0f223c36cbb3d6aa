"""Masks personal data in a text before it is stored, logged or sent to a model.

Recognised by form (numbers.py): My Number (個人番号), payment cards, telephone numbers, mail addresses, passports,
residence cards, number plates. By label (named.toml): passwords, accounts, licences, insurance and pension numbers. By
context (disclosures.py, health.py): names, home addresses, dates of birth and health of the writer or the writer's
family. Full-width and kanji digits count too. Quantities, other dates, and statements about offices or people in
general are kept.
"""

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np

from bot.privacy.disclosures import find_addresses, find_birth_dates, find_names
from bot.privacy.health_statements import find_health_statements
from bot.privacy.named import labelled_data_patterns
from bot.privacy.numbers import FORMS
from ingest.index.index import Index
from ingest.japanese.name_endings import DEPARTMENT, FACILITY, MUNICIPALITY, PERSON
from ingest.japanese.normal_forms import comparison_key
from ingest.japanese.notation import KANJI_DIGITS
from ingest.japanese.tokenise import words

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
_CLAUSE_WITH_PLACEHOLDER = re.compile(r"[^。、?!\n]*〔[^〕\n]*〕[^。、?!\n]*[。、!\n]")
_PLACEHOLDER_WITH_ENDING = re.compile(r"〔[^〕\n]*〕[ぁ-ん]{0,2}")
# Letters between the name of a place and the ending of a longer name: 水島東小学校.
_INNER_LETTERS = "[一-鿿ァ-ヺー]{0,4}?"
# Endings of names of places and offices, but not of titles, as in 市長 and 係員.
_PLACE_ENDING = rf"(?:{MUNICIPALITY}|{DEPARTMENT}|{FACILITY})(?!{PERSON})"
# Passages that are searched for a name.
_MAX_PASSAGES = 200
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


def mask_personal_data(text: str, places: Collection[str] = ()) -> str:
    """Return `text` with all personal data replaced by placeholders in 〔 〕; the rest is unchanged.

    `places` are names that are kept (see `documented_places`).
    """
    return _mask(searchable(text, places), _SEARCHABLE)


def searchable(text: str, places: Collection[str] = ()) -> str:
    """Return `text` masked except for home addresses, health and `places`, to search documents with.

    It must not be stored or sent anywhere; use `mask_personal_data` for that.
    """
    return _mask(text, _IDENTIFYING, places)


def documented_places(text: str, index: Index) -> frozenset[str]:
    """Return the words of `text` that look like the name of its writer but name a place or an office in the documents.

    水島です is an answer to "where?" if the documents have 水島地区 or 水島支所; 田中課長 makes no place of 田中.
    """
    folded = fold_text(text).text
    return frozenset(
        name for name in {folded[start:end] for start, end in find_names(folded)} if _is_place(name, index)
    )


def _is_place(name: str, index: Index) -> bool:
    found = [index.keyword.rows_of(word) for word in words(name)]
    rows = reduce(np.intersect1d, found) if found else np.zeros(0, np.int32)
    is_in_name = re.compile(rf"(?<![一-鿿]){re.escape(comparison_key(name))}{_INNER_LETTERS}{_PLACE_ENDING}")
    texts = index.character_sequences.texts(rows[:_MAX_PASSAGES].astype(np.int64))
    return any(is_in_name.search(text) for text in texts)


def without_placeholders(masked: str) -> str:
    """Return a masked text without its placeholders and the clauses around them, to search with.

    A text that has nothing else stays as it is.
    """
    remaining = _PLACEHOLDER_WITH_ENDING.sub("", _CLAUSE_WITH_PLACEHOLDER.sub("", masked)).strip()
    return remaining or masked


def _mask(text: str, kinds: Iterable[tuple[Finder, str]], kept: Collection[str] = ()) -> str:
    folded = fold_text(text)
    for find, name in kinds:
        found = [(start, end) for start, end in find(folded.text) if folded.text[start:end] not in kept]
        if spans := [folded.original_span(start, end) for start, end in found]:
            text = replace_spans(text, spans, name)
            folded = fold_text(text)
    return text
