"""Answers when a plan is in force with the sentence that states its validity period."""

import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache

from bot.answers.excerpt import ExcerptAnswerer
from bot.answers.snippet import Place
from bot.question.query import AnswerType, Query
from bot.question.scope import PLAN_WORDS
from bot.relevance.units import unit_spans
from bot.state import Draft, Turn, Unit
from ingest.documents import Document, Passage
from ingest.japanese import dates, nfkc
from ingest.japanese.tokenise import words
from ingest.metadata.validity import is_in_force_during, superseding_documents

_PLAN_NAMED = re.compile("|".join(PLAN_WORDS))
# How a question asks of a plan when it is in force, and tells which one it means by its age.
_AGES = "前 一つ前 以前 旧 今 いま 現在 現行 現時点 時点 最新 新しい"
_IN_FORCE = "期間 期限 年 年度 年間 有効 効力 始まる 開始 使う 続く 終わる 終了"
_ASKING = frozenset(words(f"{' '.join(PLAN_WORDS)} {_AGES} {_IN_FORCE}"))
# A city has plans of every kind: a question that fits more of them asks for none.
_MOST = 2


class ValidityPeriodAnswerer:
    """Shows where a plan states the period that the manifest gives it, as `excerpts`."""

    def __init__(
        self,
        documents: Sequence[Document],
        of_document: Callable[[str], Iterable[Passage]],
        excerpts: ExcerptAnswerer,
    ) -> None:
        self._documents = [document for document in documents if document.period]
        self._names = {d.id: frozenset(words("\n".join((d.title, d.issuer, *d.aliases)))) for d in self._documents}
        self._replacing = superseding_documents(documents)
        self._of_document = of_document
        self._excerpts = excerpts
        self._stated = lru_cache(maxsize=None)(self._find_period_statement)

    def __call__(self, turn: Turn) -> Draft | None:
        """Return the statements of the plans that are meant; None where more is asked, or one states no period."""
        if turn.query is None or not _asks_for_period(turn.query):
            return None
        meant = self._matching_plans(turn.query)
        found = [stated for document in meant if (stated := self._stated(document))]
        if not found or len(found) < len(meant):
            return None
        return self._excerpts.show_statements(turn.query, found)

    def _matching_plans(self, query: Query) -> list[Document]:
        """Return the plans that the question can mean: those in force, or those that were on the date that it tells."""
        scope = query.scope
        dated = query.dates[0] if query.dates else None
        named = {term.text for term in query.terms} - _ASKING - {word for d in query.dates for word in words(d.key)}
        of_age = scope.compared or scope.preferred
        fitting = [
            document
            for document in self._documents
            if document.id in scope.allowed
            and named <= self._names[document.id]
            and (
                is_in_force_during(document, dated.first, dated.last, self._replacing)
                if dated
                else document.id in of_age
            )
        ]
        return fitting if len(fitting) <= _MOST else []

    def _find_period_statement(self, document: Document) -> Place | None:
        """Return the passage with the sentence that states both ends of the document's period, that one marked."""
        for passage in self._of_document(document.id):
            bounds = unit_spans(passage) if "期間" in "\n".join((*passage.path, passage.text)) else ()
            marked = tuple(Unit(*each, float(_states_period(document, passage, *each))) for each in bounds)
            if any(unit.probability for unit in marked):
                return Place(passage, marked)
        return None


def _asks_for_period(query: Query) -> bool:
    asked = query.answer_type is AnswerType.DATE or (query.operation is not None and query.operation.asks_which)
    return asked and bool(query.scope.named or _PLAN_NAMED.search(query.text))


def _states_period(document: Document, passage: Passage, start: int, end: int) -> bool:
    """Whether a sentence tells both ends of the document's period as such."""
    sentence = nfkc(passage.text[start:end])
    told, period = dates(sentence), document.period
    if period is None or "期間" not in "\n".join((*passage.path, sentence)):
        return False
    return any(d.first <= period.start <= d.last for d in told) and any(d.first <= period.end <= d.last for d in told)
