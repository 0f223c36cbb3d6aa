"""Selects the snippet of a passage: whole units around the best one, or clauses of a long one."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.question.query import Query, Term
from bot.state import Unit
from ingest.documents import Passage
from ingest.japanese import nfkc
from ingest.japanese.sentences import clause_spans
from ingest.japanese.tokenise import words
from ingest.structure.lists import TextList, figure_word_spans, find_lists, item_name, item_spans

LONGEST = 240
"""Characters of an excerpt."""
# Characters that say of a sentence that it is cut.
_CUT = 32
# A line in which a document names its own source, as under a table.
_SOURCE_LINE = re.compile(r"[(（]\s*(?:出典|資料|出所)\s*[:：].*[)）]")

# An address or a number at which somebody is reached.
_REACHED_BY = re.compile(r"〒|\d{2,5}-\d{1,4}-\d{3,4}|電話|FAX|@|丁目|番地|\d番\d")


@dataclass(frozen=True, slots=True)
class Place:
    """A passage to show, and its units with the probability that each answers."""

    passage: Passage
    units: Sequence[Unit]


@dataclass(frozen=True, slots=True)
class Snippet:
    """The part `text[start:end]` of a passage that is shown, and where in it that stands which answers, `best`.

    `goes_on` tells whether what answers began before `start`, and whether it ends behind `end`: a sentence, or the
    list that is shown in part (`of_list`).
    """

    start: int
    end: int
    best: tuple[int, int]
    goes_on: tuple[bool, bool] = (False, False)
    of_list: bool = False


def select_snippet(place: Place, query: Query | None, longest: int, most: int) -> Snippet:
    """Return where the whole units around the best one begin and end, grown by the better neighbour while they fit.

    A list is one unit with what leads it where it fits, into `most` characters where a list is asked for; of one that
    does not fit these are whole items, behind other units the first ones. The best unit is shown whole up to `most`
    characters; a longer one is cut between its clauses. A passage without units is one.
    """
    text = place.passage.text
    told = _units_without_captions(place, query) or (Unit(0, len(text), 1.0),)
    parts = item_spans(text, [(unit.start, unit.end) for unit in told])
    found, told = find_lists(text, parts), _merge_units(told, [part for part in parts if part[1] - part[0] <= longest])
    begin, best = _answer_span(text, told, found, query, longest // 2)
    whole = min(most, LONGEST) if query and query.asks_for_list else longest
    of_best = (one for one in found if one.lead <= best[0] and best[1] <= one.end)
    broken = next((one for one in of_best if one.end - one.start > whole), None)
    kept = [one for one in found if one is not broken]
    units = _merge_units(told, [(one.lead if one.end - one.lead <= whole else one.start, one.end) for one in kept])
    first = next(i for i, unit in enumerate(units) if unit.end > begin)
    if units[first].end - units[first].start > max(longest, most):
        start, end = _select_clauses(text[slice(*best)], query.terms if query else (), longest - _CUT)
        start, end = best[0] + start, best[0] + end
        return Snippet(start, end, (start, end), (start > best[0], end < best[1]))
    first, last = _grow_span(units, first, longest - _CUT if broken else longest, best[1])
    start, end = units[first].start, units[last].end
    behind = next((one for one in found if last + 1 < len(units) and one.end == units[last + 1].end), None)
    if ends := [item[1] for item in (behind.items if behind else ()) if end < item[1] <= start + longest - _CUT]:
        broken, end = behind, ends[-1]
    goes_on = (broken.start < start, end < broken.end) if broken else (False, False)
    shown = (max(best[0], start), min(best[1], end))
    return Snippet(start, end, shown if shown[0] < shown[1] else (start, end), goes_on, broken is not None)


def _grow_span(units: Sequence[Unit], first: int, longest: int, until: int) -> tuple[int, int]:
    """Return the first and last unit of a stretch, grown to what answers (`until`), then by the better neighbour."""
    last = first
    while True:
        around = [i for i in (last + 1, first - 1) if 0 <= i < len(units)]
        fitting = [i for i in around if units[max(i, last)].end - units[min(i, first)].start <= longest]
        if not fitting:
            return first, last
        nearer = max(fitting, key=lambda i: (i > last and units[last].end < until, units[i].probability))
        first, last = min(first, nearer), max(last, nearer)


def _merge_units(units: Sequence[Unit], parts: Sequence[tuple[int, int]]) -> list[Unit]:
    """Return the units, those within each of the `parts` as one."""
    joined = list(units)
    for start, end in parts:
        inside = [unit for unit in joined if start <= unit.start and unit.end <= end]
        place = joined.index(inside[0])
        joined[place : place + len(inside)] = [Unit(start, end, max(unit.probability for unit in inside))]
    return joined


def _answer_span(
    text: str, units: Sequence[Unit], found: Sequence[TextList], query: Query | None, most: int
) -> tuple[int, tuple[int, int]]:
    """Return where to begin, and where what answers stands: the list or the item asked for, else the best unit.

    A list of as many items as are asked for goes before that of the best unit where it, or what stands behind it, has a
    word of the question. It begins with its lead where that and the first item take no more than `most` characters.
    """
    best = max(units, key=lambda unit: unit.probability)
    of_best = next((one for one in found if one.lead <= best.start and best.end <= one.end), None)
    if query and query.asks_for_list:
        terms = {term.text for term in query.terms if not term.asks}
        of_number = [one for one in found if len(one.items) == query.members]
        behind = {one: next((unit.end for unit in units if unit.start >= one.end), one.end) for one in of_number}
        alike = (one for one in of_number if terms & set(words(text[one.lead : behind[one]])))
        if listed := of_best if of_best in of_number else next(alike, of_best):
            led = listed.items[0][1] - listed.lead <= most
            return listed.lead if led else listed.start, (listed.start, listed.end)
    members, asked = of_best.items if of_best else (), query.text if query else ""
    named = [item for item in members if (name := item_name(text[slice(*item)])) and nfkc(name) in asked]
    start, end = named[0] if len(named) == 1 else (best.start, best.end)
    return start, (start, end)


def _units_without_captions(place: Place, query: Query | None) -> Sequence[Unit]:
    """Return the units but for lines in which the document names its own source, and the words of figures.

    Of a figure that has a word of the question, the best unit or a way to reach somebody, all stays; so do figures
    where a list is asked for, and all where nothing else is there.
    """
    text, asked = place.passage.text, {term.text for term in query.terms if not term.asks} if query else set()
    best = max(place.units, key=lambda unit: unit.probability, default=None)
    aside = [
        span
        for span in figure_word_spans(text, [(unit.start, unit.end) for unit in place.units])
        if best
        and not (query and query.asks_for_list)
        and not span[0] <= best.start < span[1]
        and not (asked & set(words(shown := text[slice(*span)])) or _REACHED_BY.search(nfkc(shown)))
    ]
    sourced = [unit for unit in place.units if not _SOURCE_LINE.fullmatch(text[unit.start : unit.end])]
    return [unit for unit in sourced if not any(start <= unit.start < end for start, end in aside)] or place.units


def _select_clauses(sentence: str, terms: Sequence[Term], longest: int) -> tuple[int, int]:
    """Return where the clauses of a text that hold most of the question's terms begin and end.

    They grow within their sentence first, and rather forward, where the predicate stands. A clause that is too long
    itself is cut where the room ends.
    """
    bounds, of = clause_spans(sentence)
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
