"""The ranking that adjustments take and return."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from typing import Self

from bot.relevance.adjustments.catalogue import DocumentCatalogue
from bot.retrieval.ranking import CandidateRanking
from bot.state import Hit, ScoredPassage
from ingest.documents import Passage


class Stage(Enum):
    """When an adjustment runs."""

    RETRIEVED = auto()
    """After search, before the reader scores the hits."""
    SCORED = auto()
    """After the reader, for all answerers."""
    SELECTED = auto()
    """When an answerer picks the passages to show from those it may show."""


# The share of the best weight from which on a passage is nearly as good (decision 018).
_NEARLY_BEST = 0.25


@dataclass(frozen=True, slots=True)
class Ranking:
    """The hits and scored passages of one query, best first.

    `candidates` scores further passages at stage RETRIEVED. The other fields are for stage SELECTED: `scored` are all
    passages that were read, `weights` what each of those that may be shown counts, by its id, and the first `leading`
    passages are shown whatever they count.
    """

    catalogue: DocumentCatalogue = field(compare=False)
    hits: tuple[Hit, ...] = ()
    passages: tuple[ScoredPassage, ...] = ()
    candidates: CandidateRanking | None = field(default=None, compare=False)
    scored: tuple[ScoredPassage, ...] = ()
    weights: Mapping[str, float] = field(default_factory=dict)
    leading: int = 1

    @property
    def best_weight(self) -> float:
        """The greatest weight; 0 without passages."""
        return max(self.weights.values(), default=0.0)

    def weight(self, passage: ScoredPassage) -> float:
        """Return what a passage counts."""
        return self.weights[passage.hit.passage.id]

    def is_nearly_best(self, passage: ScoredPassage, best: float | None = None) -> bool:
        """Whether a passage counts nearly as much as the best, or as a given weight."""
        return self.weight(passage) >= _NEARLY_BEST * (self.best_weight if best is None else best)

    def as_scored(self, passage: Passage) -> ScoredPassage:
        """Return a passage as it was read; one that was not, with a probability of 0."""
        known = next((one for one in self.scored if one.hit.passage.id == passage.id), None)
        return known or ScoredPassage(Hit(passage, 0.0), 0.0, ())

    def with_hits(self, found: Mapping[str, Hit]) -> Self:
        """Return the ranking with further hits, by the ids of their passages."""
        known = {hit.passage.id for hit in self.hits}
        return replace(self, hits=(*self.hits, *(hit for one, hit in found.items() if one not in known)))

    def with_scored(self, passages: Iterable[ScoredPassage]) -> Self:
        """Return the ranking with these passages, by their probability."""
        ordered = sorted(passages, key=lambda one: (-one.probability, one.hit.passage.id))
        return replace(self, passages=tuple(ordered))

    def limited_to(self, passages: Sequence[ScoredPassage]) -> Self:
        """Return the ranking with some of its passages alone."""
        weights = {one.hit.passage.id: self.weight(one) for one in passages}
        return replace(self, passages=tuple(passages), scored=tuple(passages), weights=weights)

    def reweighted(self, weights: Mapping[str, float]) -> Self:
        """Return the ranking with other weights for some passages, in the order of the weights."""
        changed = replace(self, weights={**self.weights, **weights})
        return replace(changed, passages=tuple(sorted(self.passages, key=lambda one: -changed.weight(one))))

    def placed(self, passage: ScoredPassage) -> Self:
        """Return the ranking with one of its passages behind the leading ones, and leading too."""
        others = [one for one in self.passages if one is not passage]
        passages = (*others[: self.leading], passage, *others[self.leading :])
        return replace(self, passages=passages, leading=self.leading + 1)


def section_key(passage: ScoredPassage) -> tuple[str, tuple[str, ...]]:
    """Return document and headings of a passage."""
    return passage.hit.passage.doc_id, passage.hit.passage.path
