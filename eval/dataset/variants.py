"""Variants of a question, made by rules of the language, by variety."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

from ingest.japanese import DateMention, dates, era_year, nfkc
from ingest.japanese.characters import to_hiragana
from ingest.japanese.notation import ERA, ERAS
from ingest.japanese.tokenise import Morpheme, morphemes

_ERA = re.compile(rf"{ERA}|[HR](?=[0-9])")
_REIWA = ERAS[-1].first_day


def swap_era(text: str) -> Iterator[str]:
    """Yield normalised `text` with each date that has an era in 西暦, and each that has none in 和暦; else nothing."""
    pieces, end = [], 0
    for mention in dates(text):
        written = text[mention.start : mention.end]
        pieces += [text[end : mention.start], mention.key if _ERA.search(written) else _japanese_date(mention)]
        end = mention.end
    if pieces:
        yield "".join([*pieces, text[end:]])


def _japanese_date(mention: DateMention) -> str:
    year = mention.first.year
    # The only change of eras inside a year that is asked about: January to April 2019 are 平成31年.
    before = mention.granularity in {"month", "day"} and year == _REIWA.year and mention.first < _REIWA
    return mention.key.replace(f"{year}年", f"{'平成31' if before else era_year(year)}年")


_KATAKANA = re.compile("[ァ-ヶー]{2,}")
_KANJI = re.compile("[一-龥々]")


def write_in_kana(text: str) -> Iterator[str]:
    """Yield normalised `text` with its katakana words in hiragana, and with its longest kanji noun as it is read."""
    yield _KATAKANA.sub(lambda word: to_hiragana(word[0]), text)
    nouns = [morpheme for morpheme in morphemes(text, "C") if _is_common_noun(morpheme)]
    if nouns:
        # Of two as long the first: it is what the question is about.
        longest = max(nouns, key=lambda morpheme: len(morpheme.surface))
        yield text[: longest.start] + to_hiragana(longest.reading) + text[longest.end :]


def _is_common_noun(morpheme: Morpheme) -> bool:
    """Tell whether it is written in kanji alone and names no one: names are copied, not typed by their sound."""
    kanji = all(_KANJI.match(letter) for letter in morpheme.surface)
    return kanji and morpheme.pos[:2] == ("名詞", "普通名詞") and len(morpheme.surface) > 1


_LONG_KATAKANA = re.compile("[ァ-ヶー]{4,}")
_PARTICLE = re.compile("(?<=[一-龥ァ-ヶー々])[はがをの](?=[一-龥ァ-ヶ何いなだど])")


def misspell(text: str) -> Iterator[str]:
    """Yield normalised `text` with a letter of its longest katakana word lost; without one, with a particle doubled.

    A long vowel is what is lost first (リーダー -> リーダ), else a letter inside the word. Nothing without either.
    """
    if words := list(_LONG_KATAKANA.finditer(text)):
        longest = max(words, key=lambda word: len(word[0]))
        inside = longest[0].rfind("ー")
        place = longest.start() + (inside if inside > 0 else len(longest[0]) // 2)
        yield text[:place] + text[place + 1 :]
    elif particle := _PARTICLE.search(text):
        yield text[: particle.end()] + particle[0] + text[particle.end() :]


_END = r"[。.?!]*$"
_ALTERNATIONS = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (rf"を教えて(?:ください|下さい|ほしい(?:です|のですが)?)?{_END}", "を知りたいです。"),
        (rf"(?<!と)は(?:何|なん)(?:ですか|でしょうか|なんですか|なの)?{_END}", "を教えてください。"),
        (rf"(?<![でにと])は{_END}", "を教えてください。"),
        (rf"ですか{_END}", "でしょうか?"),
        (rf"(?<=[のん何誰こつ一-龥])でしょうか{_END}", "ですか?"),
        (rf"(ます|ました)か{_END}", r"\1でしょうか?"),
        (r"(?:誰|だれ)(?=[がをにでと]|です|や|なの|[?。]|$)", "どなた"),
        (r"どなた", "誰"),
        (r"(?:何故|なぜ|なんで(?!しょ|す))", "どうして"),
        (r"どうして", "なぜ"),
        (r"どのくらい", "どれくらい"),
        (r"どれくらい", "どのくらい"),
        (r"どのような", "どんな"),
        (r"どんな", "どのような"),
        (r"(?<![一-龥])(?:今|いま)の", "現在の"),
        (r"現在の", "今の"),
        (r"(?<![一-龥])前の", "以前の"),
        (r"以前の", "前の"),
        (r"全部", "すべて"),
    )
)


def paraphrase_question(text: str) -> Iterator[str]:
    """Yield normalised `text` after each alternation that applies to it, and with a polite word before it."""
    for pattern, replacement in _ALTERNATIONS:
        yield pattern.sub(replacement, text)
    yield f"すみません、{text}"


_WIDE = {code: code + 0xFEE0 for code in range(ord("!"), ord("~") + 1)}
_NARROW_KATAKANA = range(0xFF66, 0xFF9E)
_VOICED = ("", "ﾞ", "ﾟ")


def change_width(text: str) -> Iterator[str]:
    """Yield normalised `text` with its ASCII letters wide, and with its katakana narrow."""
    yield text.translate(_WIDE)
    yield text.translate(_narrow_katakana())


@cache
def _narrow_katakana() -> dict[int, str]:
    narrow = [chr(code) + mark for code in _NARROW_KATAKANA for mark in _VOICED]
    return {ord(wide): written for written in narrow if len(wide := nfkc(written)) == 1}


VARIETIES: dict[str, tuple[str, Callable[[str], Iterator[str]]]] = {
    "paraphrase": ("言い回し", paraphrase_question),
    "misspelling": ("誤字", misspell),
    "kana": ("かな書き", write_in_kana),
    "width": ("全角・半角", change_width),
    "era": ("和暦・西暦", swap_era),
}
"""Name in the figures -> name for a reader, and what makes the variants of a normalised question."""


@dataclass(frozen=True, slots=True)
class Variant:
    """Another way to ask a question."""

    variety: str
    text: str


def make_variants(question: str) -> list[Variant]:
    """Return the variants of `question` that differ from it, and from one another; it may have none."""
    normal = nfkc(question)
    seen = {question, normal}
    found = []
    for variety, (_, made) in VARIETIES.items():
        for text in made(normal):
            if text not in seen:
                seen.add(text)
                found.append(Variant(variety, text))
    return found
