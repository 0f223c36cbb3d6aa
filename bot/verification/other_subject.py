"""Figures of a sentence that its source gives to another subject: another row, class, venue or year."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from bot.verification.hypothesis import Hypothesis
from bot.verification.predicates import predicates
from bot.verification.source_text import Clause, squash
from ingest.japanese.tokenise import morphemes

_MEASURE = re.compile(r"(?<!\d)(?P<n>\d+(?:[.,]\d+)*)(?P<unit>[年月日時分円人組歳回台点個枚件校戸世階号級割%])")
_COMPARES = re.compile(r"より|比べ|翌|前年|増え|減り|以上|未満|足り|[上下]回|目標")
_OF_DATES = frozenset("年月日時分")


def sentence_of(clause: Clause) -> str:
    """Return the sentence that a clause stands in, with the headings over it."""
    return "\n".join((clause.line, *clause.heads))


def given_to_another(h: Hypothesis) -> Iterator[str]:
    """Yield the figures told of what has another figure of the unit in the source, or of one another's things.

    The quotes anchor what is read as the figure's own clause: a statement without any yields nothing.
    """
    if not h.quotes or _COMPARES.search(h.text):
        return
    clauses = [c for p in h.cited for c in p.clauses]
    told = list(_MEASURE.finditer(h.text))
    for m in told:
        if m["unit"] == "年" and h.text[m.end() :].startswith(("生", "前", "間", "目", "後")):
            continue
        own = [c for c in clauses if _value(m) in _measures(c.text) and _is_quoted(c, h.quotes)]
        rivals = [c for c in clauses if _others(m, c) and _value(m) not in _measures(c.text)]
        topic, ends = _topic(h.text, m.start())
        words, said = topic | _labels(h.text, m), _measures(h.text[ends:])
        if (
            m["unit"] not in "年月"
            and own
            and any(_fits_better(words, r, own) for r in rivals if not _others(m, r) & said)
        ) or any(_is_swapped(m, other, clauses, h.text) for other in told if other["unit"] == m["unit"]):
            yield m[0]


def _is_swapped(one: re.Match[str], other: re.Match[str], clauses: Sequence[Clause], text: str) -> bool:
    """Whether each of two figures is told with the words that the other stands with."""
    if _value(one) == _value(other):
        return False
    mine, theirs = ([c for c in clauses if _value(m) in _measures(c.line)] for m in (one, other))
    mine = [c for c in mine if _value(other) not in _measures(c.text)]
    theirs = [c for c in theirs if _value(one) not in _measures(c.text)]
    near = (
        [c for c in mine if _value(one) in _measures(c.text)],
        [c for c in theirs if _value(other) in _measures(c.text)],
    )
    if not all(near):
        return False
    words = [_labels(text, m) | _part_words(text, m) for m in (one, other)]
    own, others = words[0] - words[1], words[1] - words[0]
    return all(any(_line_fits(own, t, m) for t in near[1]) for m in near[0]) and all(
        any(_line_fits(others, m, t) for m in near[0]) for t in near[1]
    )


def _line_fits(words: frozenset[str], one: Clause, other: Clause) -> bool:
    """Whether a clause, or its sentence where the other's is another, has more of the words than another clause."""
    if one.line == other.line:
        return words & _words(one) > words & _words(other)
    return words & _line_words(one) > words & _line_words(other)


@lru_cache(maxsize=4096)
def _words(clause: Clause) -> frozenset[str]:
    text = "\n".join((clause.text, *clause.heads))
    return frozenset(p.key for p in predicates(text)) | {f"{n}{unit}" for n, unit in _measures(text)}


@lru_cache(maxsize=4096)
def _line_words(clause: Clause) -> frozenset[str]:
    return frozenset(p.key for p in predicates(sentence_of(clause))) | {
        f"{n}{unit}" for n, unit in _measures(sentence_of(clause))
    }


def _fits_better(words: frozenset[str], rival: Clause, own: Sequence[Clause]) -> bool:
    """Whether a clause has the words that each of the others has, and more, and no sentence of theirs has these."""
    more = words & _words(rival)
    return all(words & _words(c) < more for c in own) and not any(
        c.line != rival.line and more <= _line_words(c) for c in own
    )


@lru_cache(maxsize=1024)
def _topic(text: str, end: int) -> tuple[frozenset[str], int]:
    """Return the words of the last noun phrase before `end` that は, が or も makes the subject, and where it ends."""
    read = [m for m in morphemes(text) if m.end <= end]
    for at in range(len(read) - 1, 0, -1):
        if read[at].pos[0] == "助詞" and read[at].surface in ("は", "が", "も"):
            last = at - 1
            while last and read[last].pos[0] == "助詞":
                last -= 1
            if read[last].is_noun:
                start = max((m.end for m in read[:last] if m.surface in ("、", "。", "は")), default=0)
                return frozenset(p.key for p in predicates(text[start : read[last].end])), read[at].end
    return frozenset(), 0


def _span(text: str, m: re.Match[str]) -> tuple[int, int]:
    """Return where the part of a sentence between commas that holds a figure starts and ends."""
    end = text.find("、", m.end())
    return text.rfind("、", 0, m.start()) + 1, len(text) if end < 0 else end


def _labels(text: str, m: re.Match[str]) -> frozenset[str]:
    """Return the figures of other units that stand before a figure in its part of the sentence: its year, its class."""
    if m["unit"] in _OF_DATES:
        return frozenset()
    start, _ = _span(text, m)
    before = _measures(text[start : m.start()])
    return frozenset(f"{n}{unit}" for n, unit in before if unit != m["unit"])


def _part_words(text: str, m: re.Match[str]) -> frozenset[str]:
    start, end = _span(text, m)
    return frozenset(p.key for p in predicates(text) if start <= p.start < end)


def _value(m: re.Match[str]) -> tuple[str, str]:
    return m["n"].replace(",", ""), m["unit"]


@lru_cache(maxsize=8192)
def _measures(text: str) -> frozenset[tuple[str, str]]:
    return frozenset(_value(m) for m in _MEASURE.finditer(text))


def _others(m: re.Match[str], clause: Clause) -> set[tuple[str, str]]:
    """Return the other figures of the unit in a clause."""
    return {one for one in _measures(clause.text) if one[1] == m["unit"] and one != _value(m)}


def _is_quoted(clause: Clause, quotes: Sequence[str]) -> bool:
    own = squash(clause.text)
    return any(own in squash(q) or squash(q) in squash(clause.line) for q in quotes)
