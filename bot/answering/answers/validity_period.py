"""Answers when a plan is in force with the sentence that states its validity period."""

import re
from functools import lru_cache

from bot.answering.answers.excerpt import ExcerptAnswerer
from bot.answering.question.scope import PLAN_WORDS
from bot.answering.relevance.catalogue import FindPassages
from bot.answering.rendering.snippet import PassageToShow
from bot.answering.state import Draft, Turn, Unit
from bot.answering.state.query import AnswerType, Query
from ingest.documents import Document, Passage
from ingest.japanese import dates, nfkc
from ingest.japanese.tokenise import words
from ingest.publications import Publications
from ingest.terms.units import unit_spans

_PLAN_NAME = re.compile("|".join(PLAN_WORDS))
# Words of a question for the age and the period of a plan; its other words name the plan.
_AGES = "前 一つ前 以前 旧 今 いま 現在 現行 現時点 時点 最新 新しい"
_IN_FORCE = "期間 期限 年 年度 年間 有効 効力 始まる 開始 使う 続く 終わる 終了"
_PERIOD_WORDS = frozenset(words(f"{' '.join(PLAN_WORDS)} {_AGES} {_IN_FORCE}"))
_ANSWER_TYPES = frozenset({AnswerType.DATE, AnswerType.QUANTITY})
# A question that asks neither when nor how long is about a period if it names one: which plan is in force.
_NAMES_PERIOD = frozenset(words("期間 期限 有効 効力"))
# A question that matches more plans does not mean a particular one.
_MAX_PLANS = 2


class ValidityPeriodAnswerer:
    """Shows the sentence in which a plan states the period that it has in the manifest."""

    def __init__(self, publications: Publications, find_passages: FindPassages, excerpts: ExcerptAnswerer) -> None:
        self._documents = [document for document in publications.by_id.values() if document.period]
        self._names = {d.id: frozenset(words("\n".join((d.title, d.issuer, *d.aliases)))) for d in self._documents}
        self._publications = publications
        self._find_passages = find_passages
        self._excerpts = excerpts
        self._find_cached = lru_cache(maxsize=None)(self._find_period_statement)

    def __call__(self, turn: Turn) -> Draft | None:
        """Return the statements of the plans; None where the question asks for more, or a plan states no period."""
        query = turn.parsed_query
        asks_period = query.answer_type in _ANSWER_TYPES or (
            query.answer_type is AnswerType.OTHER and any(term.text in _NAMES_PERIOD for term in query.terms)
        )
        if not asks_period or not (query.scope.named or _PLAN_NAME.search(query.text)):
            return None
        plans = self._matching_plans(query)
        places = [place for plan in plans if (place := self._find_cached(plan))]
        is_complete = 0 < len(places) == len(plans)
        return self._excerpts.draft_from_statements(turn, places) if is_complete else None

    def _matching_plans(self, query: Query) -> list[Document]:
        scope = query.scope
        date_words = {word for mention in query.dates for word in words(mention.key)}
        name = {term.text for term in query.terms} - _PERIOD_WORDS - date_words
        plans = [d for d in self._documents if d.id in scope.allowed and name <= self._names[d.id]]
        if query.dates:
            first, last = query.dates[0].first, query.dates[0].last
            plans = [d for d in plans if self._publications.is_in_force(d, first, last)]
        else:
            plans = [d for d in plans if d.id in (scope.required or scope.preferred)]
        return plans if len(plans) <= _MAX_PLANS else []

    def _find_period_statement(self, document: Document) -> PassageToShow | None:
        for passage in self._find_passages(document.id):
            spans = unit_spans(passage) if "期間" in passage.text_with_headings else ()
            units = tuple(Unit(*span, float(_states_period(document, passage, *span))) for span in spans)
            if any(unit.probability for unit in units):
                return PassageToShow(passage, units)
        return None


def _states_period(document: Document, passage: Passage, start: int, end: int) -> bool:
    sentence, period = nfkc(passage.text[start:end]), document.period
    if period is None or "期間" not in "\n".join((*passage.path, sentence)):
        return False
    mentions = dates(sentence)
    has_start = any(mention.first <= period.start <= mention.last for mention in mentions)
    return has_start and any(mention.first <= period.end <= mention.last for mention in mentions)
