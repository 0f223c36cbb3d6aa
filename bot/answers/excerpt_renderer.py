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

# Characters of the whole answer.
_WHOLE = 500
# Places that share them, and characters that each must have (decision 018).
_SHARING, _LEAST = 2, 60
# The part of a table's room that its notes may take: a fourth to a half are as good (decision 025).
_OF_NOTES = 3
# Characters of a mark and the line feeds around an excerpt.
_MARKS = 6


@dataclass(frozen=True, slots=True)
class _RenderedPlace:
    """One place as a part of the answer, and the sources that the part names."""

    part: Part
    sources: tuple[Source, ...]


class ExcerptRenderer:
    """Renders places within the length of an answer, each under a line that names document and heading."""

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

        The first two places share the room; others are shown if they fit whole. `likely` are the probabilities of
        passages by their ids, `reserved` the characters that the answer needs for a remark.
        """
        shown, last, left = list[_RenderedPlace](), None, _WHOLE - reserved - _MARKS
        if members := self._find_list_sections([place.passage for place in places], query):
            shown.append(self._render_headings(members, query))
            left, depth = left - self._length(shown[0], query) - _MARKS, len(next(iter(members)))
            # If only some of them were selected, their texts are left out.
            if not members.keys() <= {place.passage.path[:depth] for place in places}:
                places = [place for place in places if place.passage.path[:depth] not in members]
        for at, place in enumerate(places):
            line, whole = self._source_line(place.passage, query, last), len(place.passage.text)
            room = left - self._line_length(line, query) - _MARKS
            if shown and room < (min(_LEAST, whole) if at < _SHARING else whole):
                continue
            room = room if shown else max(room, _LEAST)
            share = self._share(room, place.passage, [one.passage for one in places[at + 1 : _SHARING]], query)
            n = 1 + sum(len(one.sources) for one in shown)
            if rows := self._select_rows(place.passage, query, likely, n, share):
                table, sources = rows
                shown.append(_RenderedPlace(replace(table, source_line=line), sources))
            else:
                shown.append(_render_snippet(place, query, line, n, (share, room)))
            left, last = left - self._length(shown[-1], query) - _MARKS, place.passage
        return tuple(one.part for one in shown), tuple(source for one in shown for source in one.sources)

    @staticmethod
    def _length(one: _RenderedPlace, query: Query) -> int:
        return len(render_text([one.part], query.answer_language))

    @staticmethod
    def _line_length(line: SourceLine, query: Query) -> int:
        return len(render_source_line(line, query.answer_language))

    def _share(self, room: int, passage: Passage, others: Sequence[Passage], query: Query) -> int:
        """Return the characters for a place that shares the room: an equal part, or what the `others` leave."""
        if not others:
            return room
        lines = (self._source_line(other, query, last) for last, other in pairwise((passage, *others)))
        room -= sum(self._line_length(line, query) + _MARKS for line in lines)
        return max(_LEAST, room // (len(others) + 1), room - sum(len(other.text) for other in others))

    def _source_line(self, passage: Passage, query: Query, last: Passage | None) -> SourceLine:
        """Return the line over a passage; it is shorter where the section that was shown last goes on."""
        if last and (last.doc_id, last.path) == (passage.doc_id, passage.path):
            return CONTINUED
        return self._line_for(passage, passage.path, query)

    def _line_for(self, passage: Passage, path: tuple[str, ...], query: Query) -> SourceLine:
        with_issuer = self._several_issuers or bool(query.scope.absent)
        is_older = self._catalogue.is_superseded(passage.doc_id, query.scope)
        return build_source_line(self._documents[passage.doc_id], path, is_older=is_older, with_issuer=with_issuer)

    def _find_list_sections(self, passages: Sequence[Passage], query: Query) -> dict[tuple[str, ...], Passage]:
        """Return the sections that are the list asked for, with their first passages: by name, number or two chosen."""
        passages = passages if query.asks_for_list else []
        of = {doc_id: tuple(self._of_document(doc_id)) for doc_id in {passage.doc_id for passage in passages}}
        lists = [one for passage in passages for one in _lists(of[passage.doc_id], passage, passages, query)]
        # A list that the question names comes before the one that the best passage is in.
        lists.sort(key=lambda one: not one[0])
        return next((one for named, one in lists if named or passages[0].path[: len(next(iter(one)))] in one), {})

    def _render_headings(self, members: Mapping[tuple[str, ...], Passage], query: Query) -> _RenderedPlace:
        """Return the headings of sections, each cited, under a line that names the heading above them."""
        path, first = next(iter(members.items()))
        line = self._line_for(first, path[:-1] or (self._documents[first.doc_id].title,), query)
        headings = (Statement(f"\n・{path[-1]}", (n,)) for n, path in enumerate(members, 1))
        sources = tuple(Source(member, member.text.split("\n")[0]) for member in members.values())
        return _RenderedPlace(Paragraph((line, *headings)), sources)

    def _select_rows(
        self, passage: Passage, query: Query, likely: Mapping[str, float], n: int, longest: int
    ) -> tuple[TableRows, tuple[Source, ...]] | None:
        """Return the row of a passage with the others of its table that fit; None for a row that stands alone."""
        table = self._tables.of(passage)
        if table is None:
            return None
        notes = table_notes(table, n, longest // _OF_NOTES)
        room = longest - (len(render_sentence(notes, query.answer_language)) if notes else 0)
        selected = select_rows(query, table, passage, likely, room)
        if not selected:
            return None
        lines, rows = list[Statement](), list[Row]()
        for text, alike in selected:
            lines.append(Statement(text, tuple(range(n + len(rows), n + len(rows) + len(alike)))))
            rows += alike
        rendered = replace(to_table_rows(table, rows, n), lines=tuple(lines), notes=notes)
        return rendered, tuple(Source(row.passage, row.passage.text) for row in rows)


def _lists(
    passages: Sequence[Passage], of: Passage, chosen: Sequence[Passage], query: Query
) -> Iterator[tuple[bool, dict[tuple[str, ...], Passage]]]:
    """Yield the series around a passage that may be the list asked for, and whether the question names it."""
    for found in numbered_siblings(passages, of):
        depth, headings = len(next(iter(found))), {path[-1] for path in found}
        named = bool(counts := {*words(heading_counter(of.path[depth - 1]))}) and counts <= {*words(query.text)}
        two = any(other.path[:depth] in found.keys() - {of.path[:depth]} for other in chosen)
        so_many = (named or two) and len(found) == query.members
        fits = len(headings) == len(found) and sum(len(one) + _MARKS for one in headings) <= _WHOLE // 2
        if fits and (so_many or (named and two and not query.members)):
            yield named, found


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
