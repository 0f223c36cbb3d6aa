"""How many characters an extractive answer and its parts may have."""

from dataclasses import dataclass

MAX_ANSWER_LENGTH = 500
MAX_SNIPPET_LENGTH = 240
MIN_SNIPPET_LENGTH = 60
# A citation mark and the line feeds around a part.
MARKS_LENGTH = 6


@dataclass(frozen=True, slots=True)
class LengthBudget:
    """The characters that one part of an answer may have.

    Attributes:
        share: leaves room for the parts after it.
        available: all that is left of the answer.
    """

    share: int
    available: int

    @property
    def snippet(self) -> int:
        """The characters of a snippet, unless a single sentence or requested list needs more."""
        return min(MAX_SNIPPET_LENGTH, self.share)
