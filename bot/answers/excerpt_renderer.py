"""Renders selected passages as the excerpts, table rows and headings of an answer."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from bot.answers.snippet import LONGEST, Place, select_snippet
from bot.answers.source_line import CONTINUED, build_source_line
from bot.answers.table_rows import select_rows
from bot.question.query import Query
from bot.relevance.adjustments.catalogue import DocumentCatalogue
from bot.state import Excerpt, Paragraph, Part, Source, SourceLine, Statement, TableRows, message
from bot.tables import table_notes, to_table_rows
from bot.verification import render_sentence, render_source_line, render_text
from ingest.chunking.table import Row
from ingest.documents import Passage
from ingest.japanese.tokenise import words
from ingest.structure.lists import heading_counter, numbered_siblings

# Characters of an answer.
_LONGEST = 500
# Places that share them, and the fewest characters of each (decision 018).
_SHARING, _LEAST = 2, 60
# Notes may take this fraction (1/n) of a table's space: a fourth to a half are as good (decision 025).
_NOTES_DIVISOR = 3
# Characters of a citation mark and the line feeds around an excerpt.
_MARKS = 6


@dataclass(frozen=True, slots=True)
class _RenderedPlace:
    """One place as a part of the answer, with the sources that it cites."""

    part: Part
    sources: tuple[Source, ...]


class ExcerptRenderer:
    """Renders places within the maximum answer length, each under its source line."""

    def __init__(self, catalogue: DocumentCatalogue) -> None:
        self._catalogue = catalogue
        self._documents = catalogue.documents
        self._several_issuers = len({one.issuer for one in catalogue.documents.values() if one.issuer}) > 1
        self._tables = catalogue.tables
        self._of_document = catalogue.passages_of

    def render(
        self, places: Sequence[Place], query: Query, likely: Mapping[str, float], *, reserved: int = 0
    ) -> tuple[tuple[Part, ...], tuple[Source, ...]]:
        """Return the places that fit as parts, and their sources.

        The first two places share the space; others are shown only if they fit completely. `likely` has the
        probabilities of passages by id, `reserved` the characters needed for a remark.
        """
        rendered, previous, remaining = list[_RenderedPlace](), None, _LONGEST - reserved - _MARKS
        if members := self._find_list_sections([place.passage for place in places], query):
            rendered.append(self._render_headings(members, query))
            remaining, depth = remaining - self._length(rendered[0], query) - _MARKS, len(next(iter(members)))
            # If only some of them were selected, their texts are left out.
            if not members.keys() <= {place.passage.path[:depth] for place in places}:
                places = [place for place in places if place.passage.path[:depth] not in members]
        for position, place in enumerate(places):
            line, length = self._source_line(place.passage, query, previous), len(place.passage.text)
            space = remaining - self._line_length(line, query) - _MARKS
            if rendered and space < (min(_LEAST, length) if position < _SHARING else length):
                continue
            space = space if rendered else max(space, _LEAST)
            share = self._share(space, place.passage, [each.passage for each in places[position + 1 : _SHARING]], query)
            n = 1 + sum(len(each.sources) for each in rendered)
            if rows := self._select_rows(place.passage, query, likely, n, share):
                table, sources = rows
                rendered.append(_RenderedPlace(replace(table, source_line=line), sources))
            else:
                rendered.append(_render_snippet(place, query, line, n, (share, space)))
            remaining, previous = remaining - self._length(rendered[-1], query) - _MARKS, place.passage
        return tuple(each.part for each in rendered), tuple(source for each in rendered for source in each.sources)

    @staticmethod
    def _length(one: _RenderedPlace, query: Query) -> int:
        return len(render_text([one.part], query.answer_language))

    @staticmethod
    def _line_length(line: SourceLine, query: Query) -> int:
        return len(render_source_line(line, query.answer_language))

    def _share(self, room: int, passage: Passage, others: Sequence[Passage], query: Query) -> int:
        """Return the characters for a place: an equal share, or what the `others` leave."""
        if not others:
            return room
        lines = (self._source_line(other, query, last) for last, other in pairwise((passage, *others)))
        room -= sum(self._line_length(line, query) + _MARKS for line in lines)
        return max(_LEAST, room // (len(others) + 1), room - sum(len(other.text) for other in others))

    def _source_line(self, passage: Passage, query: Query, last: Passage | None) -> SourceLine:
        """Return the source line of a passage; a short one where the section of the last place continues."""
        if last and (last.doc_id, last.path) == (passage.doc_id, passage.path):
            return CONTINUED
        return self._line_for(passage, passage.path, query)

    def _line_for(self, passage: Passage, path: tuple[str, ...], query: Query) -> SourceLine:
        with_issuer = self._several_issuers or bool(query.scope.absent_towns)
        is_older = self._catalogue.is_superseded(passage.doc_id, query.scope)
        return build_source_line(self._documents[passage.doc_id], path, is_older=is_older, with_issuer=with_issuer)

    def _find_list_sections(self, passages: Sequence[Passage], query: Query) -> dict[tuple[str, ...], Passage]:
        """Return the sections that form the requested list, with the first passage of each."""
        passages = passages if query.asks_for_list else []
        by_document = {doc_id: tuple(self._of_document(doc_id)) for doc_id in {passage.doc_id for passage in passages}}
        lists = [one for passage in passages for one in _lists(by_document[passage.doc_id], passage, passages, query)]
        # A list that the question names comes before the one that the best passage is in.
        lists.sort(key=lambda one: not one[0])
        return next((one for named, one in lists if named or passages[0].path[: len(next(iter(one)))] in one), {})

    def _render_headings(self, members: Mapping[tuple[str, ...], Passage], query: Query) -> _RenderedPlace:
        """Return the section headings as a cited list under the heading above them."""
        path, first = next(iter(members.items()))
        line = self._line_for(first, path[:-1] or (self._documents[first.doc_id].title,), query)
        headings = (Statement(f"\n・{path[-1]}", (n,)) for n, path in enumerate(members, 1))
        sources = tuple(Source(member, member.text.split("\n")[0]) for member in members.values())
        return _RenderedPlace(Paragraph((line, *headings)), sources)

    def _select_rows(
        self, passage: Passage, query: Query, likely: Mapping[str, float], n: int, longest: int
    ) -> tuple[TableRows, tuple[Source, ...]] | None:
        """Return the row of a passage with related rows that fit; None where only that row is shown."""
        table = self._tables.of(passage)
        if table is None:
            return None
        notes = table_notes(table, n, longest // _NOTES_DIVISOR)
        space = longest - (len(render_sentence(notes, query.answer_language)) if notes else 0)
        selected = select_rows(query, table, passage, likely, space)
        if not selected:
            return None
        lines, rows = list[Statement](), list[Row]()
        for text, equal_rows in selected:
            lines.append(Statement(text, tuple(range(n + len(rows), n + len(rows) + len(equal_rows)))))
            rows += equal_rows
        rendered = replace(to_table_rows(table, rows, n), lines=tuple(lines), notes=notes)
        return rendered, tuple(Source(row.passage, row.passage.text) for row in rows)


def _lists(
    passages: Sequence[Passage], passage: Passage, chosen: Sequence[Passage], query: Query
) -> Iterator[tuple[bool, dict[tuple[str, ...], Passage]]]:
    """Yield the numbered sections around a passage that may be the list, and whether the question names it."""
    for siblings in numbered_siblings(passages, passage):
        depth, headings = len(next(iter(siblings))), {path[-1] for path in siblings}
        is_named = bool(counter := {*words(heading_counter(passage.path[depth - 1]))}) and counter <= {
            *words(query.text)
        }
        has_two_chosen = any(other.path[:depth] in siblings.keys() - {passage.path[:depth]} for other in chosen)
        has_count = (is_named or has_two_chosen) and len(siblings) == query.member_count
        fits = len(headings) == len(siblings) and sum(len(heading) + _MARKS for heading in headings) <= _LONGEST // 2
        if fits and (has_count or (is_named and has_two_chosen and not query.member_count)):
            yield is_named, siblings


def _render_snippet(place: Place, query: Query, line: SourceLine, n: int, room: tuple[int, int]) -> _RenderedPlace:
    snippet = select_snippet(place, query, min(LONGEST, room[0]), room[1])
    text = place.passage.text[snippet.start : snippet.end]
    before, after = snippet.goes_on
    if before or after:
        line = SourceLine((*line.segments, message("cut_list" if snippet.of_list else "cut")))
    gap = "\n" if snippet.of_list else ""
    start, end = snippet.best
    highlight = (start - snippet.start, end - snippet.start)
    ellipses = (f"…{gap}" if before else "", f"{gap}…" if after else "")
    return _RenderedPlace(Excerpt(n, line, text, highlight, ellipses), (Source(place.passage, text),))
