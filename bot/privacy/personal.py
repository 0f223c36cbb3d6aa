"""Masks personal data in a text before it is stored, logged or sent to a model.

Masked by its form (numbers.py): My Number (個人番号), payment cards, telephone numbers, mail addresses, passports,
residence cards, number plates; by the word before it (named.toml): passwords, accounts, licences, insurance and pension
numbers; by what is said of it (disclosures.py, health.py): names, home addresses, dates of birth and states of health
of the writer or the writer's family. In half and full width, in kanji digits, digit by digit. Figures, quantities,
other dates and whatever is said of offices or people in general stay.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from bot.privacy.disclosures import addresses, births, names
from bot.privacy.health import health
from bot.privacy.named import labelled_data_patterns
from bot.privacy.numbers import FORMS
from ingest.japanese.notation import KANJI_DIGITS

_UNSEEN = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufe00-\ufe0f\ufeff]")
_FOLD = (
    {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
    | dict.fromkeys(map(ord, "‐‑‒–—―−－"), "-")
    | dict.fromkeys(map(ord, "\u3000\u00a0\t"), " ")
)
_KANJI = dict(zip(f"零{KANJI_DIGITS}", "00123456789", strict=True))
# The long-vowel mark is typed for a hyphen between digits; in words it stays one.
_LONG_MARK = re.compile(r"(?<=[\d ])[ーｰ](?=[\d ])")
# Kanji digits are digits where a number is spelt out in them, as long as a telephone number or longer.
_SPELT = re.compile(rf"[{''.join(_KANJI)}](?:[- の]?[{''.join(_KANJI)}]){{9,}}")
Finder = Callable[[str], Sequence[tuple[int, int]]]


def _matches(pattern: re.Pattern[str], is_meant: Callable[[re.Match[str]], bool], group: int) -> Finder:
    return lambda text: [found.span(group) for found in pattern.finditer(text) if is_meant(found)]


# What shows by its form first: a telephone number after 住所は is no address.
_IDENTIFYING: tuple[tuple[Finder, str], ...] = (
    *((_matches(pattern, is_meant, 0), name) for pattern, is_meant, name in FORMS),
    *((_matches(pattern, bool, 1), name) for pattern, name in labelled_data_patterns()),
    (births, "〔生年月日〕"),
    (names, "〔氏名〕"),
)
# What the answer may depend on: the collection day of a street, the support for an illness.
_SEARCHED: tuple[tuple[Finder, str], ...] = ((addresses, "〔住所〕"), (health, "〔健康の状態〕"))


@dataclass(frozen=True, slots=True)
class FoldedText:
    """`text` is what is read; its character i stands at `places[i]` of the original, `places[-1]` is that one's end."""

    text: str
    places: tuple[int, ...]

    def original(self, start: int, end: int) -> tuple[int, int]:
        """Return where `text[start:end]` stands in the original."""
        return self.places[start], self.places[end - 1] + 1


def fold_text(original: str) -> FoldedText:
    """Return how `original` is read: full width and circled digits as 0-9, kanji digits too, unseen marks left out."""
    seen = [(place, letter) for place, letter in enumerate(original) if not _UNSEEN.match(letter)]
    text = "".join(_digit(letter) or letter for _, letter in seen).translate(_FOLD)
    text = _LONG_MARK.sub("-", text)
    text = _SPELT.sub(lambda m: "".join(_KANJI.get(letter, letter) for letter in m[0]), text)
    return FoldedText(text, (*(place for place, _ in seen), len(original)))


def _digit(letter: str) -> str:
    return "" if letter.isascii() else str(unicodedata.digit(letter, ""))


def replace_spans(original: str, spans: Iterable[tuple[int, int]], name: str) -> str:
    """Return `original` with each span, in their order and apart, replaced by `name`."""
    kept, end = [], 0
    for start, stop in spans:
        kept += [original[end:start], name]
        end = stop
    return "".join(kept) + original[end:]


def mask_personal_data(text: str) -> str:
    """Return `text` with all personal data replaced by its name in 〔 〕; all else letter for letter."""
    return _without(searchable(text), _SEARCHED)


def searchable(text: str) -> str:
    """Return `text` as documents may be searched for it: masked, but for home addresses and statements on health.

    To be kept nowhere and sent nowhere; `mask` of it is `mask(text)`.
    """
    return _without(text, _IDENTIFYING)


def _without(text: str, kinds: Iterable[tuple[Finder, str]]) -> str:
    folded = fold_text(text)
    for find, name in kinds:
        if spans := [folded.original(start, end) for start, end in find(folded.text)]:
            text = replace_spans(text, spans, name)
            folded = fold_text(text)
    return text
