"""Words of a statement that its premises do not say: how many, of what kind, and how far they are from what is said."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.claims.figures import figures
from bot.claims.premise import Premise, content_words, squash
from bot.claims.times import times
from ingest.tokenise import LIGHT_WORDS, Morpheme, morphemes
from ingest.words import shipped

_KANJI = re.compile("[一-龥々]")
# Nouns in which an answer speaks of its source, or sets two things side by side, rather than with it.
_FRAME_TEXT = """
方 差 違い 同じ 次 記載 資料 説明 合計 内訳 計算 述べる 答弁 紹介 人 対象 場合 目標 実績 上 下 内 中 者 等 名称 内容
現在 時点 市 可能 御 お
"""
_FRAME = frozenset(_FRAME_TEXT.split())
_NOT_SAID_OF_THINGS = frozenset({"副詞可能", "助数詞可能", "助数詞"})
_FEWEST_WORDS = 2
_BEFORE_OFFICE = frozenset("副前元新旧")
# What a body, a place, an office is called by its last word.
_BODY = re.compile(
    r".{2,}(?:課|部|局|室|係|会議|本部|委員会|審議会|協議会|センター|財団|公社|法人|会社|大学|学校|省|庁|署|プラザ|会館|公園"
    r"|病院|園|館)$|.*長$"
)


class Said:
    """What premises say: their letters, their words, and the directions of these in the space of word vectors."""

    def __init__(self, premises: Sequence[Premise], question: str = "") -> None:
        self.letters = "".join(premise.letters for premise in premises)
        self.words = frozenset[str]().union(*(premise.words for premise in premises))
        self.question = squash(question)
        self._directions = _directions(self.words)

    def support(self, word: Morpheme) -> float:
        """Return how far a word is said (0 to 1): by itself, by its kanji, or by the nearest in meaning."""
        normal = word.normal.casefold()
        stem = "".join(_KANJI.findall(word.surface))
        if normal in self.words or (len(word.surface) > 1 and word.surface.casefold() in self.letters):
            return 1.0
        if stem and len(stem) < len(word.surface) and stem in self.letters:
            return 1.0
        direction = _direction(normal)
        return 0.0 if direction is None else float(max(0.0, (self._directions @ direction).max()))


@lru_cache(maxsize=32768)
def _direction(word: str) -> NDArray[Any] | None:
    vectors = shipped()
    row = vectors.terms.get(word)
    if row is None:
        return None
    vector = vectors.vectors[row].astype(np.float32)
    return np.asarray(vector / (np.linalg.norm(vector) or 1.0))


@lru_cache(maxsize=1024)
def _directions(words: frozenset[str]) -> NDArray[Any]:
    found = [direction for word in sorted(words) if (direction := _direction(word)) is not None]
    return np.array(found) if found else np.zeros((1, shipped().dimension), np.float32)


def compounds(text: str) -> Iterator[list[Morpheme]]:
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


def bodies(text: str) -> list[str]:
    """Return the compound nouns of normalised `text` that name a body, a place or an office."""
    named = ("".join(m.surface for m in run) for run in compounds(text))
    return list(dict.fromkeys(name for name in named if _BODY.match(name)))


def foreign_bodies(text: str, said: Said) -> list[str]:
    """Return the bodies, places and offices that a statement names and no premise does, in whole or in parts."""
    found = []
    for run in compounds(text):
        name = "".join(m.surface for m in run)
        other_office = run[0].surface in _BEFORE_OFFICE and squash(name) not in said.letters
        if _BODY.match(name) and squash(name) not in said.question and (other_office or _foreign(run, said)):
            found.append(name)
    return found


def foreign_nouns(text: str, said: Said) -> tuple[float, float]:
    """Return how much the nouns say that no premise does, near or far in meaning, and how many are parts of compounds.

    What the question says is asked for, and no news.
    """
    total, in_compounds = 0.0, 0.0
    for run in compounds(text):
        missing = _foreign(run, said)
        total += sum(1 - said.support(m) for m in missing)
        in_compounds += len(missing) if len(run) > 1 else 0
    return total, in_compounds


def _foreign(run: Sequence[Morpheme], said: Said) -> list[Morpheme]:
    whole = squash("".join(m.surface for m in run))
    if whole in said.letters or whole in said.question:
        return []
    return [
        m
        for m in run
        if m.pos[0] == "名詞"
        and m.pos[2] not in _NOT_SAID_OF_THINGS
        and m.normal not in LIGHT_WORDS | _FRAME
        and squash(m.surface) not in said.question
        and said.support(m) < 1
    ]


def foreign_share(text: str, said: Said) -> float:
    """Return by how much the words that no premise says, nor the question, outnumber the others (0 to 1)."""
    words = [m for m in morphemes(text) if m.pos[0] in ("名詞", "動詞", "形容詞") and _tells(m)]
    foreign = [m for m in words if said.support(m) < 1 and squash(m.surface) not in said.question]
    return max(0.0, 2 * len(foreign) / len(words) - 1) if len(words) >= _FEWEST_WORDS else 0.0


def asked_not_said(text: str, said: Said) -> float:
    """Return how much of the statement only the question says, and no premise: told of what was asked."""
    words = [m for m in morphemes(text) if m.is_noun and squash(m.surface) in said.question and _tells(m)]
    return sum(1 - said.support(m) for m in words)


def _tells(m: Morpheme) -> bool:
    return m.pos[1] not in ("数詞", "非自立可能") and m.normal not in LIGHT_WORDS | _FRAME and not m.surface.isdigit()


def lines_for(text: str, around: str, premises: Sequence[Premise], most: int = 2) -> list[str]:
    """Return the lines of the premises that share most words with the statement, and with what stands around it."""
    wanted, also = content_words(text), content_words(around)
    scored: dict[str, float] = {}
    for premise in premises:
        for clause in premise.clauses:
            line, heads = content_words(clause.line), content_words(" ".join(clause.heads))
            near = sum(map(_weight, wanted & line)) + 0.5 * sum(map(_weight, (wanted & heads) - line))
            score = near + 0.3 * sum(map(_weight, (also - wanted) & (line | heads)))
            scored[clause.line] = max(score, scored.get(clause.line, 0.0))
    best = sorted(scored, key=lambda line: -scored[line])[:most]
    return [line for line in best if scored[line] > 0]


@lru_cache(maxsize=32768)
def _weight(word: str) -> float:
    """Return how much a word counts in general Japanese: the length of its vector, 1 where it is unknown."""
    vectors = shipped()
    row = vectors.terms.get(word)
    return 1.0 if row is None else float(np.linalg.norm(vectors.vectors[row].astype(np.float32)))
