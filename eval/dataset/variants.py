"""Generates variants of a question by rules: other eras, kana, misspellings, paraphrases, widths."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

from ingest.japanese import DateMention, dates, era_year, nfkc
from ingest.japanese.characters import KANJI, to_hiragana
from ingest.japanese.notation import ERA, ERAS
from ingest.japanese.tokenise import Morpheme, morphemes

_ERA = re.compile(rf"{ERA}|[HR](?=[0-9])")
_REIWA = ERAS[-1].first_day


def swap_era(text: str) -> Iterator[str]:
    """Yield `text` (NFKC) with 西暦 for dates in an era and 和暦 for the others; nothing if it has no date."""
    pieces = []
    end = 0
    for mention in dates(text):
        original = text[mention.start : mention.end]
        pieces += [text[end : mention.start], mention.key if _ERA.search(original) else _japanese_date(mention)]
        end = mention.end
    if pieces:
        yield "".join([*pieces, text[end:]])


def _japanese_date(mention: DateMention) -> str:
    year = mention.first.year
    # The only change of era within a year that cases ask about: January to April 2019 are 平成31年.
    is_heisei = mention.granularity in {"month", "day"} and year == _REIWA.year and mention.first < _REIWA
    return mention.key.replace(f"{year}年", f"{'平成31' if is_heisei else era_year(year)}年")


_KATAKANA = re.compile("[ァ-ヶー]{2,}")
_KANJI = re.compile(f"[{KANJI}々]")


def write_in_kana(text: str) -> Iterator[str]:
    """Yield `text` (NFKC) with katakana words in hiragana, then with its longest kanji noun in hiragana."""
    yield _KATAKANA.sub(lambda word: to_hiragana(word[0]), text)
    nouns = [morpheme for morpheme in morphemes(text, "C") if _is_common_noun(morpheme)]
    if nouns:
        # The first of equally long nouns is usually the subject.
        longest = max(nouns, key=lambda morpheme: len(morpheme.surface))
        yield text[: longest.start] + to_hiragana(longest.reading) + text[longest.end :]


def _is_common_noun(morpheme: Morpheme) -> bool:
    kanji = all(_KANJI.match(letter) for letter in morpheme.surface)
    return kanji and morpheme.pos[:2] == ("名詞", "普通名詞") and len(morpheme.surface) > 1


_LONG_KATAKANA = re.compile("[ァ-ヶー]{4,}")
_PARTICLE = re.compile("(?<=[一-龥ァ-ヶー々])[はがをの](?=[一-龥ァ-ヶ何いなだど])")


def misspell(text: str) -> Iterator[str]:
    """Yield `text` (NFKC) with one character of its longest katakana word left out, or else with a doubled particle.

    A long vowel is left out first (リーダー → リーダ). Yields nothing if neither applies.
    """
    if words := list(_LONG_KATAKANA.finditer(text)):
        longest = max(words, key=lambda word: len(word[0]))
        inside = longest[0].rfind("ー")
        place = longest.start() + (inside if inside > 0 else len(longest[0]) // 2)
        yield text[:place] + text[place + 1 :]
    elif particle := _PARTICLE.search(text):
        yield text[: particle.end()] + particle[0] + text[particle.end() :]


_SENTENCE_END = r"[。.?!]*$"
_ALTERNATIONS = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (rf"を教えて(?:ください|下さい|ほしい(?:です|のですが)?)?{_SENTENCE_END}", "を知りたいです。"),
        (rf"(?<!と)は(?:何|なん)(?:ですか|でしょうか|なんですか|なの)?{_SENTENCE_END}", "を教えてください。"),
        (rf"(?<![でにと])は{_SENTENCE_END}", "を教えてください。"),
        (rf"ですか{_SENTENCE_END}", "でしょうか?"),
        (rf"(?<=[のん何誰こつ一-龥])でしょうか{_SENTENCE_END}", "ですか?"),
        (rf"(ます|ました)か{_SENTENCE_END}", r"\1でしょうか?"),
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
    """Yield `text` (NFKC) with each rewording that applies, and with a polite opening."""
    for pattern, replacement in _ALTERNATIONS:
        yield pattern.sub(replacement, text)
    yield f"すみません、{text}"


_WIDE = {code: code + 0xFEE0 for code in range(ord("!"), ord("~") + 1)}
_NARROW_KATAKANA = range(0xFF66, 0xFF9E)
_VOICED = ("", "ﾞ", "ﾟ")


def change_width(text: str) -> Iterator[str]:
    """Yield `text` (NFKC) with full-width ASCII, and with half-width katakana."""
    yield text.translate(_WIDE)
    yield text.translate(_narrow_katakana())


@cache
def _narrow_katakana() -> dict[int, str]:
    narrow = [chr(code) + mark for code in _NARROW_KATAKANA for mark in _VOICED]
    return {ord(wide): character for character in narrow if len(wide := nfkc(character)) == 1}


VARIETIES: dict[str, tuple[str, Callable[[str], Iterator[str]]]] = {
    "paraphrase": ("言い回し", paraphrase_question),
    "misspelling": ("誤字", misspell),
    "kana": ("かな書き", write_in_kana),
    "width": ("全角・半角", change_width),
    "era": ("和暦・西暦", swap_era),
}
"""Name in the figures → Japanese name, and the function that generates variants of a normalised question."""


@dataclass(frozen=True, slots=True)
class Variant:
    """A question in another wording."""

    variety: str
    text: str


def make_variants(question: str) -> list[Variant]:
    """Return the distinct variants of `question` that differ from it."""
    normal = nfkc(question)
    distinct_texts = {question, normal}
    variants = []
    for variety, (_, generate) in VARIETIES.items():
        for text in generate(normal):
            if text not in distinct_texts:
                distinct_texts.add(text)
                variants.append(Variant(variety, text))
    return variants
