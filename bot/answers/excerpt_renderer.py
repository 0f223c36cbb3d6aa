"""Renders selected places as excerpts, table rows and headings within the length of an answer."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from bot.answers.length_budget import MARKS_LENGTH, MAX_ANSWER_LENGTH, MIN_EXCERPT_LENGTH, LengthBudget
from bot.answers.snippet import Place, select_snippet
from bot.answers.source_line import CONTINUED, PRECEDING, build_source_line
from bot.answers.table_rows import select_rows
from bot.question.query import Query
from bot.relevance.adjustments.catalogue import DocumentCatalogue
from bot.rendering.text import render_sentence, render_source_line, render_text
from bot.state import Excerpt, Paragraph, Part, Source, SourceLine, Statement, message
from bot.tables import table_notes, to_table_rows
from ingest.chunking.table import Row
from ingest.documents import Passage
from ingest.japanese.tokenise import words
from ingest.structure.lists import heading_counter, numbered_siblings

# The first places share the length of the answer (decision 018).
_SHARING_PLACES = 2
# Notes may take a third of a table's share; a fourth to a half give the same answers (decision 025).
_NOTES_DIVISOR = 3


@dataclass(frozen=True, slots=True)
class _RenderedPlace:
    """A place as parts of the answer, with the sources that they cite."""

    parts: tuple[Part, ...]
    sources: tuple[Source, ...]


class ExcerptRenderer:
    """Renders places within the length of an answer, each above its source line."""

    def __init__(self, catalogue: DocumentCatalogue) -> None:
        self._catalogue = catalogue
        self._documents = catalogue.documents
        self._has_several_issuers = len({document.issuer for document in catalogue.documents.values()} - {""}) > 1
        self._tables = catalogue.tables

    def render(
        self, places: Sequence[Place], query: Query, probabilities: Mapping[str, float], *, reserved: int = 0
    ) -> tuple[tuple[Part, ...], tuple[Source, ...]]:
        """Return the places that fit as parts, and their sources.

        The first two places share the length of the answer; others are shown only if they fit completely.

        Args:
            places: the places to show, best first.
            query: the question.
            probabilities: the probability that each passage answers, by its id.
            reserved: characters reserved for a remark.
        """
        rendered, previous = list[_RenderedPlace](), None
        remaining = MAX_ANSWER_LENGTH - reserved - MARKS_LENGTH
        if sections := self._find_list_sections([place.passage for place in places], query):
            rendered.append(self._render_headings(sections, query))
            remaining -= _length(rendered[0].parts, query) + MARKS_LENGTH
            depth = len(next(iter(sections)))
            # If only some sections of the list were selected, their texts are left out.
            if not sections.keys() <= {place.passage.path[:depth] for place in places}:
                places = [place for place in places if place.passage.path[:depth] not in sections]
        for position, place in enumerate(places):
            line, length = self._source_line(place.passage, query, previous), len(place.passage.text)
            available = remaining - _line_length(line, query) - MARKS_LENGTH
            is_sharing = position < _SHARING_PLACES
            if rendered and available < (min(MIN_EXCERPT_LENGTH, length) if is_sharing else length):
                continue
            available = available if rendered else max(available, MIN_EXCERPT_LENGTH)
            sharing = [other.passage for other in places[position + 1 : _SHARING_PLACES]]
            budget = LengthBudget(self._share(available, place.passage, sharing, query), available)
            n = 1 + sum(len(other.sources) for other in rendered)
            rows = self._render_rows(place.passage, query, probabilities, line=line, n=n, budget=budget)
            rendered.append(rows or _render_snippet(place, query, line, n, budget))
            remaining -= _length(rendered[-1].parts, query) + MARKS_LENGTH
            previous = place.passage
        sources = tuple(source for rendered_place in rendered for source in rendered_place.sources)
        return tuple(part for rendered_place in rendered for part in rendered_place.parts), sources

    def _share(self, available: int, passage: Passage, others: Sequence[Passage], query: Query) -> int:
        """Return the characters for a place: an equal share, or more if the `others` are short."""
        if not others:
            return available
        lines = (self._source_line(other, query, previous) for previous, other in pairwise((passage, *others)))
        available -= sum(_line_length(line, query) + MARKS_LENGTH for line in lines)
        equal_share = available // (len(others) + 1)
        return max(MIN_EXCERPT_LENGTH, equal_share, available - sum(len(other.text) for other in others))

    def _source_line(self, passage: Passage, query: Query, previous: Passage | None) -> SourceLine:
        """Return the source line of a passage, a short one where it continues the section of the previous one."""
        if previous and (previous.doc_id, previous.path) == (passage.doc_id, passage.path):
            return CONTINUED
        return self._line_for(passage, passage.path, query)

    def _line_for(self, passage: Passage, path: tuple[str, ...], query: Query) -> SourceLine:
        with_issuer = self._has_several_issuers or bool(query.scope.absent_towns)
        is_older = self._catalogue.is_superseded(passage.doc_id, query.scope)
        return build_source_line(self._documents[passage.doc_id], path, is_older=is_older, with_issuer=with_issuer)

    def _find_list_sections(self, passages: Sequence[Passage], query: Query) -> dict[tuple[str, ...], Passage]:
        """Return the sections that form the requested list, with the first passage of each."""
        if not query.asks_for_list:
            return {}
        doc_ids = {passage.doc_id for passage in passages}
        by_document = {doc_id: tuple(self._catalogue.find_passages(doc_id)) for doc_id in doc_ids}
        lists = [
            section_list
            for passage in passages
            for section_list in _section_lists(by_document[passage.doc_id], passage, passages, query)
        ]
        for is_named, sections in lists:
            if is_named:
                return sections
        # Without a list that the question names, the one that contains the best passage.
        for _, sections in lists:
            if passages[0].path[: len(next(iter(sections)))] in sections:
                return sections
        return {}

    def _render_headings(self, sections: Mapping[tuple[str, ...], Passage], query: Query) -> _RenderedPlace:
        """Return the headings of sections as a cited list, with the heading above them in the source line."""
        path, first = next(iter(sections.items()))
        line = self._line_for(first, path[:-1] or (self._documents[first.doc_id].title,), query)
        headings = (Statement(f"・{path[-1]}", (n,), "\n") for n, path in enumerate(sections, 1))
        sources = tuple(Source(passage, passage.text.split("\n")[0]) for passage in sections.values())
        return _RenderedPlace((Paragraph((*headings, line, Statement("", (1,)))),), sources)

    def _render_rows(
        self,
        passage: Passage,
        query: Query,
        probabilities: Mapping[str, float],
        *,
        line: SourceLine,
        n: int,
        budget: LengthBudget,
    ) -> _RenderedPlace | None:
        """Return the row of a passage with related rows that fit; None where only that row is shown."""
        table = self._tables.find_table(passage)
        if table is None:
            return None
        notes = table_notes(table, n, budget.share // _NOTES_DIVISOR)
        max_length = budget.share - (len(render_sentence(notes, query.answer_language)) if notes else 0)
        selected = select_rows(query, table, passage, probabilities, max_length)
        if not selected:
            return None
        lines, rows = list[Statement](), list[Row]()
        for text, equal_rows in selected:
            lines.append(Statement(text, tuple(range(n + len(rows), n + len(rows) + len(equal_rows)))))
            rows += equal_rows
        part = replace(to_table_rows(table, rows, n), source_line=line, lines=tuple(lines), notes=notes)
        return _RenderedPlace((part,), tuple(Source(row.passage, row.passage.text) for row in rows))


def _length(parts: Sequence[Part], query: Query) -> int:
    return len(render_text(parts, query.answer_language))


def _line_length(line: SourceLine, query: Query) -> int:
    return len(render_source_line(line, query.answer_language))


def _section_lists(
    passages: Sequence[Passage], passage: Passage, selected: Sequence[Passage], query: Query
) -> Iterator[tuple[bool, dict[tuple[str, ...], Passage]]]:
    """Yield the numbered sections around a passage that may be the list, and whether the question names it."""
    question_words = set(words(query.text))
    for siblings in numbered_siblings(passages, passage):
        depth, headings = len(next(iter(siblings))), {path[-1] for path in siblings}
        counter = set(words(heading_counter(passage.path[depth - 1])))
        is_named = bool(counter) and counter <= question_words
        others = siblings.keys() - {passage.path[:depth]}
        has_two_selected = any(other.path[:depth] in others for other in selected)
        has_count = (is_named or has_two_selected) and len(siblings) == query.member_count
        length = sum(len(heading) + MARKS_LENGTH for heading in headings)
        fits = len(headings) == len(siblings) and length <= MAX_ANSWER_LENGTH // 2
        if fits and (has_count or (is_named and has_two_selected and not query.member_count)):
            yield is_named, siblings


def _render_snippet(place: Place, query: Query, line: SourceLine, n: int, budget: LengthBudget) -> _RenderedPlace:
    """Return the answer of a place as an excerpt, and the text before it as another of the same source."""
    snippet, passage = select_snippet(place, query, budget), place.passage
    lacks_start, lacks_end = snippet.is_truncated
    if lacks_start or lacks_end:
        line = SourceLine((*line.segments, message("cut_list" if snippet.is_list else "cut")))
    gap = "\n" if snippet.is_list else ""
    ellipses = (f"…{gap}" if lacks_start else "", f"{gap}…" if lacks_end else "")
    answer = passage.text[snippet.begin : snippet.end]
    source = Source(passage, passage.text[snippet.start : snippet.end])
    start, end = snippet.answer
    highlight = (start - snippet.begin, end - snippet.begin)
    preceding = passage.text[snippet.start : snippet.begin].strip()
    if not preceding:
        return _RenderedPlace((Excerpt(n, line, answer, highlight, ellipses),), (source,))
    parts = (
        Excerpt(n, line, answer, highlight, ("", ellipses[1])),
        Excerpt(n, PRECEDING, preceding, (0, 0), (ellipses[0], "")),
    )
    return _RenderedPlace(parts, (source,))
