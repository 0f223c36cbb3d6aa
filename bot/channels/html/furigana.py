"""Adds furigana (readings over kanji) to the HTML of a page.

The readings come from SudachiDict, and from `furigana.toml` for what it reads otherwise than tables and lists do. Only
kanji get one, and a number with its counter (3日); uncertain readings (personal names, heteronyms) are left out.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import lru_cache
from html import escape, unescape
from importlib.resources import files
from itertools import accumulate, pairwise
from typing import NamedTuple

from ingest.japanese.characters import KANJI, KANJI_NUMBER, parse_number, to_hiragana, to_katakana
from ingest.japanese.normal_forms import nfkc
from ingest.japanese.notation import KANJI_DIGITS
from ingest.japanese.tokenise import Morpheme, morphemes

_KANJI = re.compile(f"[{KANJI}々]")
_KANJI_RUNS = re.compile("[一-龥々]+|[^一-龥々]+")
_DIGIT = re.compile("[0-9０-９]")
_KANA = re.compile("[ぁ-ゖァ-ヶー]+")
# Morae that one kanji may have: 志(こころざし).
_MAX_MORAE_PER_KANJI = 5
# Readings where Sudachi's reading of the word alone is wrong, or one of several.
_READINGS = tomllib.loads(files("bot.channels.html").joinpath("furigana.toml").read_text("utf-8"))
_MAX_WORDS = 5  # of Sudachi, in an entry of `words`
_COUNTED = re.compile(
    f"(?<![0-9０-９{KANJI_DIGITS}十百千])([0-9０-９]+|{KANJI_NUMBER})([かカヵケヶ箇]?)([{''.join(_READINGS['counters'])}])"
)
# What makes 1日 a number of days, いちにち, before it; the first day of a month is ついたち.
_OF_DAYS = re.compile("[間目以券分中0-9０-９]|あたり|当|につき")
_FIRST_DAY = re.compile("[(（][月火水木金土日]")
# Letters of days of the week between separators; as a word, such a letter has another reading: 木(き), 日(ひ).
_DAYS = "月火水木金土日"
_DAY_RUN = re.compile(f"[{_DAYS}祝・、,，/／~～〜()（）–－-]+")
_BEFORE_DAYS = re.compile("(?:週|第[0-9０-９一二三四五・、,，]+)$")
_NAMES_DAYS = re.compile("曜|(?:収集|回収|休館|休診|定休|開館|開庁|診療)日")
# Days that are things as well: a list of two of them may be one of materials.
_THINGS = frozenset("水木土")
_DATE = frozenset("月日")
_OPEN, _CLOSED, _DATED = frozenset("(（"), frozenset(")）"), frozenset("日0123456789")
_LISTS = frozenset({"table", "ul", "ol", "dl"})
_MARKS = frozenset({"補助記号", "記号", "空白"})
# Titles that make a place name a personal name (大迫部長), whose reading is unknown.
_OF_PERSON = re.compile(r"副?(?:部|課|係|局|室|会|所|院|校|委員)長|[部課]|委員|議員|教授|氏|さん|様|主[査任事幹]|参事")
# Numerals of kanji whose reading no counter changes.
_STEADY_NUMERAL = re.compile("[二三四五九]+")
# Elements whose text gets no readings.
_EXCLUDED = frozenset({"script", "style", "textarea", "title", "option", "select", "ruby", "svg", "template"})
_VOID = frozenset({"br", "col", "hr", "img", "input", "link", "meta", "wbr"})
_TAG = re.compile(r"<[^<>]*>")
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
    list_number: int  # of the innermost table or list, 0 for none


class _Days(NamedTuple):
    places: list[int]
    letters: str
    are_certain: bool
    are_alone: bool


def add_furigana(html: str, language: str = "ja") -> str:
    """Return well-formed HTML with readings over Japanese text; `language` is the page's language.

    Readings are hidden from screen readers.
    """
    pieces, end, left = list[tuple[str, str, int, bool]](), 0, _MAX_CHARACTERS
    open_ = [_OpenElement("", language, is_excluded=False, list_number=0)]
    texts: dict[int, list[str]] = {}
    for tag in _TAG.finditer(html):
        text, inner = html[end : tag.start()], open_[-1]
        is_wanted = inner.language == "ja" and not inner.is_excluded and left > 0 and bool(_KANJI.search(text))
        pieces.append((text, tag[0], inner.list_number, is_wanted))
        if is_wanted:
            texts.setdefault(inner.list_number, []).append(unescape(text))
            left -= len(text)
        end = tag.end()
        _update_open_elements(tag[0], open_, tag.start() + 1)
    days = {number: _letters_of_days(own) for number, own in texts.items() if number}
    made = (
        (_ruby(unescape(text), days.get(number, frozenset())) if is_wanted else text) + tag
        for text, tag, number, is_wanted in pieces
    )
    return "".join([*made, html[end:]])


def split_by_reading(text: str, days: AbstractSet[str] = frozenset()) -> Iterator[ReadingSpan]:
    """Split a text into spans with and without readings; joined, they are the text.

    `days` are the letters that are days of the week where they stand alone.
    """
    placed = dict(_place_days(text, days | _letters_of_days([text])))
    placed |= {start: span for start, span in _place_numbers(text) if start not in placed}
    taken = {place for start, span in placed.items() for place in range(start, start + len(span.text))}
    for start, word in _place_words(text):
        if taken.isdisjoint(range(start, start + sum(len(span.text) for span in word))):
            starts = accumulate((len(span.text) for span in word), initial=start)
            placed |= dict(zip(starts, word, strict=False))
    end = 0
    for start, span in sorted(placed.items()):
        if span.reading:
            yield from [ReadingSpan(text[end:start])] if start > end else []
            yield span
            end = start + len(span.text)
    if end < len(text):
        yield ReadingSpan(text[end:])


@lru_cache(maxsize=8192)
def _ruby(text: str, days: frozenset[str]) -> str:
    made = "".join(
        f'<ruby>{escape(span.text)}<rp aria-hidden="true">（</rp><rt aria-hidden="true">{span.reading}</rt>'
        f'<rp aria-hidden="true">）</rp></ruby>'
        if span.reading
        else escape(span.text)
        for span in split_by_reading(text, days)
    )
    return f"<{_WRAPPER}>{made}</{_WRAPPER}>" if "<ruby>" in made else made


def _update_open_elements(tag: str, open_: list[_OpenElement], number: int) -> None:
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
        list_number = number if name in _LISTS else inner.list_number
        open_.append(_OpenElement(name, lang[1] if lang else inner.language, is_excluded, list_number))


def _find_days(text: str) -> Iterator[_Days]:
    for run in _DAY_RUN.finditer(text):
        start, end = run.span()
        before, after = text[start - 1 : start], text[end : end + 1]
        is_in_word = text[start] in _DAYS and before.isalnum(), text[end - 1] in _DAYS and after.isalnum()
        is_counted = bool(_BEFORE_DAYS.search(text, max(0, start - 20), start))
        is_counted |= before.isdigit() and text[start] in "火水木金土"
        places = [place for place in range(start, end) if text[place] in _READINGS["weekdays"]]
        if is_in_word[0] and not is_counted and (_KANJI.match(before) or before.isdigit()):
            places = places[1:]
        if is_in_word[1] and _KANJI.match(after):
            places = places[:-1]
        places = [place for place in places if "祝日" not in {text[place : place + 2], text[place - 1 : place + 1]}]
        order = [(place, _DAYS.find(text[place])) for place in places if text[place] != "祝"]
        if not places or any(b == a + 1 and later < day for (a, day), (b, later) in pairwise(order)):
            continue
        letters = "".join(text[place] for place in places)
        is_enclosed = text[places[0] - 1 : places[0]] in _OPEN and text[places[-1] + 1 : places[-1] + 2] in _CLOSED
        is_dated = is_enclosed and text[places[0] - 2 : places[0] - 1] in _DATED
        is_several = len({*letters}) > 1 and not {*letters} <= _THINGS
        are_days = (is_several or is_enclosed) and not {*letters} <= _DATE
        are_certain = is_counted or is_dated or are_days or after == "曜"
        yield _Days(places, letters, are_certain, len(order) == 1 and not any(is_in_word))


def _letters_of_days(texts: Sequence[str]) -> frozenset[str]:
    found = [days for text in texts for days in _find_days(text)]
    alone = frozenset(days.letters for days in found if days.are_alone)
    is_certain = any(days.are_certain for days in found) or any(map(_NAMES_DAYS.search, texts))
    if not is_certain and (len(alone) == 1 or alone <= _DATE or alone <= _THINGS):
        return frozenset()
    return _THINGS | (alone if len(alone) > 1 else alone - _DATE)


def _place_days(text: str, known: AbstractSet[str]) -> Iterator[tuple[int, ReadingSpan]]:
    for days in _find_days(text):
        is_one = len(days.places) == 1
        if days.are_certain or (set(days.letters) <= known and (days.are_alone or not is_one)):
            yield from ((place, ReadingSpan(text[place], _READINGS["weekdays"][text[place]])) for place in days.places)
        elif not is_one or (days.are_alone and days.letters not in _THINGS):
            yield from ((place, ReadingSpan(text[place])) for place in days.places)


def _place_numbers(text: str) -> Iterator[tuple[int, ReadingSpan]]:
    words = {word.start: word for word in morphemes(text, "C")}
    for counted in _COUNTED.finditer(text):
        number, small, counter = counted.groups()
        start, end = counted.start(3), counted.end()
        word = words.get(start)
        # A counter of Sudachi may have a suffix: 日間, 歳児; another word only begins like one: 3本町.
        suffix = word.surface[1:] if word else ""
        is_fraction = counter == "分" and text[end : end + 1] == "の" and text[end + 1 : end + 2].isdigit()
        is_other_word = word and suffix and not word.pos[2].startswith("助数詞")
        # 一時金 is a word; so is 一人, which Sudachi reads right.
        if is_fraction or is_other_word or not (number.isdigit() or _is_numeral(words.get(counted.start()))):
            continue
        value = str(parse_number(nfkc(number)))
        numbers = _READINGS["numbers"]
        whole = "" if small else numbers.get(number + counter) or numbers.get(value + counter, "")
        if value + counter == "1日" and text[counted.start() - 1 : counted.start()] != "月" and not small:
            whole = "いちにち" if number == "一" else whole if _FIRST_DAY.match(text, end) else ""
            if not (whole or _OF_DAYS.match(text, end)):
                yield start, ReadingSpan(counter)
                continue
        if whole:
            yield counted.start(), ReadingSpan(counted[0], whole)
        elif number.isdigit() or small or _STEADY_NUMERAL.fullmatch(number):
            readings = {"": "げつ"} if small and counter == "月" else _READINGS["counters"][counter]
            yield start, ReadingSpan(counter, readings[max(filter(value.endswith, readings), key=len)])
        if suffix in _READINGS["contexts"]:
            yield end, ReadingSpan(suffix, _READINGS["contexts"][suffix]["suffix"])


def _is_numeral(word: Morpheme | None) -> bool:
    return word is not None and word.pos[1] == "数詞"


def _place_words(text: str) -> Iterator[tuple[int, list[ReadingSpan]]]:
    text = text.replace("・", "、")  # Sudachi has words with ・: 日・祝
    short = {part.start: part for part in morphemes(text, "A")}
    words, end = list[Morpheme](), 0
    for word in morphemes(text, "C"):
        is_counted = bool(_DIGIT.search(word.surface))  # 1番
        words += [short[place] for place in range(word.start, word.end) if place in short] if is_counted else [word]
    for position, word in enumerate(words):
        if word.start < end or not _KANJI.search(word.surface):
            continue
        for last in range(min(position + _MAX_WORDS, len(words)), position, -1):
            surface = text[word.start : words[last - 1].end]
            if surface in _READINGS["words"]:
                end = word.start + len(surface)
                yield word.start, list(_align_reading(surface, to_katakana(_READINGS["words"][surface])))
                break
        else:
            end = word.end
            surface = text[word.start : end]
            contexts = _READINGS["contexts"].get(word.surface)
            if contexts is not None and not (position and _is_numeral(words[position - 1])):
                yield word.start, [ReadingSpan(surface, _reading_in_context(words, position, contexts))]
            elif not _is_reading_uncertain(words, position):
                yield word.start, list(_split_word(surface, word.reading))


def _reading_in_context(words: Sequence[Morpheme], position: int, readings: Mapping[str, str]) -> str:
    word, touching = words[position], list[Morpheme | None]()
    for place in (position - 1, position + 1):
        near = words[place] if 0 <= place < len(words) else word
        is_beside = word.start in {near.end, near.start - len(word.surface)}
        touching.append(near if is_beside and near.pos[0] not in _MARKS else None)
    before, following = touching
    if _is_numeral(following) and "before_number" in readings:
        return readings["before_number"]
    if before is None and following is None:
        return readings.get("alone", "")
    if before and before.is_noun:
        return readings.get("suffix", "")
    if before and (before.surface in {"の", "な"} or before.pos[0] in {"動詞", "形容詞", "助動詞", "連体詞"}):
        # The way there, ほう, and not a person: そちらの方, 東の方.
        origin = words[position - 2] if position > 1 and before.surface == "の" else before
        is_place = origin.pos[0] == "代名詞" or (origin.pos[0] == "名詞" and len(origin.surface) == 1)
        return readings.get("other" if is_place else "modified", "")
    return readings.get("prefix" if following and following.is_noun else "other", "")


def _is_reading_uncertain(words: Sequence[Morpheme], position: int) -> bool:
    word, before = words[position], words[position - 1] if position else None
    following = words[position + 1] if position + 1 < len(words) else None
    if _is_numeral(word):
        is_of_things = following is not None and following.surface == "つ"
        return not (is_of_things or _STEADY_NUMERAL.fullmatch(word.surface))
    if word.pos[2] == "人名" or (word.pos[2] == "地名" and len(word.surface) == 2 and word.surface[1] in "町村"):
        return True
    if following is None or following.start != word.end or _is_numeral(before):
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
