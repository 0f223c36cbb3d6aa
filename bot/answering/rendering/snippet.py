"""Selects the snippet of a passage: complete units around the best one, or clauses of a long one.

A snippet begins with the answer; what precedes it in the passage is shown after it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.answering.state import Unit
from bot.answering.state.length_budget import TARGET_EXCERPT_LENGTH, LengthBudget
from bot.answering.state.query import Query, Term
from ingest.blocks.lists import TextList, figure_word_spans, find_lists, item_name, item_spans
from ingest.documents import Passage
from ingest.japanese import nfkc
from ingest.japanese.mentions.effective_times import find_in_force, reference_date, segments_by_time
from ingest.japanese.sentences import clause_spans
from ingest.japanese.tokenise import words

# Characters of the message that an excerpt is truncated.
_TRUNCATION_MESSAGE_LENGTH = 32
# Characters of the line above the text that precedes the answer, with its citation mark.
_PRECEDING_LINE_LENGTH = 10
# A text before the answer that is no longer stays before it: a label or the start of a list.
_MAX_LABEL_LENGTH = 20
# A list begins with its introduction if the answering item ends within this many characters.
_MAX_LENGTH_TO_ITEM = 180
# A line with nothing but a label, and the most characters of a line that introduces a list.
_LABEL_LINE = re.compile(r"^[【〔［<＜■◆●○◎▼▽◇□][^。\n]{1,24}$", re.MULTILINE)
MAX_HEAD_LENGTH = 80
# The start of a unit that limits the unit before it.
_LIMITATION = re.compile(r"\s*(?:ただし|但し|なお|※|[(（]?注)")
# A line in which a document names its source, for example under a table.
_SOURCE_CAPTION = re.compile(r"[(（]\s*(?:出典|資料|出所)\s*[:：].*[)）]")
# A postal address, telephone number or e-mail address.
_CONTACT = re.compile(r"〒|\d{2,5}-\d{1,4}-\d{3,4}|電話|FAX|@|丁目|番地|\d番\d")


@dataclass(frozen=True, slots=True)
class PassageToShow:
    """A passage to show and its units, each with the probability that it answers."""

    passage: Passage
    units: Sequence[Unit]


@dataclass(frozen=True, slots=True)
class Snippet:
    """The part `text[start:end]` of a passage: first `text[answer_start:end]`, then `text[start:answer_start]`.

    Attributes:
        answer_start: where the answering sentence, item or list starts, with its label.
        highlight: start and end of the answering part.
        lacks_start, lacks_end: whether the answering sentence or list is truncated at its start, and at its end.
        is_list: whether a list is truncated.
        head: start and end of the line before the snippet that introduces the answer or its list, which may exclude
            what it names (対象外); None if the snippet has it.
    """

    start: int
    end: int
    answer_start: int
    highlight: tuple[int, int]
    lacks_start: bool = False
    lacks_end: bool = False
    is_list: bool = False
    head: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class _Answer:
    start: int
    end: int
    snippet_start: int


def select_snippet(passage_to_show: PassageToShow, query: Query | None, budget: LengthBudget) -> Snippet:
    """Return the best unit, extended by what limits it and the better neighbour while the snippet fits.

    A list is one unit with its introduction; a list that is too long is truncated between items. The best unit may be
    as long as the budget's limit, and a longer unit is truncated between clauses. A passage without units is one unit.
    """
    text = passage_to_show.passage.text
    units, lists = _find_units_and_lists(passage_to_show, query, max_item_length=budget.target)
    answer = _find_answer(text, units, lists, query, max_introduction=budget.target // 2)

    asks_for_list = query is not None and query.asks_for_list
    max_list_length = min(budget.available, TARGET_EXCERPT_LENGTH) if asks_for_list else budget.target
    max_truncated_length = budget.target - _TRUNCATION_MESSAGE_LENGTH
    lists_of_answer = _lists_around(lists, answer.start, answer.end)
    too_long = (text_list for text_list in lists_of_answer if text_list.end - text_list.start > max_list_length)
    truncated_list = next(too_long, None)
    complete_lists = [text_list for text_list in lists if text_list is not truncated_list]
    leads = [text_list.lead for text_list in lists_of_answer if text_list.lead < text_list.start]
    fits = {text_list: text_list.end - text_list.lead <= max_list_length for text_list in complete_lists}
    spans = [(text_list.lead if fits[text_list] else text_list.start, text_list.end) for text_list in complete_lists]
    blocks = _merge_units(units, spans)
    best = next(i for i, block in enumerate(blocks) if block.end > answer.snippet_start)
    if blocks[best].end - blocks[best].start > budget.limit:
        return _with_head(text, _truncate_sentence(text, answer, query, max_truncated_length), leads)

    max_length = max_truncated_length if truncated_list else budget.target
    first, last = _grow(text, blocks, best, answer.end, max_length=max_length, share=budget.share)
    start, end = blocks[first].start, blocks[last].end
    following_end = blocks[last + 1].end if last + 1 < len(blocks) else -1
    following_list = next((text_list for text_list in lists if text_list.end == following_end), None)
    if following_list:
        fitting_ends = [item for _, item in following_list.items if end < item <= start + max_truncated_length]
        if fitting_ends:
            end, truncated_list = fitting_ends[-1], following_list
    passage, best_block = passage_to_show.passage, blocks[best]
    snippet = _make_snippet(passage, (start, end), truncated_list, answer=answer, best=best_block, query=query)
    return _with_head(text, snippet, leads)


def _with_head(text: str, snippet: Snippet, leads: Sequence[int]) -> Snippet:
    labels = [match.start() for match in _LABEL_LINE.finditer(text, 0, snippet.start)]
    start = max((*leads, *labels[-1:]), default=snippet.start)
    end = text.find("\n", start)
    is_head = start < snippet.start and start < end <= start + MAX_HEAD_LENGTH
    return replace(snippet, head=(start, end)) if is_head else snippet


def _find_units_and_lists(
    passage_to_show: PassageToShow, query: Query | None, *, max_item_length: int
) -> tuple[list[Unit], list[TextList]]:
    text = passage_to_show.passage.text
    sentences = _units_without_captions(passage_to_show, query) or (Unit(0, len(text), 1.0),)
    items = item_spans(text, [(unit.start, unit.end) for unit in sentences])
    short_items = [(start, end) for start, end in items if end - start <= max_item_length]
    return _merge_units(sentences, short_items), find_lists(text, items)


def _make_snippet(
    passage: Passage,
    span: tuple[int, int],
    truncated_list: TextList | None,
    *,
    answer: _Answer,
    best: Unit,
    query: Query | None,
) -> Snippet:
    start, end = span
    highlight = max(answer.start, start), min(answer.end, end)
    if highlight[0] >= highlight[1]:
        highlight = best.start, best.end
    is_far_item = answer.end > best.start + _MAX_LENGTH_TO_ITEM and not (query and query.asks_for_list)
    answer_start = highlight[0] if is_far_item else max(best.start, start)
    return Snippet(
        start=start,
        end=end,
        answer_start=_include_label(passage.text, start, answer_start),
        highlight=_part_in_force(passage, highlight, query) if query and not query.asks_for_list else highlight,
        lacks_start=truncated_list is not None and truncated_list.start < start,
        lacks_end=truncated_list is not None and end < truncated_list.end,
        is_list=truncated_list is not None,
    )


def _part_in_force(passage: Passage, span: tuple[int, int], query: Query) -> tuple[int, int]:
    part = passage.text[slice(*span)]
    text = nfkc(part)
    if len(text) != len(part):  # the positions would differ
        return span
    segments = segments_by_time(text, reference_date(passage.path, query.scope.as_of))
    position = find_in_force([time for _, _, time in segments], query.scope.as_of)
    if position is None:
        return span
    start, end, _ = segments[position]
    return span[0] + start, span[0] + end


def _include_label(text: str, start: int, answer_start: int) -> int:
    preceding = text[start:answer_start]
    if len(preceding.strip()) <= _MAX_LABEL_LENGTH:
        return start
    line_start = start + len(preceding.rstrip()) - len(preceding.rstrip().rpartition("\n")[2])
    label = text[line_start:answer_start].strip()
    is_label = 0 < len(label) <= _MAX_LABEL_LENGTH and not label.endswith(("。", "）", ")"))
    return line_start if is_label else answer_start


def _lists_around(lists: Sequence[TextList], start: int, end: int) -> list[TextList]:
    return [text_list for text_list in lists if text_list.lead <= start and end <= text_list.end]


def _truncate_sentence(text: str, answer: _Answer, query: Query | None, max_length: int) -> Snippet:
    clauses = _select_clauses(text[answer.start : answer.end], query.terms if query else (), max_length)
    start, end = (answer.start + position for position in clauses)
    return Snippet(
        start=start,
        end=end,
        answer_start=start,
        highlight=(start, end),
        lacks_start=start > answer.start,
        lacks_end=end < answer.end,
    )


def _grow(
    text: str, units: Sequence[Unit], best: int, answer_end: int, *, max_length: int, share: int
) -> tuple[int, int]:
    first = last = best

    def fits(i: int) -> bool:
        start = units[min(i, first)].start
        length = units[max(i, last)].end - start
        has_preceding = units[best].start - start > _MAX_LABEL_LENGTH
        return length <= max_length and length + _PRECEDING_LINE_LENGTH * has_preceding <= share

    def priority(i: int) -> tuple[bool, float]:
        limits_answer = bool(_LIMITATION.match(text, units[i].start))
        is_needed = i > last and (units[last].end < answer_end or limits_answer)
        return is_needed, units[i].probability

    while True:
        fitting = [i for i in (last + 1, first - 1) if 0 <= i < len(units) and fits(i)]
        if not fitting:
            return first, last
        added = max(fitting, key=priority)
        first = min(first, added)
        last = max(last, added)


def _merge_units(units: Sequence[Unit], spans: Sequence[tuple[int, int]]) -> list[Unit]:
    merged = list(units)
    for start, end in spans:
        inside = [unit for unit in merged if start <= unit.start and unit.end <= end]
        position = merged.index(inside[0])
        merged[position : position + len(inside)] = [Unit(start, end, max(unit.probability for unit in inside))]
    return merged


def _find_answer(
    text: str, units: Sequence[Unit], lists: Sequence[TextList], query: Query | None, *, max_introduction: int
) -> _Answer:
    best = max(units, key=lambda unit: unit.probability)
    list_of_best = next(iter(_lists_around(lists, best.start, best.end)), None)
    if query and query.asks_for_list and (wanted_list := _find_wanted_list(text, units, lists, query, list_of_best)):
        has_introduction = wanted_list.items[0][1] - wanted_list.lead <= max_introduction
        return _Answer(wanted_list.start, wanted_list.end, wanted_list.lead if has_introduction else wanted_list.start)
    items = list_of_best.items if list_of_best else ()
    question = query.text if query else ""
    named_items = [item for item in items if (name := item_name(text[slice(*item)])) and nfkc(name) in question]
    start, end = named_items[0] if len(named_items) == 1 else (best.start, best.end)
    return _Answer(start, end, start)


def _find_wanted_list(
    text: str, units: Sequence[Unit], lists: Sequence[TextList], query: Query, list_of_best: TextList | None
) -> TextList | None:
    lists_of_size = [text_list for text_list in lists if len(text_list.items) == query.member_count]
    if list_of_best in lists_of_size:
        return list_of_best
    question_words = _subject_words(query)
    for text_list in lists_of_size:
        end = next((unit.end for unit in units if unit.start >= text_list.end), text_list.end)
        if question_words & set(words(text[text_list.lead : end])):
            return text_list
    return list_of_best


def _subject_words(query: Query) -> set[str]:
    return {term.text for term in query.terms if not term.is_interrogative}


def _units_without_captions(passage_to_show: PassageToShow, query: Query | None) -> Sequence[Unit]:
    text = passage_to_show.passage.text
    question_words = _subject_words(query) if query else set[str]()
    best = max(passage_to_show.units, key=lambda unit: unit.probability, default=None)
    omitted = list[tuple[int, int]]()
    if best and not (query and query.asks_for_list):
        for start, end in figure_word_spans(text, [(unit.start, unit.end) for unit in passage_to_show.units]):
            figure_text = text[start:end]
            is_relevant = question_words & set(words(figure_text)) or _CONTACT.search(nfkc(figure_text))
            if not is_relevant and not start <= best.start < end:
                omitted.append((start, end))
    units = [unit for unit in passage_to_show.units if not _SOURCE_CAPTION.fullmatch(text[unit.start : unit.end])]
    remaining = [unit for unit in units if not any(start <= unit.start < end for start, end in omitted)]
    return remaining or passage_to_show.units


def _select_clauses(sentence: str, terms: Sequence[Term], max_length: int) -> tuple[int, int]:
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
        first = min(first, added)
        last = max(last, added)
