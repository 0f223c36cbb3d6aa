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
# Characters reserved for the message that an excerpt is cut.
_CUT = 32
# A line in which a document names its own source, as under a table.
_SOURCE_LINE = re.compile(r"[(（]\s*(?:出典|資料|出所)\s*[:：].*[)）]")

# A postal address, telephone number or e-mail address.
_REACHED_BY = re.compile(r"〒|\d{2,5}-\d{1,4}-\d{3,4}|電話|FAX|@|丁目|番地|\d番\d")


@dataclass(frozen=True, slots=True)
class Place:
    """A passage to show, and its units with the probability that each answers."""

    passage: Passage
    units: Sequence[Unit]


@dataclass(frozen=True, slots=True)
class Snippet:
    """The part `text[start:end]` of a passage that is shown, with the answering part `best`.

    `goes_on` tells whether the answering sentence or list (`of_list`) is cut at the start and at the end.
    """

    start: int
    end: int
    best: tuple[int, int]
    goes_on: tuple[bool, bool] = (False, False)
    of_list: bool = False


def select_snippet(place: Place, query: Query | None, longest: int, most: int) -> Snippet:
    """Return the units around the best one, extended by the better neighbour while they fit in `longest`.

    A list is one unit with its introduction, up to `most` characters where the question asks for a list; a longer list
    is cut between items. The best unit is complete up to `most` characters and otherwise cut between clauses. A passage
    without units is one unit.
    """
    text = place.passage.text
    told = _units_without_captions(place, query) or (Unit(0, len(text), 1.0),)
    parts = item_spans(text, [(unit.start, unit.end) for unit in told])
    lists, told = find_lists(text, parts), _merge_units(told, [part for part in parts if part[1] - part[0] <= longest])
    begin, best = _answer_span(text, told, lists, query, longest // 2)
    max_list = min(most, LONGEST) if query and query.asks_for_list else longest
    lists_of_best = (each for each in lists if each.lead <= best[0] and best[1] <= each.end)
    cut_list = next((each for each in lists_of_best if each.end - each.start > max_list), None)
    others = [each for each in lists if each is not cut_list]
    units = _merge_units(
        told, [(each.lead if each.end - each.lead <= max_list else each.start, each.end) for each in others]
    )
    first = next(i for i, unit in enumerate(units) if unit.end > begin)
    if units[first].end - units[first].start > max(longest, most):
        start, end = _select_clauses(text[slice(*best)], query.terms if query else (), longest - _CUT)
        start, end = best[0] + start, best[0] + end
        return Snippet(start, end, (start, end), (start > best[0], end < best[1]))
    first, last = _grow_span(units, first, longest - _CUT if cut_list else longest, best[1])
    start, end = units[first].start, units[last].end
    following = next((each for each in lists if last + 1 < len(units) and each.end == units[last + 1].end), None)
    if ends := [item[1] for item in (following.items if following else ()) if end < item[1] <= start + longest - _CUT]:
        cut_list, end = following, ends[-1]
    goes_on = (cut_list.start < start, end < cut_list.end) if cut_list else (False, False)
    answer = (max(best[0], start), min(best[1], end))
    return Snippet(start, end, answer if answer[0] < answer[1] else (start, end), goes_on, cut_list is not None)


def _grow_span(units: Sequence[Unit], first: int, longest: int, until: int) -> tuple[int, int]:
    """Return the first and last unit after extending to `until` and then by the better neighbour."""
    last = first
    while True:
        around = [i for i in (last + 1, first - 1) if 0 <= i < len(units)]
        fitting = [i for i in around if units[max(i, last)].end - units[min(i, first)].start <= longest]
        if not fitting:
            return first, last
        nearer = max(fitting, key=lambda i: (i > last and units[last].end < until, units[i].probability))
        first, last = min(first, nearer), max(last, nearer)


def _merge_units(units: Sequence[Unit], parts: Sequence[tuple[int, int]]) -> list[Unit]:
    """Return the units, with those inside each of the `parts` merged."""
    joined = list(units)
    for start, end in parts:
        inside = [unit for unit in joined if start <= unit.start and unit.end <= end]
        place = joined.index(inside[0])
        joined[place : place + len(inside)] = [Unit(start, end, max(unit.probability for unit in inside))]
    return joined


def _answer_span(
    text: str, units: Sequence[Unit], lists: Sequence[TextList], query: Query | None, most: int
) -> tuple[int, tuple[int, int]]:
    """Return where the snippet begins, and the span of the answer: the requested list or item, else the best unit.

    A list with the requested number of items is preferred where it or the text after it has a word of the question. It
    begins with its introduction where that and the first item fit in `most` characters.
    """
    best = max(units, key=lambda unit: unit.probability)
    of_best = next((each for each in lists if each.lead <= best.start and best.end <= each.end), None)
    if query and query.asks_for_list:
        terms = {term.text for term in query.terms if not term.is_interrogative}
        lists_of_size = [each for each in lists if len(each.items) == query.member_count]
        ends = {each: next((unit.end for unit in units if unit.start >= each.end), each.end) for each in lists_of_size}
        matching = (each for each in lists_of_size if terms & set(words(text[each.lead : ends[each]])))
        if chosen := of_best if of_best in lists_of_size else next(matching, of_best):
            has_introduction = chosen.items[0][1] - chosen.lead <= most
            return chosen.lead if has_introduction else chosen.start, (chosen.start, chosen.end)
    members, question = of_best.items if of_best else (), query.text if query else ""
    named = [item for item in members if (name := item_name(text[slice(*item)])) and nfkc(name) in question]
    start, end = named[0] if len(named) == 1 else (best.start, best.end)
    return start, (start, end)


def _units_without_captions(place: Place, query: Query | None) -> Sequence[Unit]:
    """Return the units without source captions and words in figures.

    The words of a figure stay where it has a word of the question, the best unit or a contact, where the question asks
    for a list, or where nothing else is left.
    """
    text, asked = (
        place.passage.text,
        {term.text for term in query.terms if not term.is_interrogative} if query else set(),
    )
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
    """Return the span of the clauses with most of the question's terms.

    It grows within the sentence first, and forwards on a tie, where the predicate is. A clause that is too long is cut.
    """
    bounds, sentence_numbers = clause_spans(sentence)
    weights = {term.text: term.weight for term in terms}
    scores = [sum(weights.get(word, 0.0) for word in set(words(sentence[slice(*each)]))) for each in bounds]
    best = first = last = scores.index(max(scores))
    while True:
        around = [i for i in (last + 1, first - 1) if 0 <= i < len(bounds)]
        fitting = [i for i in around if bounds[max(i, last)][1] - bounds[min(i, first)][0] <= longest]
        if not fitting:
            return bounds[first][0], min(bounds[last][1], bounds[first][0] + longest)
        nearer = max(fitting, key=lambda i: (sentence_numbers[i] == sentence_numbers[best], scores[i]))
        first, last = min(first, nearer), max(last, nearer)
