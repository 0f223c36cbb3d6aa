"""Adjustments: rules that reorder or filter the scored passages of a question, each with a name.

`python -m eval run --without NAME` measures without one.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Self

from bot.answering.relevance.catalogue import DocumentCatalogue
from bot.answering.relevance.notices import replace_earlier_issues
from bot.answering.state import Hit, ScoredPassage
from bot.answering.state.query import Query
from ingest.documents import Document, Passage
from ingest.japanese import Time, dates, nfkc
from ingest.japanese.markers import strip_heading_number
from ingest.japanese.mentions.reference_days import ReferenceDay, reference_days
from ingest.publications import published_on

# From this share of the best weight, a passage is nearly as good as the best (decision 014).
_NEARLY_BEST = 0.25
# From this share of the best odds, a row is shown beside the best one of its table (decision 098).
_AS_GOOD = 0.5
# The factor for a document that is not preferred. At twice this and the next figure, both documents are shown; at a
# sixth, what only the later one states is lost (decision 014).
_NOT_PREFERRED_FACTOR = 0.6
# The factor for a later document if the question asks for an older one.
_LATER_FACTOR = 0.19


@dataclass(frozen=True, slots=True)
class Ranking:
    """The scored passages of one query, best first.

    Attributes:
        weights: the weight of each passage, by its id; its probability before any adjustment.
        leading: this many first passages are shown whatever their weight.
    """

    catalogue: DocumentCatalogue
    passages: tuple[ScoredPassage, ...]
    weights: Mapping[str, float]
    leading: int = 1

    @classmethod
    def from_passages(cls, catalogue: DocumentCatalogue, passages: tuple[ScoredPassage, ...]) -> Self:
        return cls(catalogue, passages, {scored.hit.passage.id: scored.probability for scored in passages})

    def weight(self, passage: ScoredPassage) -> float:
        return self.weights[passage.hit.passage.id]

    def nearly_best(self, passages: Sequence[ScoredPassage], among: Iterable[ScoredPassage]) -> list[ScoredPassage]:
        """Return those of `passages` whose weight is near to the best one of those `among`."""
        least = _NEARLY_BEST * max(map(self.weight, among), default=0.0)
        return [passage for passage in passages if self.weight(passage) >= least]


def drop_later_documents(hits: Sequence[Hit], query: Query, documents: Mapping[str, Document]) -> tuple[Hit, ...]:
    """Return the hits without documents published after the day in the question that state nothing of that day.

    A report of July states the population of the last of March; a notice of July does not tell what held in March
    (decision 070).
    """
    day = query.scope.day
    return tuple(
        hit
        for hit in hits
        if day is None
        or hit.passage.doc_id not in query.scope.later
        or _states_day(hit.passage, documents[hit.passage.doc_id], day)
    )


def _states_day(passage: Passage, document: Document, day: ReferenceDay) -> bool:
    # A longer time counts only if both end together (令和5年度末, 2024年3月末), because a later document names the
    # current year for many reasons. Days without year count before 現在 and 時点.
    requested = day.time
    return any(
        requested.covers(stated)
        or (stated.overlaps(requested) and (stated.granularity == "month" or stated.last == requested.last))
        for stated in _times(passage, document)
    )


@lru_cache(maxsize=1024)
def _times(passage: Passage, document: Document) -> tuple[Time, ...]:
    columns = (cell.column for cell in passage.cells)
    text = nfkc("\n".join((document.title, passage.text_with_headings, *columns, *passage.notes)))
    published = published_on(document)
    without_year = (day.time for day in reference_days(text, published) if not day.has_year) if published else ()
    return (*dates(text), *without_year)


Adjustment = Callable[[Ranking, Query], Ranking]


def prefer_latest_notice(ranking: Ranking, query: Query) -> Ranking:
    """Replace earlier issues of a recurring notice by the latest (decision 019)."""
    catalogue = ranking.catalogue
    return Ranking.from_passages(
        catalogue, replace_earlier_issues(ranking.passages, query, catalogue.recurring_notices)
    )


def filter_absent_towns(ranking: Ranking, query: Query) -> Ranking:
    """Keep the passages that name a town without documents; without such passages, drop all for another city.

    For a prefecture, town, village or ward all passages stay, because it may contain the issuer or be part of it. They
    also stay if the question names an issuer as well.
    """
    if not query.scope.absent_towns:
        return ranking
    with_town = tuple(scored for scored in ranking.passages if names_absent_town(scored.hit.passage, query))
    return replace(ranking, passages=with_town) if with_town or asks_about_other_city(query) else ranking


def asks_about_other_city(query: Query) -> bool:
    """Whether the question names a city that published no document, and no issuer."""
    return not query.scope.issuers and any(town.endswith("市") for town in query.scope.absent_towns)


def names_absent_town(passage: Passage, query: Query) -> bool:
    """Whether a passage or its headings name a town that the question names and that published no document."""
    text = nfkc(passage.text_with_headings)
    return any(town in text for town in query.scope.absent_towns)


def prefer_current_plan(ranking: Ranking, query: Query) -> Ranking:
    """Lower the weight of documents that are not preferred: superseded ones, or later ones than asked for."""
    preferred = query.scope.preferred
    asks_for_older = all(ranking.catalogue.is_superseded(doc_id, query.scope) for doc_id in preferred)
    factor = _LATER_FACTOR if asks_for_older else _NOT_PREFERRED_FACTOR
    others = [scored for scored in ranking.passages if scored.hit.passage.doc_id not in preferred]
    weights = {**ranking.weights, **{scored.hit.passage.id: factor * ranking.weight(scored) for scored in others}}
    passages = tuple(sorted(ranking.passages, key=lambda scored: -weights[scored.hit.passage.id]))
    return replace(ranking, passages=passages, weights=weights)


def drop_same_place(ranking: Ranking, query: Query) -> Ranking:
    """Keep the best of passages with the same text, and of the rows of a table those about as good as the best."""
    share = _NEARLY_BEST if query.asks_for_list else _AS_GOOD
    best: dict[Hashable, float] = {}
    distinct: dict[str, ScoredPassage] = {}
    for scored in ranking.passages:
        passage, weight = scored.hit.passage, ranking.weight(scored)
        place = (passage.doc_id, passage.path, passage.table) if passage.kind == "row" else passage.id
        highest = best.setdefault(place, weight)
        if weight * (1 - highest) >= share * highest * (1 - weight):
            distinct.setdefault(passage.text.strip(), scored)
    return replace(ranking, passages=tuple(distinct.values()))


def place_compared_document(ranking: Ranking, query: Query) -> Ranking:
    """In a comparison, put the other document's passage under the same heading second, or else its best passage."""
    compared = query.scope.required
    if not compared or len(ranking.passages) == 1:
        return ranking
    first, *others = ranking.passages
    in_other = [scored for scored in others if scored.hit.passage.doc_id in compared - {first.hit.passage.doc_id}]
    heading = strip_heading_number(first.hit.passage.section)
    under_heading = [
        scored
        for scored in ranking.nearly_best(in_other, in_other)
        if heading and strip_heading_number(scored.hit.passage.section) == heading
    ]
    second = (under_heading or in_other or others)[0]
    rest = (scored for scored in others if scored is not second)
    return replace(ranking, passages=(first, second, *rest), leading=2)


def drop_weak_passages(ranking: Ranking, _query: Query) -> Ranking:
    """Keep the leading passages and those that are nearly as good as the best (decision 014)."""
    leading, others = ranking.passages[: ranking.leading], ranking.passages[ranking.leading :]
    return replace(ranking, passages=(*leading, *ranking.nearly_best(others, ranking.passages)))


DAY = "drop_later_documents"
"""The name of the filter by the day in the question, which runs before the passages are scored."""
SELECTION: tuple[Adjustment, ...] = (
    filter_absent_towns,
    prefer_current_plan,
    drop_same_place,
    place_compared_document,
    drop_weak_passages,
)
"""The adjustments that choose the passages to show, in the order in which they run."""
NAMES = (DAY, *(rule.__name__ for rule in (prefer_latest_notice, *SELECTION)))
"""What an evaluation run can switch off, in the order in which it runs."""
