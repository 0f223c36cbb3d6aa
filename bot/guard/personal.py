"""Personal data in a question is masked before anything is recorded, logged or sent to a model.

Masked by their own form: My Number (個人番号), payment cards, telephone numbers, mail addresses, passports, residence
cards, number plates; by the word that names them: passwords, accounts, licences, insurance and pension numbers, names,
addresses, birthdays. In half and full width, in kanji digits, digit by digit. Figures, quantities and dates stay.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from bot.guard.named import named_kinds
from bot.guard.numbers import FORMS

_UNSEEN = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufe00-\ufe0f\ufeff]")
_FOLD = (
    {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
    | dict.fromkeys(map(ord, "‐‑‒–—―−－"), "-")
    | dict.fromkeys(map(ord, "\u3000\u00a0\t"), " ")
)
_KANJI = dict(zip("〇零一二三四五六七八九", "00123456789", strict=True))
# The long-vowel mark is typed for a hyphen between digits; in words it stays one.
_LONG_MARK = re.compile(r"(?<=[\d ])[ーｰ](?=[\d ])")
# Kanji digits are digits where a number is spelt out in them, as long as a telephone number or longer.
_SPELT = re.compile(rf"[{''.join(_KANJI)}](?:[- の]?[{''.join(_KANJI)}]){{9,}}")
# What the asker is told then.
MASKED = "個人の情報らしいところは〔 〕にし、もとの文字は残していません。番号やお名前がなくても、お調べできます。"
# What shows by its form first: a telephone number behind 住所は is no address.
_KINDS = (
    *((pattern, is_meant, name, 0) for pattern, is_meant, name in FORMS),
    *((pattern, bool, name, 1) for pattern, name in named_kinds()),
)


@dataclass(frozen=True, slots=True)
class Folded:
    """`text` is what is read; its character i stands at `places[i]` of the original, `places[-1]` is that one's end."""

    text: str
    places: tuple[int, ...]

    def original(self, match: re.Match[str], group: int = 0) -> tuple[int, int]:
        """Return start and end, in the original, of what a pattern found in `text`."""
        start, end = match.span(group)
        return self.places[start], self.places[end - 1] + 1


def fold(original: str) -> Folded:
    """Return how `original` is read: full width and circled digits as 0-9, kanji digits too, unseen marks left out."""
    seen = [(place, letter) for place, letter in enumerate(original) if not _UNSEEN.match(letter)]
    text = "".join(_digit(letter) or letter for _, letter in seen).translate(_FOLD)
    text = _LONG_MARK.sub("-", text)
    text = _SPELT.sub(lambda m: "".join(_KANJI.get(letter, letter) for letter in m[0]), text)
    return Folded(text, (*(place for place, _ in seen), len(original)))


def _digit(letter: str) -> str:
    return "" if letter.isascii() else str(unicodedata.digit(letter, ""))


def replaced(original: str, spans: Iterable[tuple[int, int]], name: str) -> str:
    """Return `original` with each span, in their order and apart, replaced by `name`."""
    kept, end = [], 0
    for start, stop in spans:
        kept += [original[end:start], name]
        end = stop
    return "".join(kept) + original[end:]


def mask(text: str) -> str:
    """`text` with all personal data replaced by its name in 〔 〕; all else letter for letter."""
    folded = fold(text)
    for pattern, is_meant, name, group in _KINDS:
        spans = [folded.original(m, group) for m in pattern.finditer(folded.text) if is_meant(m)]
        if spans:
            text = replaced(text, spans, name)
            folded = fold(text)
    return text
