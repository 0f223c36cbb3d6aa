"""Adjustments: rules that reorder or filter passages after retrieval, each a function that can be switched off.

`python -m eval ablation` measures each of them.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace

from bot.relevance.adjustments.adjusted_ranking import Ranking, Stage
from bot.relevance.adjustments.catalogue import DocumentCatalogue
from bot.relevance.adjustments.document_preference import (
    drop_later_documents,
    place_compared_document,
    place_older_alternative,
    prefer_current_plan,
)
from bot.relevance.adjustments.notices import replace_earlier_notices
from bot.relevance.adjustments.passage_selection import (
    add_section_support,
    drop_same_place,
    drop_weak_passages,
    filter_absent_towns,
)
from bot.state import Hit, ScoredPassage, Turn, to_read_turn
from bot.state.query import Query

Adjustment = Callable[[Ranking, Query], Ranking]

ADJUSTMENTS: tuple[tuple[Stage, Adjustment], ...] = (
    (Stage.RETRIEVED, drop_later_documents),
    (Stage.SCORED, replace_earlier_notices),
    (Stage.SELECTED, filter_absent_towns),
    (Stage.SELECTED, add_section_support),
    (Stage.SELECTED, prefer_current_plan),
    (Stage.SELECTED, drop_same_place),
    (Stage.SELECTED, place_compared_document),
    (Stage.SELECTED, place_older_alternative),
    (Stage.SELECTED, drop_weak_passages),
)
"""All adjustments in the order in which they run."""
SUBJECT = "subject"
"""The name of the subject check, a step of its own (bot/relevance/subject.py)."""
NAMES = (SUBJECT, *(adjustment.__name__ for _, adjustment in ADJUSTMENTS))
"""What an evaluation run can switch off."""

_changed: ContextVar[set[str] | None] = ContextVar("names of the adjustments that changed a ranking", default=None)


@contextmanager
def record_changes() -> Iterator[set[str]]:
    """Collect the names of the adjustments that change a ranking within the block, in this thread."""
    names: set[str] = set()
    token = _changed.set(names)
    try:
        yield names
    finally:
        _changed.reset(token)


def record_change(name: str) -> None:
    """Note, within `record_changes`, that an adjustment changed the ranking of this thread's question."""
    if (changed := _changed.get()) is not None:
        changed.add(name)


class Adjustments:
    """Runs the adjustments over the documents of one index; safe to share between threads.

    `disabled` names those that an evaluation run switches off.
    """

    def __init__(self, catalogue: DocumentCatalogue, disabled: Collection[str] = ()) -> None:
        self.catalogue = catalogue
        self._active = [(stage, adjustment) for stage, adjustment in ADJUSTMENTS if adjustment.__name__ not in disabled]

    def filter_hits(self, hits: Sequence[Hit], query: Query) -> tuple[Hit, ...]:
        """Return the hits of a search that may answer."""
        return self._run(Stage.RETRIEVED, Ranking(self.catalogue, tuple(hits)), query).hits

    def __call__(self, turn: Turn) -> Turn:
        """Return the turn with its hits and scored passages adjusted."""
        read_turn = to_read_turn(turn)
        ranking = Ranking(self.catalogue, turn.hits, read_turn.reading.passages)
        ranking = self._run(Stage.SCORED, ranking, read_turn.query)
        return replace(turn, hits=ranking.hits, reading=replace(read_turn.reading, passages=ranking.passages))

    def select(self, passages: Sequence[ScoredPassage], hits: Sequence[Hit], query: Query) -> Ranking:
        """Return the passages to show, best first; `hits` are those of the search."""
        scored = tuple(passages)
        weights = {scored.hit.passage.id: scored.probability for scored in passages}
        ranking = Ranking(self.catalogue, tuple(hits), scored, scored=scored, weights=weights)
        return self._run(Stage.SELECTED, ranking, query)

    def _run(self, stage: Stage, ranking: Ranking, query: Query) -> Ranking:
        for adjustment_stage, adjustment in self._active:
            if adjustment_stage is stage and (ranking.passages or stage is Stage.RETRIEVED):
                adjusted = adjustment(ranking, query)
                if adjusted != ranking:
                    record_change(adjustment.__name__)
                ranking = adjusted
        return ranking
