"""A part of what a piece gains or loses by its form, with the questions for which it is looked at."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from bot.find.evidence import Evidence
from bot.find.sought import Sought
from ingest.documents import Document


@dataclass(frozen=True, slots=True)
class Part:
    """What `gain` returns for a piece where the question is one of those for which it `matters`, 0 for all others.

    Of some thirty parts a question needs ten, and it is held against a hundred pieces.
    """

    matters: Callable[[Sought], bool]
    gain: Callable[[Evidence, Sought, Document], float]

    def __call__(self, evidence: Evidence, sought: Sought, document: Document) -> float:
        """Return what the piece gains or loses."""
        return self.gain(evidence, sought, document) if self.matters(sought) else 0.0


def where(matters: Callable[[Sought], bool]) -> Callable[[Callable[[Evidence, Sought, Document], float]], Part]:
    """Make a function the part that is looked at where `matters` holds of the question."""
    return partial(Part, matters)


always = where(lambda _: True)
