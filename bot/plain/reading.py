"""Where furigana goes: words, or parts of long compounds, with their reading in hiragana."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from bot.plain.kanji import KANJI, is_hard
from ingest.tokenise import Morpheme

Spans = Sequence[tuple[int, int]]

# Kanji of a compound that one reading may span: 電子申請講座, not 電子申請講座参加者数.
_MOST_KANJI = 6
_KATAKANA = re.compile("[ァ-ヶー]+")
_SCRIPTS = re.compile("[ァ-ヶー]+|[^ァ-ヶー]+")
_HIRAGANA = re.compile("[ぁ-ゖー]+")
_KANA = re.compile("[ぁ-ゖァ-ヶー]+")
_JAPANESE = re.compile("[一-龥々ぁ-ゖァ-ヶー]+")
_TO_HIRAGANA = {code: code - 0x60 for code in range(ord("ァ"), ord("ヶ") + 1)}
_NOUNS = {"名詞", "接頭辞", "接尾辞", "形状詞"}
_OF_PERSON = re.compile("副?(?:部|課|係|局|室|会|所|院|校|委員|会)長|部|委員|議員|教授|氏|さん|様|主[査任事幹]|参事")
# Behind a noun it says など; Sudachi gives its other reading.
_AND_SO_ON = "等"
# The reading of a name goes as far as its hard kanji do.
_AND_FURTHER = "…"


@dataclass(frozen=True, slots=True)
class Unit:
    """A word, compound, verb with its auxiliaries or name at `text[start:end]`, and the words with hard kanji in it.

    `reading` is its reading in hiragana, or "" where that is not sure or not needed.
    """

    start: int
    end: int
    reading: str
    hard: tuple[str, ...]


def units(words: Sequence[Morpheme], names: Spans = ()) -> Iterator[Unit]:
    """Yield the units of a sentence (its morphemes in mode C) in order; each of `names` is one unit."""
    i = 0
    while i < len(words):
        name = next((n for n in names if n[0] <= words[i].start < n[1]), None)
        end = _behind(words, i, name[1]) if name else _end_of_unit(words, i)
        part = words[i:end]
        if _is_unsure(words, i, end):
            yield Unit(part[0].start, part[-1].end, "", ())
        else:
            yield _name(part) if name else _unit(part)
        i = end


def _behind(words: Sequence[Morpheme], start: int, at: int) -> int:
    return next((i for i in range(start + 1, len(words)) if words[i].start >= at), len(words))


def _end_of_unit(words: Sequence[Morpheme], start: int) -> int:
    """Return the index behind the compound that begins at `start`, or behind the verb with its auxiliaries."""
    end, first = start + 1, words[start]
    if first.pos[0] in {"動詞", "形容詞"}:
        while end < len(words) and _goes_on(words[end - 1], words[end]):
            end += 1
    elif _joins(first):
        while end < len(words) and _joins(words[end]) and _fits(words[start:end], words[end]):
            end += 1
    return end


def _goes_on(last: Morpheme, word: Morpheme) -> bool:
    """Whether the word goes on with the verb before it: 届い|て|い|ます."""
    by_te = last.surface in {"て", "で"} and last.pos[1] == "接続助詞"
    if word.pos[0] == "助動詞":
        return word.pos[4] not in {"助動詞-ダ", "助動詞-デス"}
    if word.pos[1] == "接続助詞":
        return word.surface in {"て", "で", "ながら", "つつ"}
    return by_te and word.pos[1] == "非自立可能"


def _joins(word: Morpheme) -> bool:
    """Whether the word is a part of a compound of kanji."""
    return word.pos[0] in _NOUNS and word.pos[1] != "数詞" and bool(KANJI.match(word.surface))


def _fits(compound: Sequence[Morpheme], word: Morpheme) -> bool:
    """Whether a compound may go on with the word: not behind the name of a place, nor when it becomes too long."""
    if word.surface == _AND_SO_ON:
        return False
    if word.pos[0] == "接尾辞" or len(word.surface) == 1:
        return True
    kanji = KANJI.findall("".join(m.surface for m in [*compound, word]))
    return compound[-1].pos[1] != "固有名詞" and len(kanji) <= _MOST_KANJI


def _is_unsure(words: Sequence[Morpheme], start: int, end: int) -> bool:
    """Whether the reading that a dictionary gives `words[start:end]` may not be theirs here."""
    before = words[start - 1] if start else None
    behind = words[end] if end < len(words) else None
    unit = words[start:end]
    # A counter (一冊); a name that begins in kana (ひばり野市); one kanji before katakana (結ネット).
    counter = before is not None and before.pos[1] == "数詞"
    kana = any(
        m.pos[1] == "固有名詞" and m.start and last.is_noun and _HIRAGANA.fullmatch(last.surface)
        for last, m in pairwise(words[max(start - 1, 0) : end])
    )
    # What looks like a place may be somebody's name, and people read their names as they like: 大迫部長.
    person = any(m.pos[2] == "人名" for m in unit) or any(
        m.pos[1] == "固有名詞" and _OF_PERSON.fullmatch(title.surface) for m, title in pairwise(words[start : end + 1])
    )
    letters = behind is not None and len(unit) == 1 == len(unit[0].surface) and _KATAKANA.match(behind.surface)
    # One kanji before others has another reading than alone: 病児.
    single = any(len(m.surface) == 1 and m.pos[:3] == ("名詞", "普通名詞", "一般") for m in unit[:-1])
    return counter or kana or person or bool(letters) or single


def _unit(words: Sequence[Morpheme]) -> Unit:
    surface = "".join(m.surface for m in words)
    hard = (surface,) if surface == _AND_SO_ON else tuple(m.surface for m in words if is_hard(m.surface))
    reading = "".join(_reading(m) for m in words)
    if not hard or not _KANA.fullmatch(reading):
        return Unit(words[0].start, words[-1].end, "", ())
    return Unit(words[0].start, words[-1].end, reading, hard)


def _name(words: Sequence[Morpheme]) -> Unit:
    """Return a name as a unit, read up to its last hard kanji: 金沢市DXアクションプラン2.0 -> かなざわし…."""
    hard = [i for i, m in enumerate(words) if is_hard(m.surface)]
    read = words[: hard[-1] + 1] if hard else []
    reading = "".join(m.surface if not KANJI.search(m.surface) else _reading(m) for m in read)
    start, end = words[0].start, words[-1].end
    if not hard or "?" in reading or any(character.isdigit() for character in reading):
        return Unit(start, end, "", ())
    return Unit(start, end, reading + _AND_FURTHER * (len(read) < len(words)), tuple(words[i].surface for i in hard))


def _reading(word: Morpheme) -> str:
    """Return the word's reading in hiragana, kana as they stand; "?" where Sudachi does not know it."""
    if word.surface == _AND_SO_ON and word.pos[0] == "接尾辞":
        return "など"
    if _KANA.fullmatch(word.surface):
        return word.surface
    if not _JAPANESE.fullmatch(word.surface):  # 生成AI, 情報(データ): the reading is not that of the letters
        return "?"
    # What is katakana in the word is so in its reading: 感染症対策アプリ -> かんせんしょうたいさくアプリ.
    shape = "".join(re.escape(part) if _KATAKANA.fullmatch(part) else "(.+)" for part in _SCRIPTS.findall(word.surface))
    match = re.fullmatch(shape, word.reading)
    if not match or not _KATAKANA.fullmatch(word.reading):
        return "?"
    said = iter(match.groups())
    return "".join(
        part if _KATAKANA.fullmatch(part) else next(said).translate(_TO_HIRAGANA)
        for part in _SCRIPTS.findall(word.surface)
    )
