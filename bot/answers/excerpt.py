"""Answers with verbatim excerpts of the best passages; the fallback of all other answerers."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from bot.answers.excerpt_renderer import ExcerptRenderer
from bot.answers.related_passages import find_related_passages
from bot.relevance.adjustments import asks_about_other_city, names_absent_town
from bot.relevance.catalogue import DocumentCatalogue
from bot.rendering.answer_text import render_text
from bot.rendering.snippet import PassageToShow
from bot.state import Draft, Paragraph, Status, Turn, paragraph, service_message
from bot.state.query import AnswerType, Query
from ingest.documents import Passage
from ingest.japanese import nfkc
from ingest.japanese.mentions.days import named_weekdays
from ingest.japanese.mentions.quantities import figures
from ingest.japanese.mentions.times import times

# What a rule about days can answer: when, whether on a day, or what there is on a day.
_ANSWERED_BY_DAYS = frozenset({AnswerType.DATE, AnswerType.BOOLEAN, AnswerType.OTHER})
_SPANS = frozenset({"日間", "週間", "か月"})
_COUNTED_FROM = ("以内", "前", "後", "ごと")


class ExcerptAnswerer:
    """Shows snippets of the best passages, each under its source line."""

    def __init__(self, catalogue: DocumentCatalogue) -> None:
        self._catalogue = catalogue
        self._renderer = ExcerptRenderer(catalogue)

    def __call__(self, turn: Turn) -> Draft | None:
        """Return the excerpts, with a remark if they are unsure; None if no passage is likely to answer."""
        reading = turn.scored_reading
        query = turn.parsed_query
        if reading.status is Status.NO_ANSWER:
            return None
        selected = [PassageToShow(scored.hit.passage, scored.units) for scored in reading.selected]
        best = selected[0].passage
        misses_town = _misses_town([scored.hit.passage for scored in reading.passages], query)
        # The days that an exception names decide a single day, but not which days a month has.
        rules = selected[:1] if query.days else selected
        is_rule = any(_leaves_day_open(query, shown.passage.text) for shown in rules)
        if is_rule and (exception := _find_exception(query, best, self._catalogue.find_passages(best.doc_id))):
            others = [shown for shown in selected[1:] if shown.passage != exception]
            selected = [selected[0], PassageToShow(exception, ()), *others]
        is_sure = reading.status is Status.ANSWERED
        remark = _remark(query, misses_town=misses_town, is_sure=is_sure, is_rule=is_rule)
        draft = self._build_draft(query, selected, remark)
        if remark is None:
            return draft
        current = [
            scored
            for scored in reading.passages
            if not self._catalogue.is_superseded(scored.hit.passage.doc_id, query.scope)
        ]
        return replace(draft, nearest=find_related_passages(current, query, draft.sources))

    def draft_from_statements(self, query: Query, statements: Sequence[PassageToShow]) -> Draft | None:
        """Return excerpts of passages that are known to state the answer, whatever their probability."""
        misses_town = _misses_town([shown.passage for shown in statements], query)
        if misses_town and asks_about_other_city(query):
            return None
        distinct = dict[str, PassageToShow]()
        for shown in sorted(statements, key=lambda shown: shown.passage.doc_id not in query.scope.preferred):
            distinct.setdefault(shown.passage.text.strip(), shown)
        selected = list(distinct.values())
        remark = _remark(query, misses_town=misses_town, is_sure=True, is_rule=False)
        return self._build_draft(query, selected, remark)

    def _build_draft(self, query: Query, passages: Sequence[PassageToShow], remark: Paragraph | None) -> Draft:
        reserved = len(render_text([remark], query.answer_language)) if remark else 0
        parts, sources = self._renderer.render(passages, query, reserved=reserved)
        notices: tuple[Paragraph, ...] = ()
        compared = [self._catalogue.documents[doc_id] for doc_id in sorted(query.scope.required)]
        newer = [document for document in compared if query.scope.required.intersection(document.supersedes)]
        if newer:
            notices = (paragraph(service_message("compared")),)
        if newer and query.scope.lineages:
            older = (document.title for document in compared if document.id in newer[0].supersedes)
            chosen = service_message("compared_plan", new=newer[0].title, old="」「".join(older))
            notices = (paragraph(chosen), *notices)
        return Draft(
            (remark, *parts) if remark else parts,
            sources,
            Status.PARTIAL if remark else Status.ANSWERED,
            passages[0].passage.section,
            notices=notices,
        )


def _remark(query: Query, *, misses_town: bool, is_sure: bool, is_rule: bool) -> Paragraph | None:
    towns = sorted(query.scope.absent_towns)
    absent = [service_message("absent", towns="・".join(towns))] if towns else []
    if misses_town:
        return paragraph(*absent)
    if is_sure and is_rule:
        return paragraph(*absent, service_message("rule_only"))
    return None if is_sure else paragraph(*absent, service_message("unsure"))


def _misses_town(passages: Sequence[Passage], query: Query) -> bool:
    return bool(query.scope.absent_towns) and not any(names_absent_town(passage, query) for passage in passages)


# No calendar is computed without a language model: a rule has exceptions that a reader has to see beside it.
def _leaves_day_open(query: Query, text: str) -> bool:
    """Whether the question names a day or month for which `text` has a rule, but no day of that month."""
    months = _asked_months(query)
    normal = nfkc(text)
    if not months or query.answer_type not in _ANSWERED_BY_DAYS or _names_day_of(normal, months):
        return False
    has_counted_days = any(
        figure.unit in _SPANS and normal.startswith(_COUNTED_FROM, figure.end) for figure in figures(normal)
    )
    weekdays = named_weekdays(normal)
    is_of_weekday = bool(query.weekdays) and not has_counted_days and all(n == 0 for n, _ in weekdays)
    asks_for_end = bool(query.days) and query.answer_type is not AnswerType.OTHER
    return (bool(weekdays) and not is_of_weekday) or (has_counted_days and asks_for_end)


def _find_exception(query: Query, passage: Passage, passages: Iterable[Passage]) -> Passage | None:
    """Return the next of a document's passages if it is a neighbouring section that names a day of the asked month."""
    after = list(passages)
    following = after[after.index(passage) + 1 :][:1]
    is_near = bool(following) and following[0].path[:-1] == passage.path[:-1]
    return following[0] if is_near and _names_day_of(nfkc(following[0].text), _asked_months(query)) else None


def _asked_months(query: Query) -> frozenset[int]:
    return query.months | {day.month for day in query.days}


def _names_day_of(normal: str, months: frozenset[int]) -> bool:
    return any(time.day and time.month in months for time in times(normal))
