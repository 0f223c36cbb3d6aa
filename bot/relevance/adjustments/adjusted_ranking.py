"""The ranking that adjustments take and return."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from typing import Self

from bot.relevance.adjustments.catalogue import DocumentCatalogue
from bot.state import Hit, ScoredPassage


class Stage(Enum):
    """When an adjustment runs."""

    RETRIEVED = auto()
    """After search, before the reader scores the hits."""
    SCORED = auto()
    """After the reader, for all answerers."""
    SELECTED = auto()
    """When an answerer selects the passages to show."""


# From this share of the best weight, a passage is nearly as good as the best (decision 018).
_NEARLY_BEST = 0.25


@dataclass(frozen=True, slots=True)
class Ranking:
    """The hits and scored passages of one query, best first.

    Attributes:
        scored: all passages that the reader scored; this and the next two at stage SELECTED only.
        weights: the weight of each passage in the ranking, by its id.
        leading: this many first passages are shown whatever their weight.
    """

    catalogue: DocumentCatalogue = field(compare=False)
    hits: tuple[Hit, ...] = ()
    passages: tuple[ScoredPassage, ...] = ()
    scored: tuple[ScoredPassage, ...] = ()
    weights: Mapping[str, float] = field(default_factory=dict)
    leading: int = 1

    @property
    def best_weight(self) -> float:
        """The greatest weight, 0 without passages."""
        return max(self.weights.values(), default=0.0)

    def weight(self, passage: ScoredPassage) -> float:
        """Return the weight of a passage."""
        return self.weights[passage.hit.passage.id]

    def is_nearly_best(self, passage: ScoredPassage, best: float | None = None) -> bool:
        """Whether the weight of a passage is near to the best one, or to `best`."""
        return self.weight(passage) >= _NEARLY_BEST * (self.best_weight if best is None else best)

    def with_scored(self, passages: Iterable[ScoredPassage]) -> Self:
        """Return the ranking with these passages, sorted by probability."""
        ordered = sorted(passages, key=lambda scored: (-scored.probability, scored.hit.passage.id))
        return replace(self, passages=tuple(ordered))

    def limited_to(self, passages: Sequence[ScoredPassage]) -> Self:
        """Return the ranking with only these passages."""
        weights = {scored.hit.passage.id: self.weight(scored) for scored in passages}
        return replace(self, passages=tuple(passages), scored=tuple(passages), weights=weights)

    def reweighted(self, weights: Mapping[str, float]) -> Self:
        """Return the ranking with other weights for some passages, sorted by weight."""
        changed = replace(self, weights={**self.weights, **weights})
        return replace(changed, passages=tuple(sorted(self.passages, key=lambda scored: -changed.weight(scored))))

    def with_leading(self, passage: ScoredPassage) -> Self:
        """Return the ranking with a passage moved to the end of the leading ones."""
        others = [scored for scored in self.passages if scored is not passage]
        passages = (*others[: self.leading], passage, *others[self.leading :])
        return replace(self, passages=passages, leading=self.leading + 1)


def section_key(passage: ScoredPassage) -> tuple[str, tuple[str, ...]]:
    """Return the document id and headings of a passage."""
    return passage.hit.passage.doc_id, passage.hit.passage.path
