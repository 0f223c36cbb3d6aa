"""Selects the passages to show: the best one, its comparison partner and close alternatives."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from bot.question.query import Query, Scope
from bot.relevance.recency import is_as_relevant_in_force
from bot.state import ScoredPassage
from bot.tables import Tables
from ingest.documents import Document
from ingest.metadata.validity import superseded_by, superseding_documents
from ingest.structure import strip_heading_number
from ingest.structure.speeches import is_question_section

# Places that share the room, a third among them that is about as good as the first (the share of its weight;
# decision 018).
_PLACES, _AS_GOOD = 2, 0.8
# The share of the best passage's weight that another place must have to be shown too, and the share that is enough for
# what search found first (decision 018).
_NEARLY_AS_GOOD, _FOUND_FIRST = 0.25, 0.1
# What a question of a member of a council counts beside what it was answered (.3 to .7 alike: decision 022).
_ASKED = 0.5
# What a passage of a document that is not in force counts beside one of a document that is (decision 018).
_NOT_IN_FORCE = 0.6
# What one in force counts where the question asks for an older one: at twice as much both are shown, at a sixth what
# only the later one tells is lost.
_NOT_OF_THEN = 0.19


class Selection:
    """Chooses of the passages that were read those to show, over one index; safe to share between threads."""

    def __init__(self, documents: Sequence[Document], tables: Tables) -> None:
        self._documents = {document.id: document for document in documents}
        self._replacing = superseding_documents(documents)
        self._tables = tables

    def __call__(
        self, passages: Sequence[ScoredPassage], query: Query, found_first: str
    ) -> tuple[list[ScoredPassage], int]:
        """Return the passages to show, and how many of them share the room: the best, what is set beside it, others.

        Where no issuer is named, these are of other issuers, if any is nearly as good: who asks knows which is meant.
        """
        scope, weights = query.scope, self._weights(passages, query.scope)
        ranked = sorted(passages, key=lambda read: -weights[read.hit.passage.id])
        best = weights[ranked[0].hit.passage.id]
        if newer := self._in_force_alternative(ranked[0], ranked, query):
            ranked = [newer, *(read for read in ranked if read is not newer)]
        first = ranked[0]
        others = list[ScoredPassage]()
        for read in ranked[1:]:
            if not any(self._is_same_place(read, other) for other in (first, *others)):
                others.append(read)
        good = [read for read in others if weights[read.hit.passage.id] >= _NEARLY_AS_GOOD * best]
        beside = (
            self._best_of_other_issuers(first, others if scope.issuers else good) if len(scope.issuers) != 1 else []
        )
        if beside and not scope.compared:
            return [first, *beside], _PLACES
        second = self._second(first, others, weights, scope, found_first)
        chosen = [first, *second, *(read for read in good if read not in second)]
        as_good = [read for read in chosen[_PLACES:][:1] if weights[read.hit.passage.id] >= _AS_GOOD * best]
        return chosen, _PLACES + len(as_good)

    def _second(
        self,
        first: ScoredPassage,
        others: Sequence[ScoredPassage],
        weights: Mapping[str, float],
        scope: Scope,
        found_first: str,
    ) -> list[ScoredPassage]:
        """Return what is set beside the first, if anything is.

        Where two sides are compared, the passage of the other one under the same heading, or its best; else one that is
        as likely, but not in force; else the one that search `found_first`, if it is of another section and may well
        answer.
        """
        if scope.compared:
            of_other = [r for r in others if r.hit.passage.doc_id in scope.compared - {first.hit.passage.doc_id}]
            subject = strip_heading_number(first.hit.passage.section)
            least = _NEARLY_AS_GOOD * max((weights[read.hit.passage.id] for read in of_other), default=0.0)
            good = [read for read in of_other if weights[read.hit.passage.id] >= least]
            of_subject = [
                read for read in good if subject and strip_heading_number(read.hit.passage.section) == subject
            ]
            return (of_subject or of_other or list(others))[:1]
        best = weights[first.hit.passage.id]
        older = [read for read in others if read.hit.passage.doc_id not in scope.preferred]
        good = [read for read in older if weights[read.hit.passage.id] >= _NEARLY_AS_GOOD * best]
        aged = [read for read in good if read.probability >= first.probability][:1]
        searched = [read for read in others if read.hit.passage.id == found_first and read not in older]
        may_answer = [read for read in searched if weights[found_first] >= _FOUND_FIRST * best]
        return aged or [read for read in may_answer if section_key(read) != section_key(first)]

    def _in_force_alternative(
        self, first: ScoredPassage, ranked: Sequence[ScoredPassage], query: Query
    ) -> ScoredPassage | None:
        """Return the best passage in force that speaks to the question as well as the first, of an older one, does."""
        scope = query.scope
        older = superseded_by(self._documents[first.hit.passage.doc_id], scope.as_of, self._replacing)
        if not older or scope.compared or self._asks_older(scope):
            return None
        return next((read for read in ranked if is_as_relevant_in_force(read, first, query)), None)

    def _weights(self, passages: Sequence[ScoredPassage], scope: Scope) -> dict[str, float]:
        """Return what each passage counts; for a section's best one its second speaks too."""
        weights = {read.hit.passage.id: self._weight(read, scope) for read in passages}
        sections = defaultdict[tuple[str, tuple[str, ...]], list[str]](list)
        for read in sorted(passages, key=lambda read: -weights[read.hit.passage.id]):
            sections[section_key(read)].append(read.hit.passage.id)
        second = {of[0]: weights[of[1]] for of in sections.values() if len(of) > 1}
        return {passage: weight + second.get(passage, 0.0) for passage, weight in weights.items()}

    def _weight(self, read: ScoredPassage, scope: Scope) -> float:
        weight = read.probability * (_ASKED if is_question_section(read.hit.passage.path) else 1.0)
        if read.hit.passage.doc_id in scope.preferred:
            return weight
        return weight * (_NOT_OF_THEN if self._asks_older(scope) else _NOT_IN_FORCE)

    def _asks_older(self, scope: Scope) -> bool:
        """Whether the documents that the question means, by name or by time, have all been replaced."""
        preferred = (self._documents[doc_id] for doc_id in scope.preferred)
        return all(superseded_by(document, scope.as_of, self._replacing) for document in preferred)

    def _best_of_other_issuers(self, first: ScoredPassage, ranked: Sequence[ScoredPassage]) -> list[ScoredPassage]:
        """Return the best passage of each issuer but that of the first."""
        best = {self._issuer(read): read for read in reversed((first, *ranked))}
        return [read for read in ranked if best[self._issuer(read)] is read]

    def _issuer(self, read: ScoredPassage) -> str:
        return self._documents[read.hit.passage.doc_id].issuer

    def _is_same_place(self, one: ScoredPassage, other: ScoredPassage) -> bool:
        """Whether two passages are rows of one table, which is shown once, or say the same."""
        rows = one.hit.passage.kind == other.hit.passage.kind == "row" and section_key(one) == section_key(other)
        same_table = rows and self._tables.of(one.hit.passage) is self._tables.of(other.hit.passage)
        return same_table or one.hit.passage.text.strip() == other.hit.passage.text.strip()


def section_key(read: ScoredPassage) -> tuple[str, tuple[str, ...]]:
    """Return document and headings of a passage."""
    return read.hit.passage.doc_id, read.hit.passage.path
