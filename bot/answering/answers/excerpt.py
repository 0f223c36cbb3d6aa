"""Answers with verbatim excerpts of the best passages; the fallback of all other answerers."""

from collections.abc import Sequence
from dataclasses import replace

from bot.answering.answers.excerpt_renderer import ExcerptRenderer
from bot.answering.answers.related_passages import find_related_passages
from bot.answering.relevance.adjustments import asks_about_other_city, names_absent_town
from bot.answering.relevance.catalogue import DocumentCatalogue
from bot.answering.rendering.answer_text import render_text
from bot.answering.rendering.snippet import PassageToShow
from bot.answering.state import Draft, Status, Turn, paragraph, service_message
from bot.answering.state.query import Query
from ingest.documents import Passage


class ExcerptAnswerer:
    """Shows snippets of the best passages, each under its source line."""

    def __init__(self, catalogue: DocumentCatalogue) -> None:
        self._catalogue = catalogue
        self._renderer = ExcerptRenderer(catalogue)

    def __call__(self, turn: Turn) -> Draft | None:
        """Return the excerpts, with related passages unless they surely answer; None if none is likely to answer."""
        relevance = turn.scored_relevance
        query = turn.parsed_query
        if relevance.status is Status.NO_ANSWER:
            return None
        selected = [PassageToShow(scored.hit.passage, scored.units) for scored in relevance.selected]
        misses_town = _misses_town([scored.hit.passage for scored in relevance.passages], query)
        is_sure = relevance.status is Status.ANSWERED and not misses_town
        draft = self._build_draft(turn, selected, is_sure=is_sure)
        if is_sure:
            return draft
        current = [
            scored
            for scored in relevance.passages
            if not self._catalogue.is_superseded(scored.hit.passage.doc_id, query.scope)
        ]
        return replace(draft, nearest=find_related_passages(current, query, draft.sources))

    def draft_from_statements(self, turn: Turn, statements: Sequence[PassageToShow]) -> Draft | None:
        """Return excerpts of passages that are known to state the answer, whatever their probability."""
        query = turn.parsed_query
        misses_town = _misses_town([shown.passage for shown in statements], query)
        if misses_town and asks_about_other_city(query):
            return None
        distinct = dict[str, PassageToShow]()
        for shown in sorted(statements, key=lambda shown: shown.passage.doc_id not in query.scope.preferred):
            distinct.setdefault(shown.passage.text.strip(), shown)
        selected = list(distinct.values())
        return self._build_draft(turn, selected, is_sure=not misses_town)

    def _build_draft(self, turn: Turn, passages: Sequence[PassageToShow], *, is_sure: bool) -> Draft:
        query = turn.parsed_query
        towns = "・".join(sorted(query.scope.absent_towns))
        remark = (paragraph(service_message("absent", towns=towns)),) if towns and not is_sure else ()
        reserved = len(render_text((*turn.urgent, *remark), query.answer_language))
        parts, sources = self._renderer.render(passages, query, reserved=reserved)
        status = Status.ANSWERED if is_sure else Status.PARTIAL
        return Draft((*remark, *parts), sources, status, passages[0].passage.section)


def _misses_town(passages: Sequence[Passage], query: Query) -> bool:
    return bool(query.scope.absent_towns) and not any(names_absent_town(passage, query) for passage in passages)
