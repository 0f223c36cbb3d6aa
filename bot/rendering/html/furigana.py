"""Adds furigana (readings over kanji) to the HTML of a page.

The readings are SudachiDict's. Only kanji bear one, never the kana of the same word; where the reading is not sure
(counters, people's names, words that are read in two ways), there is none rather than a wrong one.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from html import escape, unescape
from typing import NamedTuple

from ingest.japanese.characters import to_hiragana, to_katakana
from ingest.japanese.tokenise import Morpheme, morphemes

_KANJI = re.compile("[一-龥々]")
_RUNS = re.compile("[一-龥々]+|[^一-龥々]+")
_KANA = re.compile("[ぁ-ゖァ-ヶー]+")
# Morae that one kanji may have: 志(こころざし).
_MOST_OF_ONE = 5
# 同形異音語: words that are written alike and read in two ways, which the words beside them do not tell apart.
_READ_IN_TWO_WAYS = frozenset(
    re.findall(
        r"\S+",
        """
        方 何 他 私 中 後 間 家 主 表 角 種 頭 上 下 空 日 月 年 市場 上手 下手 人気 今日 明日 昨日 一日 身体 日本 生物
        色紙 工場 梅雨 七夕 寒気 気質 名代 見物 細々 大勢 行っ 開い 開く 開か 空い 空く 辛い 辛く 止め 止める 止まる
        汚れ 汚れる 臭い
        """,
    )
)
# Behind a name it makes of a place a person (大迫部長), and people read their names as they like.
_OF_PERSON = re.compile(r"副?(?:部|課|係|局|室|会|所|院|校|委員)長|[部課]|委員|議員|教授|氏|さん|様|主[査任事幹]|参事")
# What stands in HTML and is not read as text, or is to stay letter for letter.
_KEPT = frozenset({"script", "style", "textarea", "title", "option", "select", "ruby", "svg", "template"})
_VOID = frozenset({"br", "col", "hr", "img", "input", "link", "meta", "wbr"})
_TAG = re.compile(r"<[^>]*>")
_NAME = re.compile(r"</?([a-zA-Z0-9]+)")
_LANG = re.compile(r'\blang="([^"]*)"')
# The element around a text with its readings: no page has a style for it, and a Chatbot keeps it.
_WHOLE = "bdi"
# Characters of Japanese on one page that get readings, at most: a third of a second. What follows is shown without.
_LONGEST = 20_000


class ReadingSpan(NamedTuple):
    """A stretch of a text, with the reading that stands over it; "" for none."""

    text: str
    reading: str = ""


class _OpenElement(NamedTuple):
    """An element that is open: its name, the language in it, and whether its text is kept as it is."""

    name: str
    language: str
    kept: bool


def add_furigana(html: str, language: str = "ja") -> str:
    """Return well-formed HTML in which Japanese text bears readings; `language` is that of the page.

    What a browser reads out has each word once: the readings are hidden from it.
    """
    made, end, left = list[str](), 0, _LONGEST
    open_ = [_OpenElement("", language, kept=False)]
    for tag in _TAG.finditer(html):
        text = html[end : tag.start()]
        wanted = open_[-1].language == "ja" and not open_[-1].kept and left > 0
        made += [_ruby(unescape(text)) if wanted and _KANJI.search(text) else text, tag[0]]
        left -= len(text) if wanted else 0
        end = tag.end()
        _update_open_elements(tag[0], open_)
    return "".join([*made, html[end:]])


def split_by_reading(text: str) -> Iterator[ReadingSpan]:
    """Cut a text where readings stand over it; joined, the pieces are the text."""
    words, end = morphemes(text, "C"), 0
    for at, word in enumerate(words):
        if word.start < end or not _KANJI.search(word.surface) or _is_reading_uncertain(words, at):
            continue
        aligned = list(_split_word(text[word.start : word.end], word.reading))
        if any(one.reading for one in aligned):
            yield from [ReadingSpan(text[end : word.start])] if word.start > end else []
            yield from aligned
            end = word.end
    if end < len(text):
        yield ReadingSpan(text[end:])


@lru_cache(maxsize=8192)
def _ruby(text: str) -> str:
    """Return a text as HTML with its readings, as one element: of several, a flex row would make columns."""
    made = "".join(
        f'<ruby>{escape(one.text)}<rp aria-hidden="true">（</rp><rt aria-hidden="true">{one.reading}</rt>'
        f'<rp aria-hidden="true">）</rp></ruby>'
        if one.reading
        else escape(one.text)
        for one in split_by_reading(text)
    )
    return f"<{_WHOLE}>{made}</{_WHOLE}>" if "<ruby>" in made else made


def _update_open_elements(tag: str, open_: list[_OpenElement]) -> None:
    """Keep account of which elements are open behind a tag."""
    named = _NAME.match(tag)
    if named is None:
        return
    name = named[1].lower()
    if tag.startswith("</"):
        while len(open_) > 1 and open_.pop().name != name:
            pass
    elif name not in _VOID and not tag.endswith("/>"):
        inner, told = open_[-1], _LANG.search(tag)
        kept = inner.kept or name in _KEPT or "data-as-written" in tag
        open_.append(_OpenElement(name, told[1] if told else inner.language, kept))


def _is_reading_uncertain(words: Sequence[Morpheme], at: int) -> bool:
    """Whether the reading that the dictionary gives a word may not be its own here."""
    word, before = words[at], words[at - 1] if at else None
    behind = words[at + 1] if at + 1 < len(words) else None
    if word.pos[1] == "数詞" or (before is not None and before.end == word.start and before.pos[1] == "数詞"):
        return True
    if word.surface in _READ_IN_TWO_WAYS or word.pos[2] == "人名":
        return True
    if behind is None or behind.start != word.end:
        return False
    person = word.pos[1] == "固有名詞" and _OF_PERSON.fullmatch(behind.surface)
    # One kanji before others in a compound that the dictionary does not know: 病 in 病児.
    alone = len(word.surface) == 1 and word.pos[:3] == ("名詞", "普通名詞", "一般")
    return bool(person or (alone and behind.pos[0] == "名詞" and _KANJI.match(behind.surface)))


def _split_word(surface: str, reading: str) -> Iterator[ReadingSpan]:
    """Yield a word in its shorter words where these are read as the whole is, each with its kana apart."""
    shorter = morphemes(surface, "A")
    if len(shorter) > 1 and "".join(one.reading for one in shorter) == reading:
        for one in shorter:
            yield from _align_reading(surface[one.start : one.end], one.reading)
    else:
        yield from _align_reading(surface, reading)


def _align_reading(surface: str, reading: str) -> Iterator[ReadingSpan]:
    """Yield the runs of kanji of a word with their part of its reading; the word whole where that is not sure."""
    runs = _RUNS.findall(surface)
    ways = [
        re.fullmatch("".join(f"(.+{few})" if _KANJI.match(run) else _katakana_pattern(run) for run in runs), reading)
        for few in ("?", "")
    ]
    few, many = ways
    of_kanji = [run for run in runs if _KANJI.match(run)]
    sure = few is not None and many is not None and few.groups() == many.groups() and _KANA.fullmatch(reading)
    if (
        not sure
        or few is None
        or any(len(r) > _MOST_OF_ONE * len(k) for k, r in zip(of_kanji, few.groups(), strict=True))
    ):
        yield ReadingSpan(surface)
        return
    read = iter(few.groups())
    for run in runs:
        yield ReadingSpan(run, to_hiragana(next(read))) if _KANJI.match(run) else ReadingSpan(run)


def _katakana_pattern(kana: str) -> str:
    return re.escape(to_katakana(kana))
