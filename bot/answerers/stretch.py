"""What of a passage is shown: whole units around the best one, as far as there is room, or clauses of a long one."""

import re
from collections.abc import Sequence
from itertools import accumulate, pairwise

from bot.query.query import Term
from bot.reader import ReadPassage, Unit
from ingest.tokenise import words

LONGEST = 240
"""Characters of an excerpt."""
# How an item of a list begins: with a mark, which is no letter and opens no bracket.
_ITEM = re.compile(r"\s*[^\w\s「『(（【]")
# Where a text may be cut: behind a comma that is none of a figure, a sentence, a line, and before a mark of a list.
_CLAUSE, _END = re.compile(r"[、。\n]|[,，](?!\d)|\s(?=[○◯●◎・•➢⚫■□◆◇▪])"), "。\n"
# Characters that say of a sentence that it is cut.
_CUT = 32
# A line in which a document names its own source, as under a table.
_SOURCE_LINE = re.compile(r"[(（]\s*(?:出典|資料|出所)\s*[:：].*[)）]")


def stretch(read: ReadPassage, terms: Sequence[Term], longest: int, most: int) -> tuple[int, int]:
    """Return where the whole units around the best one begin and end, grown by the better neighbour while they fit.

    Of a list these are whole items. The best unit is shown whole up to `most` characters; a longer one is cut between
    its clauses. A passage without units is one.
    """
    units = _items(read, longest) or (Unit(0, len(read.hit.passage.text), 1.0),)
    first = last = units.index(max(units, key=lambda unit: unit.probability))
    if _length(units, first, last) > max(longest, most):
        start, end = _clauses(read.hit.passage.text[units[first].start : units[first].end], terms, longest - _CUT)
        return units[first].start + start, units[first].start + end
    while True:
        around = [i for i in (first - 1, last + 1) if 0 <= i < len(units)]
        fitting = [i for i in around if _length(units, min(i, first), max(i, last)) <= longest]
        if not fitting:
            return units[first].start, units[last].end
        nearer = max(fitting, key=lambda i: units[i].probability)
        first, last = min(first, nearer), max(last, nearer)


def telling(read: ReadPassage) -> Sequence[Unit]:
    """Return the units without the lines in which the document names its own source, where others are there."""
    text = read.hit.passage.text
    return [unit for unit in read.units if not _SOURCE_LINE.fullmatch(text[unit.start : unit.end])] or read.units


def _items(read: ReadPassage, longest: int) -> Sequence[Unit]:
    """Return the units, those of one item of a list together; an item that is too long stays in its sentences."""
    if read.hit.passage.kind != "list":
        return telling(read)
    text, items = read.hit.passage.text, list[Unit]()
    for unit in telling(read):
        before = items[-1] if items else unit
        joins = _ITEM.match(text, before.start) and "\n" not in text[before.end : unit.start]
        if items and joins and unit.end - before.start <= longest:
            items[-1] = Unit(before.start, unit.end, max(before.probability, unit.probability))
        else:
            items.append(unit)
    return items


def _clauses(sentence: str, terms: Sequence[Term], longest: int) -> tuple[int, int]:
    """Return where the clauses of a text that hold most of the question's terms begin and end.

    They grow within their sentence first, and rather forward, where the predicate stands. A clause that is too long
    itself is cut where the room ends.
    """
    ends = [match.end() for match in _CLAUSE.finditer(sentence)]
    bounds = list(pairwise([0, *ends, *([] if ends[-1:] == [len(sentence)] else [len(sentence)])]))
    of = list(accumulate((sentence[end - 1] in _END for _, end in bounds), initial=0))  # which sentence each is in
    weights = {term.text: term.weight for term in terms}
    held = [sum(weights.get(word, 0.0) for word in set(words(sentence[slice(*each)]))) for each in bounds]
    best = first = last = held.index(max(held))
    while True:
        around = [i for i in (last + 1, first - 1) if 0 <= i < len(bounds)]
        fitting = [i for i in around if bounds[max(i, last)][1] - bounds[min(i, first)][0] <= longest]
        if not fitting:
            return bounds[first][0], min(bounds[last][1], bounds[first][0] + longest)
        nearer = max(fitting, key=lambda i: (of[i] == of[best], held[i]))
        first, last = min(first, nearer), max(last, nearer)


def _length(units: Sequence[Unit], first: int, last: int) -> int:
    return units[last].end - units[first].start
