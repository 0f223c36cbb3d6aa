"""How many characters an extractive answer and its parts may have."""

from dataclasses import dataclass

# Characters of a whole answer (decision 014).
MAX_ANSWER_LENGTH = 500
# An excerpt grows by sentences up to this length, so that two fit in an answer (decision 014).
TARGET_EXCERPT_LENGTH = 240
# No excerpt is longer. Only a single sentence or a requested list may be longer than the target.
MAX_EXCERPT_LENGTH = MAX_ANSWER_LENGTH
# Another excerpt is added only if there is room for this many characters of it, or for all of it.
MIN_EXCERPT_LENGTH = 60
# A citation mark and the line feeds around a part.
MARKS_LENGTH = 6


@dataclass(frozen=True, slots=True)
class LengthBudget:
    """The characters that one part of an answer may have.

    Attributes:
        share: the characters that leave room for the parts after it.
        available: all characters that are left of the answer.
    """

    share: int
    available: int

    @property
    def target(self) -> int:
        return min(TARGET_EXCERPT_LENGTH, self.share)

    @property
    def limit(self) -> int:
        return max(self.target, min(MAX_EXCERPT_LENGTH, self.available))
