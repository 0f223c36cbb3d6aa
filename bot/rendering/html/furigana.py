"""Adds furigana (readings over kanji) to the HTML of a page.

The readings come from SudachiDict. Only kanji get one; uncertain readings (counters, personal names, heteronyms) are
omitted rather than guessed.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from html import escape, unescape
from typing import NamedTuple

from ingest.japanese.characters import KANJI, to_hiragana, to_katakana
from ingest.japanese.tokenise import Morpheme, morphemes

_KANJI = re.compile(f"[{KANJI}々]")
_KANJI_RUNS = re.compile("[一-龥々]+|[^一-龥々]+")
_KANA = re.compile("[ぁ-ゖァ-ヶー]+")
# Morae that one kanji may have: 志(こころざし).
_MAX_MORAE_PER_KANJI = 5
# Heteronyms (同形異音語) that the neighbouring words do not resolve.
_HETERONYMS = frozenset(
    re.findall(
        r"\S+",
        """
        方 何 他 私 中 後 間 家 主 表 角 種 頭 上 下 空 日 月 年 市場 上手 下手 人気 今日 明日 昨日 一日 身体 日本 生物
        色紙 工場 梅雨 七夕 寒気 気質 名代 見物 細々 大勢 行っ 開い 開く 開か 空い 空く 辛い 辛く 止め 止める 止まる
        汚れ 汚れる 臭い
        """,
    )
)
# Titles that make a place name a personal name (大迫部長), whose reading is unknown.
_OF_PERSON = re.compile(r"副?(?:部|課|係|局|室|会|所|院|校|委員)長|[部課]|委員|議員|教授|氏|さん|様|主[査任事幹]|参事")
# Elements whose text gets no readings.
_EXCLUDED = frozenset({"script", "style", "textarea", "title", "option", "select", "ruby", "svg", "template"})
_VOID = frozenset({"br", "col", "hr", "img", "input", "link", "meta", "wbr"})
_TAG = re.compile(r"<[^>]*>")
_NAME = re.compile(r"</?([a-zA-Z0-9]+)")
_LANG = re.compile(r'\blang="([^"]*)"')
# The element around annotated text: no page styles it, and a Chatbot does not strip it.
_WRAPPER = "bdi"
# Most Japanese characters annotated per page (a third of a second); later text gets no readings.
_MAX_CHARACTERS = 20_000


class ReadingSpan(NamedTuple):
    """A part of a text with its reading; "" for none."""

    text: str
    reading: str = ""


class _OpenElement(NamedTuple):
    name: str
    language: str
    is_excluded: bool


def add_furigana(html: str, language: str = "ja") -> str:
    """Return well-formed HTML with readings over Japanese text; `language` is the page's language.

    Readings are hidden from screen readers.
    """
    made, end, left = list[str](), 0, _MAX_CHARACTERS
    open_ = [_OpenElement("", language, is_excluded=False)]
    for tag in _TAG.finditer(html):
        text = html[end : tag.start()]
        wanted = open_[-1].language == "ja" and not open_[-1].is_excluded and left > 0
        made += [_ruby(unescape(text)) if wanted and _KANJI.search(text) else text, tag[0]]
        left -= len(text) if wanted else 0
        end = tag.end()
        _update_open_elements(tag[0], open_)
    return "".join([*made, html[end:]])


def split_by_reading(text: str) -> Iterator[ReadingSpan]:
    """Split a text into spans with and without readings; joined, they are the text."""
    words, end = morphemes(text, "C"), 0
    for position, word in enumerate(words):
        if word.start < end or not _KANJI.search(word.surface) or _is_reading_uncertain(words, position):
            continue
        spans = list(_split_word(text[word.start : word.end], word.reading))
        if any(span.reading for span in spans):
            yield from [ReadingSpan(text[end : word.start])] if word.start > end else []
            yield from spans
            end = word.end
    if end < len(text):
        yield ReadingSpan(text[end:])


@lru_cache(maxsize=8192)
def _ruby(text: str) -> str:
    made = "".join(
        f'<ruby>{escape(span.text)}<rp aria-hidden="true">（</rp><rt aria-hidden="true">{span.reading}</rt>'
        f'<rp aria-hidden="true">）</rp></ruby>'
        if span.reading
        else escape(span.text)
        for span in split_by_reading(text)
    )
    return f"<{_WRAPPER}>{made}</{_WRAPPER}>" if "<ruby>" in made else made


def _update_open_elements(tag: str, open_: list[_OpenElement]) -> None:
    named = _NAME.match(tag)
    if named is None:
        return
    name = named[1].lower()
    if tag.startswith("</"):
        while len(open_) > 1 and open_.pop().name != name:
            pass
    elif name not in _VOID and not tag.endswith("/>"):
        inner, lang = open_[-1], _LANG.search(tag)
        is_excluded = inner.is_excluded or name in _EXCLUDED or "data-as-written" in tag
        open_.append(_OpenElement(name, lang[1] if lang else inner.language, is_excluded))


def _is_reading_uncertain(words: Sequence[Morpheme], position: int) -> bool:
    word, before = words[position], words[position - 1] if position else None
    following = words[position + 1] if position + 1 < len(words) else None
    if word.pos[1] == "数詞" or (before is not None and before.end == word.start and before.pos[1] == "数詞"):
        return True
    if word.surface in _HETERONYMS or word.pos[2] == "人名":
        return True
    if following is None or following.start != word.end:
        return False
    is_person = word.pos[1] == "固有名詞" and _OF_PERSON.fullmatch(following.surface)
    # One kanji of a compound that the dictionary does not have: 病 in 病児.
    is_single_kanji = len(word.surface) == 1 and word.pos[:3] == ("名詞", "普通名詞", "一般")
    return bool(is_person or (is_single_kanji and following.pos[0] == "名詞" and _KANJI.match(following.surface)))


def _split_word(surface: str, reading: str) -> Iterator[ReadingSpan]:
    shorter = morphemes(surface, "A")
    if len(shorter) > 1 and "".join(word.reading for word in shorter) == reading:
        for word in shorter:
            yield from _align_reading(surface[word.start : word.end], word.reading)
    else:
        yield from _align_reading(surface, reading)


def _align_reading(surface: str, reading: str) -> Iterator[ReadingSpan]:
    runs = _KANJI_RUNS.findall(surface)
    ways = [
        re.fullmatch(
            "".join(f"(.+{few})" if _KANJI.match(run) else re.escape(to_katakana(run)) for run in runs), reading
        )
        for few in ("?", "")
    ]
    few, many = ways
    of_kanji = [run for run in runs if _KANJI.match(run)]
    sure = few is not None and many is not None and few.groups() == many.groups() and _KANA.fullmatch(reading)
    if (
        not sure
        or few is None
        or any(len(r) > _MAX_MORAE_PER_KANJI * len(k) for k, r in zip(of_kanji, few.groups(), strict=True))
    ):
        yield ReadingSpan(surface)
        return
    read = iter(few.groups())
    for run in runs:
        yield ReadingSpan(run, to_hiragana(next(read))) if _KANJI.match(run) else ReadingSpan(run)
