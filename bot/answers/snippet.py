"""Selects the snippet of a passage: complete units around the best one, or clauses of a long one.

A snippet begins with the answer; what precedes it in the passage is shown after it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.answers.length_budget import TARGET_EXCERPT_LENGTH, LengthBudget
from bot.question.query import Query, Term
from bot.state import Unit
from ingest.documents import Passage
from ingest.japanese import nfkc
from ingest.japanese.effective_times import find_in_force, reference_date, segments_by_time
from ingest.japanese.sentences import clause_spans
from ingest.japanese.tokenise import words
from ingest.structure.lists import TextList, figure_word_spans, find_lists, item_name, item_spans

# Characters of the message that an excerpt is truncated.
_TRUNCATION_MESSAGE_LENGTH = 32
# Characters of the line over the text that precedes the answer, with its citation mark.
_PRECEDING_LINE_LENGTH = 10
# A text before the answer that is no longer stays before it: a label or the start of a list.
_MAX_LABEL_LENGTH = 20
# A list begins with its introduction if the answering item ends within this many characters.
_MAX_LENGTH_TO_ITEM = 180
# A unit that limits the one before it.
_LIMITATION = re.compile(r"\s*(?:ただし|但し|なお|※|[(（]?注)")
# A line in which a document names its own source, for example under a table.
_SOURCE_CAPTION = re.compile(r"[(（]\s*(?:出典|資料|出所)\s*[:：].*[)）]")

# A postal address, telephone number or e-mail address.
_CONTACT = re.compile(r"〒|\d{2,5}-\d{1,4}-\d{3,4}|電話|FAX|@|丁目|番地|\d番\d")


@dataclass(frozen=True, slots=True)
class Place:
    """A passage to show and its units, each with the probability that it answers."""

    passage: Passage
    units: Sequence[Unit]


@dataclass(frozen=True, slots=True)
class Snippet:
    """The part `text[start:end]` of a passage that is shown: from `begin` on, then what is before it.

    Attributes:
        begin: where the answering sentence, item or list starts, with its label.
        answer: the start and end of the answering part.
        is_truncated: whether the answering sentence or list lacks its start, and its end.
        is_list: whether it is a list that is truncated.
    """

    start: int
    begin: int
    end: int
    answer: tuple[int, int]
    is_truncated: tuple[bool, bool] = (False, False)
    is_list: bool = False


def select_snippet(place: Place, query: Query | None, budget: LengthBudget) -> Snippet:
    """Return the best unit, extended by what limits it and the better neighbour while the snippet fits.

    A list is one unit with its introduction; one that is too long is truncated between items. The best unit may take
    all available characters, and a longer one is truncated between clauses. A passage without units is one unit.
    """
    text, max_length = place.passage.text, budget.target
    units = _units_without_captions(place, query) or (Unit(0, len(text), 1.0),)
    items = item_spans(text, [(unit.start, unit.end) for unit in units])
    lists = find_lists(text, items)
    units = _merge_units(units, [(start, end) for start, end in items if end - start <= max_length])
    begin, answer = _answer_span(text, units, lists, query, max_length // 2)
    asks_for_list = query is not None and query.asks_for_list
    max_list_length = min(budget.available, TARGET_EXCERPT_LENGTH) if asks_for_list else max_length
    truncated = next(
        (text_list for text_list in _lists_around(lists, *answer) if text_list.end - text_list.start > max_list_length),
        None,
    )
    complete = [
        (text_list.lead if text_list.end - text_list.lead <= max_list_length else text_list.start, text_list.end)
        for text_list in lists
        if text_list is not truncated
    ]
    units = _merge_units(units, complete)
    first = next(i for i, unit in enumerate(units) if unit.end > begin)
    max_truncated_length = max_length - _TRUNCATION_MESSAGE_LENGTH
    if units[first].end - units[first].start > budget.limit:
        return _truncate_sentence(text, answer, query, max_truncated_length)
    best = units[first]
    limits = (max_truncated_length if truncated else max_length, budget.share)
    first, last = _grow_span(text, units, first, limits, answer[1])
    start, end = units[first].start, units[last].end
    # The first items of a list after the snippet are shown too, if there is room.
    following = next(
        (text_list for text_list in lists if last + 1 < len(units) and text_list.end == units[last + 1].end), None
    )
    if following and (ends := [item[1] for item in following.items if end < item[1] <= start + max_truncated_length]):
        truncated, end = following, ends[-1]
    is_truncated = (truncated.start < start, end < truncated.end) if truncated else (False, False)
    shown_answer = (max(answer[0], start), min(answer[1], end))
    has_answer = shown_answer[0] < shown_answer[1]
    shown_answer = shown_answer if has_answer else (best.start, best.end)
    is_item = answer[1] > best.start + _MAX_LENGTH_TO_ITEM and not asks_for_list
    shown_from = _begin_with_label(text, start, shown_answer[0] if is_item else max(best.start, start))
    in_force = _find_in_force(place.passage, shown_answer, query) if query and not asks_for_list else shown_answer
    return Snippet(start, shown_from, end, in_force, is_truncated, truncated is not None)


def _find_in_force(passage: Passage, answer: tuple[int, int], query: Query) -> tuple[int, int]:
    """Return the part of the answer for the day that is asked for: of これまで300円、4月から350円 one of both."""
    text = nfkc(part := passage.text[slice(*answer)])
    if len(text) != len(part):  # the positions would differ
        return answer
    segments = segments_by_time(text, reference_date(passage.path, query.scope.as_of))
    at = find_in_force([time for _, _, time in segments], query.scope.as_of)
    return (answer[0] + segments[at][0], answer[0] + segments[at][1]) if at is not None else answer


def _begin_with_label(text: str, start: int, begin: int) -> int:
    """Return where the answer begins with the label before it (対象者, 申込み:); `start` where little else is there."""
    before = text[start:begin]
    if len(before.strip()) <= _MAX_LABEL_LENGTH:
        return start
    line_start = start + len(before.rstrip()) - len(before.rstrip().rpartition("\n")[2])
    label = text[line_start:begin].strip()
    return line_start if 0 < len(label) <= _MAX_LABEL_LENGTH and not label.endswith(("。", "）", ")")) else begin


def _lists_around(lists: Sequence[TextList], start: int, end: int) -> list[TextList]:
    """Return the lists that contain a span, with their introductions."""
    return [text_list for text_list in lists if text_list.lead <= start and end <= text_list.end]


def _truncate_sentence(text: str, span: tuple[int, int], query: Query | None, max_length: int) -> Snippet:
    first, last = span
    start, end = _select_clauses(text[first:last], query.terms if query else (), max_length)
    start, end = first + start, first + end
    return Snippet(start, start, end, (start, end), (start > first, end < last))


def _grow_span(text: str, units: Sequence[Unit], best: int, limits: tuple[int, int], until: int) -> tuple[int, int]:
    """Return the first and last unit after extending to the position `until` and then by the better neighbour.

    A following unit that limits the answer (ただし) is better than any other. `limits` are the characters of the text,
    and of the text with the line over what precedes the answer.
    """

    def fits(i: int) -> bool:
        start, end = units[min(i, first)].start, units[max(i, last)].end
        has_preceding = units[best].start - start > _MAX_LABEL_LENGTH
        length, share = limits
        return end - start <= length and end - start + _PRECEDING_LINE_LENGTH * has_preceding <= share

    def priority(i: int) -> tuple[bool, float]:
        is_needed = i > last and (units[last].end < until or bool(_LIMITATION.match(text, units[i].start)))
        return is_needed, units[i].probability

    first = last = best
    while True:
        neighbours = [i for i in (last + 1, first - 1) if 0 <= i < len(units)]
        fitting = [i for i in neighbours if fits(i)]
        if not fitting:
            return first, last
        added = max(fitting, key=priority)
        first, last = min(first, added), max(last, added)


def _merge_units(units: Sequence[Unit], spans: Sequence[tuple[int, int]]) -> list[Unit]:
    """Return the units, with those inside each of the spans merged."""
    merged = list(units)
    for start, end in spans:
        inside = [unit for unit in merged if start <= unit.start and unit.end <= end]
        position = merged.index(inside[0])
        merged[position : position + len(inside)] = [Unit(start, end, max(unit.probability for unit in inside))]
    return merged


def _answer_span(
    text: str, units: Sequence[Unit], lists: Sequence[TextList], query: Query | None, max_introduction: int
) -> tuple[int, tuple[int, int]]:
    """Return where the snippet begins, and the span of the answer: the requested list or item, else the best unit.

    A list begins with its introduction where that and the first item fit in `max_introduction` characters.
    """
    best = max(units, key=lambda unit: unit.probability)
    list_of_best = next(iter(_lists_around(lists, best.start, best.end)), None)
    if query and query.asks_for_list and (chosen := _choose_list(text, units, lists, query, list_of_best)):
        has_introduction = chosen.items[0][1] - chosen.lead <= max_introduction
        return chosen.lead if has_introduction else chosen.start, (chosen.start, chosen.end)
    items, question = list_of_best.items if list_of_best else (), query.text if query else ""
    named = [item for item in items if (name := item_name(text[slice(*item)])) and nfkc(name) in question]
    start, end = named[0] if len(named) == 1 else (best.start, best.end)
    return start, (start, end)


def _choose_list(
    text: str, units: Sequence[Unit], lists: Sequence[TextList], query: Query, list_of_best: TextList | None
) -> TextList | None:
    """Return the list of the best unit, else one of the requested size that has a word of the question.

    The text after a list counts too.
    """
    lists_of_size = [text_list for text_list in lists if len(text_list.items) == query.member_count]
    if list_of_best in lists_of_size:
        return list_of_best
    terms = _subject_words(query)
    for text_list in lists_of_size:
        end = next((unit.end for unit in units if unit.start >= text_list.end), text_list.end)
        if terms & set(words(text[text_list.lead : end])):
            return text_list
    return list_of_best


def _subject_words(query: Query) -> set[str]:
    return {term.text for term in query.terms if not term.is_interrogative}


def _units_without_captions(place: Place, query: Query | None) -> Sequence[Unit]:
    """Return the units without source captions and words in figures.

    The words of a figure stay where it has a word of the question, the best unit or a contact, where the question asks
    for a list, or where nothing else is left.
    """
    text = place.passage.text
    question_words = _subject_words(query) if query else set[str]()
    best = max(place.units, key=lambda unit: unit.probability, default=None)
    omitted = list[tuple[int, int]]()
    if best and not (query and query.asks_for_list):
        for start, end in figure_word_spans(text, [(unit.start, unit.end) for unit in place.units]):
            has_best = start <= best.start < end
            figure_text = text[start:end]
            is_relevant = question_words & set(words(figure_text)) or _CONTACT.search(nfkc(figure_text))
            if not has_best and not is_relevant:
                omitted.append((start, end))
    units = [unit for unit in place.units if not _SOURCE_CAPTION.fullmatch(text[unit.start : unit.end])]
    return [unit for unit in units if not any(start <= unit.start < end for start, end in omitted)] or place.units


def _select_clauses(sentence: str, terms: Sequence[Term], max_length: int) -> tuple[int, int]:
    """Return the span of the clauses with most of the question's terms.

    It grows within the sentence first, and forwards on a tie, where the predicate is. A clause that is too long is
    truncated.
    """
    spans, sentence_numbers = clause_spans(sentence)
    weights = {term.text: term.weight for term in terms}
    scores = [sum(weights.get(word, 0.0) for word in set(words(sentence[start:end]))) for start, end in spans]
    best = first = last = scores.index(max(scores))
    while True:
        neighbours = [i for i in (last + 1, first - 1) if 0 <= i < len(spans)]
        fitting = [i for i in neighbours if spans[max(i, last)][1] - spans[min(i, first)][0] <= max_length]
        if not fitting:
            return spans[first][0], min(spans[last][1], spans[first][0] + max_length)
        added = max(fitting, key=lambda i: (sentence_numbers[i] == sentence_numbers[best], scores[i]))
        first, last = min(first, added), max(last, added)
