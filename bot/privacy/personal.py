"""Masks personal data in a text before it is stored, logged or sent to a model.

Recognised by form (numbers.py): My Number (個人番号), payment cards, telephone numbers, mail addresses, passports,
residence cards, number plates. By label (named.toml): passwords, accounts, licences, insurance and pension numbers. By
context (disclosures.py and below): names, home addresses, dates of birth and health of the writer or the writer's
family. Full-width and kanji digits count too. Quantities, other dates, and statements about offices or people in
general are kept.
"""

import re
import tomllib
import unicodedata
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache, reduce
from importlib.resources import files

import numpy as np

from bot.privacy.disclosures import (
    CharacterSpan,
    drop_overlapping_spans,
    find_addresses,
    find_birth_dates,
    find_names,
    sentences_of,
    vocabulary,
)
from bot.privacy.numbers import FORMS, NO_COUNTER
from ingest.index.index import Index
from ingest.japanese.lexicon import DEPARTMENT, FACILITY, MUNICIPALITY, PERSON
from ingest.japanese.normal_forms import comparison_key
from ingest.japanese.notation import KANJI_DIGITS
from ingest.japanese.tokenise import words

# Between the label and its value: 番号は、:=「` and the like.
_LABEL_SEPARATOR = r"(?:の?(?:番号|No\.?|コード|記号))?(?:は|が|を|も|:|=|、|,|として|\s)*(?:[「『\"'`(（]\s*)*"
# Questions and conditions contain no value.
_NOT_ASKED = r"(?![^。\n]{0,12}(?:ですか|でしょうか|とは|という|ますか|以上|以内|以下|桁|文字))"
_NO_CONDITION = r"(?!\d*日?\s?(?:以降|以前))"
_IN_QUOTES = (r"(?<=`)[^`\n]+(?=`)", "(?<=「)[^」\n]+(?=」)", "(?<=『)[^』\n]+(?=』)", r"(?<=\")[^\"\n]+(?=\")")
_ABBREVIATIONS = {
    # The end of a number that is not a quantity; two kanji or letters after a space are the next word (名義).
    "<end>": rf"(?!\d)(?:(?=\s(?:(?![万億兆千百]|世帯)[一-鿿]{{2}}|[A-Za-z]{{2}}))|{NO_COUNTER})",
    "<quoted>": f"(?:{'|'.join(_IN_QUOTES)})",
    "<signs>": "(?!\\d+(?:[一-鿿]|[か箇ヶ][所月年国]))(?=[!-~]*[0-9!-/:-@])[!-~]{3,}",
    "<code>": "[A-Za-z0-9](?:[A-Za-z0-9]|-(?=[A-Za-z0-9])){3,}",
}


@cache
def labelled_data_patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Return the pattern of each kind, with the value as group 1, and the placeholder that replaces the value."""
    listed = tomllib.loads(files("bot.privacy").joinpath("named.toml").read_text("utf-8"))["named"]
    return tuple(
        (_pattern(kind["word"], kind.get("between", _LABEL_SEPARATOR), kind["value"]), kind["mask"]) for kind in listed
    )


def _pattern(word: str, between: str, value: str) -> re.Pattern[str]:
    for abbreviation, pattern in _ABBREVIATIONS.items():
        value = value.replace(abbreviation, pattern)
    return re.compile(rf"(?:{word}){between}(?!〔)({value}){_NOT_ASKED}{_NO_CONDITION}", re.IGNORECASE)


_VOCABULARY = vocabulary()
_RELATIVE = _VOCABULARY["relative"]
_CHILD = _VOCABULARY["child"]
# The end of the name of an illness; its start is searched backwards, which keeps the cost linear.
_CONDITION = re.compile(
    rf"(?:{_VOCABULARY['condition']})(?:性皮膚炎|状態|証)?(?:\s?\d{{1,2}}\s?(?:級|度|か月|[ヶカヵ箇ケ]月|週目?)|\s?[1-5](?![\d-]))?"
)
_CONDITION_START = re.compile(r"[一-鿿々ァ-ヺーA-Za-z]{1,10}\Z")
_MAX_CONDITION_START_CHARS = 10
# Characters of context on either side; the limits keep the cost linear in the length of the text.
_CONTEXT_CHARS_BEFORE = 40
_CONTEXT_CHARS_AFTER = 60

# After an illness: its treatment, suspicion or degree (がんの治療, 認知症の疑い, うつ病気味).
_TREATMENT = (
    r"(?:の(?:治療|手術|闘病|療養|後遺症|発作|症状|疑い|診断|認定|検査(?=で陽|の?結果)(?:の?結果)?|気|既往|指定|薬|リハビリ"
    r"|当事者|患者|せい|ため|影響))?(?:持ち|気味|ぎみ|指定|患者|治療)?中?"
)
_PEOPLE_IN_GENERAL = r"(?:人|方|かた|場合|とき|時|後|ら|患者|子|高齢者|市民|お子さん|世帯|家庭|職員)"
# The end of a statement or of its first clause, but not of a question (か), a condition (たら, ても) or a general
# phrase (ている人).
_STATEMENT_END = "|".join(
    (
        r"(?:です|でして|ます|ました|まして|ません|なんです)(?!か(?!ら)|しょう|ね\?)",
        r"なので|だ(?:から|が|けど|、|。)|なく(?:て|、)|がある。|た。|中(?:[、。]|\Z)",
        (
            r"(?:[いっしけきれりえせげべめねぎちみじび]て|[んい]で(?!す|し))"
            rf"(?!い?る{_PEOPLE_IN_GENERAL}|い?た{_PEOPLE_IN_GENERAL}|い?ます?か|い?ません?か|も|は|から|ください|下さい|しまっ(?:た|ても))"
        ),
        r"(?:た|る|(?<!た)い|つ)(?:ので|ため|から|んで|のです|のに|の身|身)|つ者",
    )
)
_PARTICLE = (
    r"(?:で(?!は|の|も)|が|を|に(?!なら|よ|至|限|伴|つい|関|対|おけ)|と(?!い[うっ]|し)|し"
    rf"|の(?:{_CHILD}|家族|者|身)[をがとの])"
)
_DISCLOSURES = tuple(
    re.compile(pattern)
    for pattern in (
        # is: がんです, 妊娠中で
        (
            rf"{_TREATMENT}(?:みたい|らしい)?(?:です|かもしれま|でして|なので|なんです|でございます|だ(?:から|が|けど|、)|で、)"
            r"(?!か(?!ら)|しょう|ね\?|よね)"
        ),
        # has, is treated for, cannot because of it: …で通院しています, …があって
        rf"{_TREATMENT}{_PARTICLE}[^。!?\n、]{{0,18}}?(?:{_STATEMENT_END})",
        rf"の(?:ため|せいで?)(?!の)[^。!?\n]{{0,18}}?(?:{_STATEMENT_END})",
        # of a relative: 認知症の母
        rf"{_TREATMENT}(?:を受けた|を持つ|のある|がある|の)(?:{_RELATIVE})",
    )
)
# What offices and documents say of illnesses.
_GENERAL_TOPICS = re.compile(
    r"増|減|流行|予防|防[ぎぐい]|広が|知[りる]|調べ|聞[きい]|教え|学[びぶん]|考え|参加|対策|支援|相談し|相談を|対象|募集|開[きい]|啓発"
    r"|発生|まん延|蔓延|多[いくか]|少な|割合|方々|皆さん|皆様|について|に関|における|に対|にな[りる]やす|につなが|見られ|みられ|あるとさ|される|原因|猛威|移行"
)
# A complaint about a part of the body, without the name of an illness.
_BODY_COMPLAINT = re.compile(
    r"(?P<complaint>(?:[左右両片]?[耳目眼足脚手腕]|腰|ひざ|膝|体|身体|心臓|肝臓|腎臓|肺)[がは](?:不自由|聞こえ|見え|動か|動き|悪)[なくにづ]?)"
    r"[^。!?\n、]{0,8}?(?:ません(?!か)|ない(?:ので|です|ため|、)|です(?!か(?!ら))|なので|で(?:す|、|困)|くて|ました)"
)
# Another topic before it means that the statement is about somebody else; 今は and 現在は are not topics.
_TOPIC_NOUN = re.compile(r"[一-鿿々ァ-ヺー」](?:に|で|と|から)?(?=[はがも])")
_OWN_TOPIC_NOUN = re.compile(
    rf"(?:{_VOCABULARY['self']}|{_RELATIVE}|{_CHILD}|家族|今|現在|昨年|去年|最近|先[日月週]|{_VOCABULARY['condition']})(?:に|で|と|から)?\Z"
)


def find_health_statements(text: str) -> list[CharacterSpan]:
    """Return the spans of illnesses and conditions that writers give of themselves or a relative."""
    spans = list[CharacterSpan]()
    for start, sentence in sentences_of(text):
        for condition in _CONDITION.finditer(sentence):
            after = sentence[condition.end() : condition.end() + _CONTEXT_CHARS_AFTER]
            disclosure = next(filter(None, (pattern.match(after) for pattern in _DISCLOSURES)), None)
            if disclosure and not _GENERAL_TOPICS.search(disclosure[0]):
                condition_start = _CONDITION_START.search(
                    sentence, max(0, condition.start() - _MAX_CONDITION_START_CHARS), condition.start()
                )
                begin = condition_start.start() if condition_start else condition.start()
                before = sentence[max(0, begin - _CONTEXT_CHARS_BEFORE) : begin]
                if all(_OWN_TOPIC_NOUN.search(before, 0, topic.end()) for topic in _TOPIC_NOUN.finditer(before)):
                    spans.append((start + begin, start + condition.end()))
        for complaint in _BODY_COMPLAINT.finditer(sentence):
            a, b = complaint.span("complaint")
            spans.append((start + a, start + b))
    return drop_overlapping_spans(spans)


_INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufe00-\ufe0f\ufeff]")


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
# Between digits a long-vowel mark is typed for a hyphen.
_LONG_MARK = re.compile(r"(?<=[\d ])[ーｰ](?=[\d ])")
# Kanji digits of a number that is as long as a telephone number or longer.
_KANJI_NUMBER = re.compile(rf"[{''.join(_KANJI)}](?:[- の]?[{''.join(_KANJI)}]){{9,}}")
_CLAUSE_WITH_PLACEHOLDER = re.compile(r"(?<![^。、?!\n])[^。、?!\n]*〔[^〔〕。、?!\n]*〕[^。、?!\n]*+[。、!\n]")
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


_BIRTH_DATE = "〔生年月日〕"
# Forms come first, because a telephone number after 住所は is not an address.
_IDENTIFYING: tuple[tuple[Finder, str], ...] = (
    *((_matches(pattern, is_meant, 0), name) for pattern, is_meant, name in FORMS),
    *((_matches(pattern, bool, 1), name) for pattern, name in labelled_data_patterns()),
    (find_birth_dates, _BIRTH_DATE),
    (find_names, "〔氏名〕"),
)
# Details on which the answer may depend: the collection day of a street, the support for an illness.
_SEARCHABLE: tuple[tuple[Finder, str], ...] = ((find_addresses, "〔住所〕"), (find_health_statements, "〔健康の状態〕"))


@dataclass(frozen=True, slots=True)
class FoldedText:
    """A text in folded characters; character i is at `positions[i]` of the original, whose length is the last one."""

    text: str
    positions: Sequence[int]

    def original_span(self, start: int, end: int) -> tuple[int, int]:
        """Return the span of `text[start:end]` in the original."""
        return self.positions[start], self.positions[end - 1] + 1


def fold_text(original: str) -> FoldedText:
    """Return a text with full-width, circled and kanji digits as 0-9 and without invisible characters."""
    hidden = {match.start() for match in _INVISIBLE.finditer(original)}
    visible = [position for position in range(len(original)) if position not in hidden] if hidden else None
    text = _INVISIBLE.sub("", original).translate(_FOLDED_CHARACTERS)
    text = _LONG_MARK.sub("-", text)
    text = _KANJI_NUMBER.sub(lambda m: "".join(_KANJI.get(letter, letter) for letter in m[0]), text)
    return FoldedText(text, range(len(original) + 1) if visible is None else (*visible, len(original)))


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
        """Return another wording of the text."""
        return replace(self, text=text)


def mask_personal_data(text: str, places: Collection[str] = ()) -> str:
    """Return `text` with all personal data replaced by placeholders in 〔 〕; the rest is unchanged.

    `places` are names that are kept (see `documented_places`).
    """
    return _mask(_mask(text, _IDENTIFYING, places), _SEARCHABLE)


def searchable(text: str, places: frozenset[str] = frozenset()) -> UnmaskedText:
    """Return `text` masked except for home addresses, health and `places`, to search documents with."""
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
        if spans := [folded.original_span(start, end) for start, end in found]:
            text = replace_spans(text, spans, name)
            folded = fold_text(text)
    return text
