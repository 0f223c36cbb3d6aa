"""Finds words and organisation names of a statement that its source texts do not contain."""

import re
from collections.abc import Iterator, Sequence

from bot.verification.source_text import SourceText, content_words, squash
from ingest.japanese.figures import figures
from ingest.japanese.partial_dates import times
from ingest.japanese.tokenise import LIGHT_WORDS, Morpheme, morphemes

_KANJI = re.compile("[一-龥々]")
# Nouns in which an answer speaks of its source, or sets two things side by side, rather than with it.
_FRAME_TEXT = """
方 差 違い 同じ 次 記載 資料 説明 合計 内訳 計算 述べる 答弁 紹介 人 対象 場合 目標 実績 上 下 内 中 者 等 名称 内容
現在 時点 市 役所 可能 御 お
"""
_FRAME = LIGHT_WORDS | frozenset(_FRAME_TEXT.split())
_NOT_SAID_OF_THINGS = frozenset({"副詞可能", "助数詞可能", "助数詞"})
# Words of a statement, and of a reply. From two a statement, 2 of 150 right replies were stopped; from four none.
_FEWEST_WORDS, _FEWEST_IN_ALL = 4, 2
_BEFORE_OFFICE = frozenset("副前元新旧")
# What a body, a place, an office is called by its last word.
_BODY = re.compile(
    r".{2,}(?:課|部|局|室|係|会議|本部|委員会|審議会|協議会|センター|財団|公社|法人|会社|大学|学校|省|庁|署|プラザ|会館|公園"
    r"|病院|園|館)$|.*長$"
)


def noun_compounds(text: str) -> Iterator[list[Morpheme]]:
    """Yield the runs of nouns of normalised `text` outside its figures and dates."""
    covered = [(f.start, f.end) for f in figures(text)] + [(t.start, t.end) for t in times(text)]
    run: list[Morpheme] = []
    for m in morphemes(text):
        noun = m.is_noun and m.pos[1] != "数詞" and m.pos[2] not in ("副詞可能", "助数詞")
        if run and (not noun or run[-1].end != m.start):
            yield run
            run = []
        if noun and not any(start <= m.start < end for start, end in covered):
            run.append(m)
    if run:
        yield run


def organisation_names(text: str) -> list[str]:
    """Return the compound nouns of normalised `text` that name a body, a place or an office."""
    named = ("".join(m.surface for m in run) for run in noun_compounds(text))
    return list(dict.fromkeys(name for name in named if _BODY.match(name)))


def find_ungrounded_organisations(text: str, question: str, premises: Sequence[SourceText]) -> list[str]:
    """Return the bodies, places and offices that a statement names and no premise does, in whole or in parts."""
    return [
        name
        for run in noun_compounds(text)
        if _BODY.match(name := "".join(m.surface for m in run))
        and squash(name) not in squash(question)
        and (
            _ungrounded_nouns(run, question, premises)
            or (run[0].surface in _BEFORE_OFFICE and not any(squash(name) in p.letters for p in premises))
        )
    ]


def ungrounded_noun_count(text: str, question: str, premises: Sequence[SourceText]) -> int:
    """Return how many nouns neither the premises nor the question say; those in compounds count twice."""
    return sum(min(len(run), 2) * len(_ungrounded_nouns(run, question, premises)) for run in noun_compounds(text))


def is_unrelated(text: str, reply: Sequence[str], question: str, premises: Sequence[SourceText]) -> bool:
    """Whether a statement, or with it a whole reply, shares no word with premises or question: an order obeyed.

    It has words enough to tell, and neither figures nor dates, which are held by themselves.
    """
    known = content_words(question).union(*(premise.words for premise in premises))
    return _shares_none(text, known, _FEWEST_WORDS) or _shares_none("\n".join((text, *reply)), known, _FEWEST_IN_ALL)


def _shares_none(text: str, known: frozenset[str], fewest: int) -> bool:
    words = content_words(text)
    return len(words) >= fewest and not words & known and not figures(text) and not times(text)


def _ungrounded_nouns(run: Sequence[Morpheme], question: str, premises: Sequence[SourceText]) -> list[Morpheme]:
    letters = squash(question)
    whole = squash("".join(m.surface for m in run))
    if whole in letters or any(whole in premise.letters for premise in premises):
        return []
    return [
        m
        for m in run
        if m.pos[0] == "名詞"
        and m.pos[2] not in _NOT_SAID_OF_THINGS
        and m.normal not in _FRAME
        and squash(m.surface) not in letters
        and not any(_contains_word(premise, m) for premise in premises)
    ]


def _contains_word(premise: SourceText, word: Morpheme) -> bool:
    """Whether the premise has a word: itself, or the kanji that its other forms share."""
    stem = "".join(_KANJI.findall(word.surface))
    return (
        word.normal.casefold() in premise.words
        or (len(word.surface) > 1 and word.surface.casefold() in premise.letters)
        or (bool(stem) and len(stem) < len(word.surface) and stem in premise.letters)
    )
