"""Masks personal data in a text before it is stored, logged or sent to a model.

Recognised by form (numbers.py): My Number (個人番号), payment cards, telephone numbers, mail addresses, passports,
residence cards, number plates. By label (named.toml): passwords, accounts, licences, insurance and pension numbers. By
context (disclosures.py): names, home addresses and dates of birth of the writer or the writer's family. All ways of
writing digits count. What is asked is kept, since neither search nor model could know it otherwise: illness,
disability, family, nationality, religion, income and age; quantities, other dates, and what is said of offices.
"""

import re
import tomllib
import unicodedata
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache, reduce
from importlib.resources import files

import numpy as np

from bot.answering.privacy.disclosures import find_addresses, find_birth_dates, find_names
from bot.answering.privacy.numbers import FORMS, NO_COUNTER
from ingest.index.index import Index
from ingest.japanese.lexicon import DEPARTMENT, FACILITY, MUNICIPALITY, PERSON
from ingest.japanese.normal_forms import comparison_key
from ingest.japanese.notation import KANJI_DIGITS
from ingest.japanese.tokenise import words

# Between the label and its value: 番号は、:=「` and the like.
_LABEL_SEPARATOR = (
    r"(?:は|が|を|も|の|:|=|、|,|として|第|\s|カード|番号|コード|card|number"
    r"|no\b\.?|nº|is\b|é\b|do\b|là\b|của tôi|ngân hàng|số|号|码|的|是){0,8}"
    r"(?:[「『\"'`(（]\s*)*"
)
# Questions and conditions contain no value.
_NOT_ASKED = r"(?![^。\n]{0,12}(?:ですか|でしょうか|とは|という|ますか|以上|以内|以下|桁|文字))"
_NO_CONDITION = r"(?!\d*日?\s?(?:以降|以前))"
_IN_QUOTES = (r"(?<=`)[^`\n]+(?=`)", "(?<=「)[^」\n]+(?=」)", "(?<=『)[^』\n]+(?=』)", r"(?<=\")[^\"\n]+(?=\")")
_ABBREVIATIONS = {
    # The end of a number that is not a quantity; two kanji or letters after a space are the next word (名義).
    "<end>": rf"(?!\d)(?:(?=\s(?:(?![万億兆千百]|世帯)[一-鿿]{{2}}|[A-Za-z]{{2}}))|{NO_COUNTER})",
    "<quoted>": f"(?:{'|'.join(_IN_QUOTES)})",
    "<signs>": "(?!\\d+(?:[一-鿿]|[か箇ヶ][所月年国]))(?=[!-~]*[0-9!-/:-@])[!-~]{3,}",
}


@cache
def labelled_data_patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Return the pattern of each kind, with the value as group 1, and the placeholder that replaces the value."""
    listed = tomllib.loads(files("bot.answering.privacy").joinpath("named.toml").read_text("utf-8"))["named"]
    patterns = []
    for kind in listed:
        label, value = rf"(?:{kind['word']}){kind.get('between', _LABEL_SEPARATOR)}", kind["value"]
        for abbreviation, pattern in _ABBREVIATIONS.items():
            value = value.replace(abbreviation, pattern)
        whole = re.compile(rf"{label}(?!〔)({value}){_NOT_ASKED}{_NO_CONDITION}", re.IGNORECASE)
        patterns.append((whole, kind["mask"]))
    return tuple(patterns)


class _FoldedCharacters(dict[int, str]):
    def __missing__(self, code: int) -> str:
        self[code] = folded = str(unicodedata.digit(chr(code), chr(code)))
        return folded


_FOLDED_CHARACTERS = _FoldedCharacters(
    {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
    | dict.fromkeys(map(ord, "‐‑‒–—―−－"), "-")
    | dict.fromkeys(map(ord, "\u3000\u00a0\t"), " ")
)
_KANJI = dict(zip(f"零{KANJI_DIGITS}", "00123456789", strict=True))
_KANJI_DIGIT = f"[{''.join(_KANJI)}]"
_COUNTERS = {"ねん": "年", "がつ": "月", "にち": "日", "ちょうめ": "丁目", "ばんち": "番地", "ばん": "番", "ごう": "号"}
# Other ways of writing digits: what is replaced, and by what, which is never longer. Only what is found is read in this
# form, so a word changed by mistake costs nothing.
_FOLDS: tuple[tuple[re.Pattern[str], Callable[[str], str]], ...] = tuple(
    (re.compile(pattern), fold)
    for pattern, fold in (
        (r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufe00-\ufe0f\ufeff]", lambda _: ""),
        # Between digits a long-vowel mark is typed for a hyphen, and letters for 0 and 1.
        (r"(?<=[\d ])[ーｰ](?=[\d ])", lambda _: "-"),
        (r"(?<![A-Za-z])[Oo](?=\d)|(?<=\d)[Oo](?![A-Za-z])", lambda _: "0"),
        (r"(?<![A-Za-z])[lI|](?=\d)|(?<=\d)[lI|](?![A-Za-z])", lambda _: "1"),
        # Kanji digits of a year, or of a number that is as long as a telephone number or longer.
        (
            rf"{_KANJI_DIGIT}(?:[- の]?{_KANJI_DIGIT}){{9,}}|(?<!{_KANJI_DIGIT}){_KANJI_DIGIT}{{4}}(?=年)",
            lambda written: "".join(_KANJI.get(letter, letter) for letter in written),
        ),
        (rf"(?<=\d)(?:{'|'.join(_COUNTERS)})", _COUNTERS.__getitem__),
        # 0 9 0 - 1 2 3 4, also over the end of a line.
        (r"(?<!\d)\d(?:[ ,-]{1,3}\d(?!\d)){8,}", lambda written: re.sub("[ ,-]", "", written)),
        (r"(?<!\d)\d(?: \d(?!\d)){3,}", lambda written: written.replace(" ", "")),
        (r"(?<=\d)\s{0,3}-\s{0,3}(?=\d)", lambda _: "-"),
        (r"(?<=\d)[ \n]{1,3}(?=\d)", lambda _: " "),
    )
)
_CLAUSE_WITH_PLACEHOLDER = re.compile(
    r"(?<![^。、?!\n])(?=[^。、?!\n]*+[。、!\n])[^。、?!\n]*〔[^〔〕。、?!\n]*〕[^。、?!\n]*+[。、!\n]"
)
_PLACEHOLDER_WITH_ENDING = re.compile(r"〔[^〔〕\n]*〕[ぁ-ん]{0,2}")
# Letters between the name of a place and the ending of a longer name: 水島東小学校.
_INNER_LETTERS = "[一-鿿ァ-ヺー]{0,4}?"
# Endings of names of places and offices, but not of titles, as in 市長 and 係員.
_PLACE_ENDING = rf"(?:{MUNICIPALITY}|{DEPARTMENT}|{FACILITY})(?!{PERSON})"
# Passages that are searched for a name.
_MAX_PASSAGES = 200
Finder = Callable[[str], Sequence[tuple[int, int]]]


def _matches(pattern: re.Pattern[str], is_meant: Callable[[re.Match[str]], bool], group: int) -> Finder:
    return lambda text: [match.span(group) for match in pattern.finditer(text) if is_meant(match)]


_BIRTH_DATE = "〔生年月日〕"
# Forms come first, because a telephone number after 住所は is not an address.
_IDENTIFYING: tuple[tuple[Finder, str], ...] = (
    *((_matches(pattern, is_meant, 0), name) for pattern, is_meant, name in FORMS),
    *((_matches(pattern, bool, 1), name) for pattern, name in labelled_data_patterns()),
    (find_birth_dates, _BIRTH_DATE),
    (find_names, "〔氏名〕"),
)
# The answer may depend on it: the collection day of a street.
_SEARCHABLE: tuple[tuple[Finder, str], ...] = ((find_addresses, "〔住所〕"),)


@dataclass(frozen=True, slots=True)
class FoldedText:
    """A text in folded characters; character i is at `positions[i]` of the original, whose length is the last one."""

    text: str
    positions: Sequence[int]


def fold_text(original: str) -> FoldedText:
    """Return a text with digits in all ways of writing as 0-9, without invisible characters and spaces within them."""
    text, positions = original.translate(_FOLDED_CHARACTERS), list(range(len(original) + 1))
    for pattern, fold in _FOLDS:
        pieces, kept, end = list[str](), list[int](), 0
        for match in pattern.finditer(text):
            folded = fold(match[0])
            pieces += text[end : match.start()], folded
            kept += positions[end : match.start() + len(folded)]
            end = match.end()
        if end:
            text, positions = "".join((*pieces, text[end:])), kept + positions[end:]
    return FoldedText(text, positions)


def replace_spans(original: str, spans: Iterable[tuple[int, int]], name: str) -> str:
    """Return `original` with each span replaced by `name`; the spans are sorted and do not overlap."""
    pieces, end = [], 0
    for start, stop in spans:
        pieces += [original[end:start], name]
        end = stop
    return "".join(pieces) + original[end:]


@dataclass(frozen=True, slots=True, repr=False)
class UnmaskedText:
    """A text of a person with personal details, to search with; it is false if it is empty.

    Only `masked` may be stored, logged or shown, and it is what a message of a log or error shows.

    Attributes:
        places: words that would be masked as the name of the writer, but name a place (`documented_places`).
        birth_dates: the dates of birth in the order of their placeholders.
    """

    text: str = ""
    places: frozenset[str] = frozenset()
    birth_dates: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.text)

    def __repr__(self) -> str:
        return f"UnmaskedText({self.masked!r})"

    @property
    def masked(self) -> str:
        """The text with all personal data replaced by placeholders in 〔 〕."""
        return mask_personal_data(self.text, self.places)

    @property
    def masked_but_birth_dates(self) -> str:
        """The masked text with the dates of birth, which decide on many services, for a model inside the house."""
        first, *others = self.masked.split(_BIRTH_DATE)
        if len(others) != len(self.birth_dates):
            return self.masked
        return first + "".join(f"{day}{text}" for day, text in zip(self.birth_dates, others, strict=True))

    def with_text(self, text: str) -> "UnmaskedText":
        return replace(self, text=text)


def mask_personal_data(text: str, places: Collection[str] = ()) -> str:
    """Return `text` with all personal data replaced by placeholders in 〔 〕; the rest is unchanged.

    `places` are names that are kept (see `documented_places`).
    """
    return _mask(_mask(text, _IDENTIFYING, places), _SEARCHABLE)


def searchable(text: str, places: frozenset[str] = frozenset()) -> UnmaskedText:
    """Return `text` masked except for home addresses and `places`, to search documents with."""
    folded = fold_text(text).text
    birth_dates = tuple(folded[start:end] for start, end in find_birth_dates(folded))
    return UnmaskedText(_mask(text, _IDENTIFYING, places), places, birth_dates)


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
        if spans := [(folded.positions[start], folded.positions[end]) for start, end in found]:
            text = replace_spans(text, spans, name)
            folded = fold_text(text)
    return text
