"""Renders selected passages as excerpts and headings within the length of an answer."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import chain, pairwise

from bot.answering.relevance.catalogue import DocumentCatalogue, FindPassages
from bot.answering.rendering.answer_text import render_source_line, render_text
from bot.answering.rendering.snippet import PassageToShow, Snippet, select_snippet
from bot.answering.rendering.source_line import CONTINUED, PRECEDING, build_source_line, shorten_heading
from bot.answering.state import Excerpt, Paragraph, Part, Source, SourceLine, Statement, service_message
from bot.answering.state.citation_marks import escape_marks
from bot.answering.state.length_budget import MARKS_LENGTH, MAX_ANSWER_LENGTH, MIN_EXCERPT_LENGTH, LengthBudget
from bot.answering.state.query import AnswerType, Query
from ingest.blocks.lists import find_complete_list, heading_counter, item_spans, numbered_siblings
from ingest.documents import Passage
from ingest.japanese import nfkc
from ingest.japanese.markers import strip_heading_number
from ingest.japanese.tokenise import DENIALS, NEGATING_PREFIXES, morphemes, words
from ingest.metadata.validity import state_of_line

# The first passages share the length of the answer (decision 014).
_SHARING_PASSAGES = 2

_NEGATIONS = DENIALS | NEGATING_PREFIXES
# The sections of a list: the path of each with its first passage, in order.
_Sections = Mapping[tuple[str, ...], Passage]


@dataclass
class _PartialAnswer:
    query: Query
    remaining: int
    parts: list[Part] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)

    def add(self, parts: Sequence[Part], sources: Sequence[Source]) -> None:
        self.parts += parts
        self.sources += sources
        self.remaining -= len(render_text(parts, self.query.answer_language)) + MARKS_LENGTH


class ExcerptRenderer:
    """Renders passages within the length of an answer, each above its source line."""

    def __init__(self, catalogue: DocumentCatalogue) -> None:
        self._catalogue = catalogue
        self._documents = catalogue.documents
        self._has_several_issuers = len({document.issuer for document in catalogue.documents.values()} - {""}) > 1

    def render(
        self, passages: Sequence[PassageToShow], query: Query, *, reserved: int = 0
    ) -> tuple[tuple[Part, ...], tuple[Source, ...]]:
        """Return the passages that fit as parts, and their sources.

        The first two passages, which come best first, share the length of the answer less the characters `reserved` for
        a remark; others are shown only if they fit completely.
        """
        answer = _PartialAnswer(query, MAX_ANSWER_LENGTH - reserved - MARKS_LENGTH)
        if sections := self._find_list_sections([shown.passage for shown in passages], query):
            self._add_headings(answer, sections)
            depth = _depth(sections)
            if not sections.keys() <= {shown.passage.path[:depth] for shown in passages}:
                passages = [shown for shown in passages if shown.passage.path[:depth] not in sections]
        previous: Passage | None = None
        for position, shown in enumerate(passages):
            passage = shown.passage
            line = self._source_line(passage, query, previous)
            headings = () if line == CONTINUED else self._catalogue.naming_headings(passage)
            available = answer.remaining - _line_length(line, query) - MARKS_LENGTH
            available -= len(render_text(self._untold(headings, passage, query, ""), query.answer_language))
            is_sharing = position < _SHARING_PASSAGES
            min_length = min(MIN_EXCERPT_LENGTH, len(passage.text)) if is_sharing else len(passage.text)
            if answer.parts and available < min_length:
                continue
            if not answer.parts:
                available = max(available, MIN_EXCERPT_LENGTH)
            sharing = [other.passage for other in passages[position + 1 : _SHARING_PASSAGES]]
            budget = LengthBudget(self._share(available, passage, sharing, query), available)
            n_parts, n_sources = len(answer.parts), len(answer.sources)
            _add_snippet(answer, shown, line, budget, self._catalogue.find_passages)
            quote = "\n".join(source.quote for source in answer.sources[n_sources:])
            untold = self._untold(headings, passage, query, quote)
            answer.parts[n_parts:n_parts] = untold
            answer.remaining -= len(render_text(untold, query.answer_language))
            previous = passage
        return tuple(answer.parts), tuple(answer.sources)

    def _share(self, available: int, passage: Passage, others: Sequence[Passage], query: Query) -> int:
        if not others:
            return available
        lines = (self._source_line(other, query, previous) for previous, other in pairwise((passage, *others)))
        available -= sum(_line_length(line, query) + MARKS_LENGTH for line in lines)
        equal_share = available // (len(others) + 1)
        return max(MIN_EXCERPT_LENGTH, equal_share, available - sum(len(other.text) for other in others))

    def _untold(self, headings: Sequence[str], passage: Passage, query: Query, quote: str) -> tuple[Paragraph, ...]:
        if not headings:
            return ()
        # A state of the section (that it is over) is said even if the question has its words.
        told = _words(query.text) | _words(quote)
        document = self._documents[passage.doc_id]
        untold = [
            heading
            for heading in headings
            if state_of_line(document, heading)
            or (rest := (_words(heading) | _negations(heading)) - told) - _NEGATIONS
            or rest - _negations(query.text) - _negations(quote)
        ]
        names = escape_marks("　".join(shorten_heading(heading) for heading in untold))
        framed = names if "【" in names else f"【{names}】"
        return (Paragraph((SourceLine((Statement(framed),)),)),) if names else ()

    def _source_line(self, passage: Passage, query: Query, previous: Passage | None) -> SourceLine:
        if previous and (previous.doc_id, previous.path) == (passage.doc_id, passage.path):
            return CONTINUED
        return self._full_source_line(passage, passage.path, query)

    def _full_source_line(self, passage: Passage, path: tuple[str, ...], query: Query) -> SourceLine:
        with_issuer = self._has_several_issuers or bool(query.scope.absent_towns)
        is_older = self._catalogue.is_superseded(passage.doc_id, query.scope)
        return build_source_line(self._documents[passage.doc_id], path, is_older=is_older, with_issuer=with_issuer)

    def _find_list_sections(self, passages: Sequence[Passage], query: Query) -> _Sections:
        if not query.asks_for_list:
            return {}
        doc_ids = {passage.doc_id for passage in passages}
        passages_by_document = {doc_id: tuple(self._catalogue.find_passages(doc_id)) for doc_id in doc_ids}
        lists = list[tuple[bool, _Sections]]()
        for passage in passages:
            lists += _section_lists(passages_by_document[passage.doc_id], passage, passages, query)
        named = (sections for is_named, sections in lists if is_named)
        of_first = (sections for _, sections in lists if passages[0].path[: _depth(sections)] in sections)
        return next(chain(named, of_first), {})

    def _add_headings(self, answer: _PartialAnswer, sections: _Sections) -> None:
        path, passage = next(iter(sections.items()))
        outer_path = path[:-1] or (self._documents[passage.doc_id].title,)
        line = self._full_source_line(passage, outer_path, answer.query)
        headings = (Statement(f"・{path[-1]}", (n,), "\n") for n, path in enumerate(sections, 1))
        sources = [Source(passage, passage.text.split("\n")[0]) for passage in sections.values()]
        answer.add([Paragraph((*headings, line, Statement("", (1,))))], sources)


@lru_cache(maxsize=1024)
def _words(text: str) -> frozenset[str]:
    return frozenset(words(strip_heading_number(nfkc(text))))


@lru_cache(maxsize=1024)
def _negations(text: str) -> frozenset[str]:
    return _NEGATIONS & {morpheme.normal for morpheme in morphemes(nfkc(text))}


def _line_length(line: SourceLine, query: Query) -> int:
    return len(render_source_line(line, query.answer_language))


def _depth(sections: _Sections) -> int:
    return len(next(iter(sections)))


def _section_lists(
    passages: Sequence[Passage], passage: Passage, selected: Sequence[Passage], query: Query
) -> Iterator[tuple[bool, _Sections]]:
    question_words = set(words(query.text))
    for sections in numbered_siblings(passages, passage):
        depth = _depth(sections)
        headings = {path[-1] for path in sections}
        length = sum(len(heading) + MARKS_LENGTH for heading in headings)
        if len(headings) < len(sections) or length > MAX_ANSWER_LENGTH // 2:
            continue
        counter = set(words(heading_counter(passage.path[depth - 1])))
        is_named = bool(counter) and counter <= question_words
        other_sections = sections.keys() - {passage.path[:depth]}
        has_two_selected = any(other.path[:depth] in other_sections for other in selected)
        if query.member_count:
            is_list = len(sections) == query.member_count and (is_named or has_two_selected)
        else:
            is_list = is_named and has_two_selected
        if is_list:
            yield is_named, sections


def _add_snippet(
    answer: _PartialAnswer, shown: PassageToShow, line: SourceLine, budget: LengthBudget, find_passages: FindPassages
) -> None:
    snippet = select_snippet(shown, answer.query, budget)
    text = shown.passage.text
    if snippet.lacks_start or snippet.lacks_end:
        line = SourceLine((*line.segments, service_message("cut_list" if snippet.is_list else "cut")))
    elif size := _complete_list_size(shown, snippet, answer.query, find_passages):
        line = SourceLine((*line.segments, service_message("whole_list", n=str(size))))
    gap = "\n" if snippet.is_list else ""
    start_ellipsis = f"…{gap}" if snippet.lacks_start else ""
    end_ellipsis = f"{gap}…" if snippet.lacks_end else ""
    n = len(answer.sources) + 1
    start, end = snippet.highlight
    excerpt = Excerpt(
        n=n,
        source_line=line,
        text=text[snippet.answer_start : snippet.end],
        highlight=(start - snippet.answer_start, end - snippet.answer_start),
        ellipses=(start_ellipsis, end_ellipsis),
    )
    parts = [excerpt]
    head = text[slice(*snippet.head)] if snippet.head else ""
    if preceding := head or text[snippet.start : snippet.answer_start].strip():
        parts = [
            replace(excerpt, ellipses=("", end_ellipsis)),
            Excerpt(n, PRECEDING, preceding, highlight=(0, 0), ellipses=("", "…") if head else (start_ellipsis, "")),
        ]
    answer.add(parts, [Source(shown.passage, text[snippet.start : snippet.end])])


def _complete_list_size(shown: PassageToShow, snippet: Snippet, query: Query, find_passages: FindPassages) -> int:
    # The number of items if the question may ask for it and the snippet has the one list of a section; else 0.
    passage = shown.passage
    asks_for_rest = query.answer_type is AnswerType.OTHER and any(term.is_carried_over for term in query.terms)
    may_ask = query.asks_for_list or query.answer_type is AnswerType.QUANTITY or asks_for_rest
    pieces = item_spans(passage.text, [(unit.start, unit.end) for unit in shown.units])
    complete = find_complete_list(passage, pieces) if may_ask and passage.kind == "list" and pieces else None
    if complete is None or snippet.start > complete.start or snippet.end < complete.end:
        return 0
    is_section = sum(other.path == passage.path for other in find_passages(passage.doc_id)) == 1
    return len(complete.items) if is_section else 0
