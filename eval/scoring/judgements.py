"""Data of manual judgement: marks for one answer, and a preference between two."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

Criterion = Literal["correctness", "grounds", "clarity"]
CRITERIA: tuple[Criterion, ...] = get_args(Criterion)
CRITERION_NAMES: dict[Criterion, str] = {"correctness": "正確さ", "grounds": "根拠", "clarity": "わかりやすさ"}
CRITERION_QUESTIONS: dict[Criterion, str] = {
    "correctness": "答えは合っていて、必要なことが足りているか",
    "grounds": "示した箇所が、答えを支えているか",
    "clarity": "市民が読んで、すぐ分かるか",
}
MARKS = (1, 2, 3, 4, 5)

Choice = Literal["a", "b", "same", "undone"]
CHOICES: tuple[Choice, ...] = ("a", "b", "same")
"""What a scorer can choose; `undone` withdraws the last choice and is stored like any other."""


@dataclass(frozen=True, slots=True)
class CaseKey:
    """A case within a run: ids are unique, but one case may be asked in several sets."""

    set: str
    case_id: str


@dataclass(frozen=True, slots=True)
class Marks:
    """A scorer's marks for one answer: 1 (bad) to 5 (good) by criterion."""

    correctness: int
    grounds: int
    clarity: int
    comment: str = ""

    def mark_for(self, criterion: Criterion) -> int:
        """Return the mark for a criterion."""
        mark: int = getattr(self, criterion)
        return mark


@dataclass(frozen=True, slots=True)
class ScoreVerdict:
    """Stored marks; the time is UTC."""

    number: int
    run: str
    key: CaseKey
    answer_id: str
    scorer: str
    marks: Marks
    created: datetime


@dataclass(frozen=True, slots=True)
class RunPair:
    """Two runs, sorted by name."""

    run_1: str
    run_2: str

    @classmethod
    def of(cls, run_1: str, run_2: str) -> "RunPair":
        """Return the pair of two runs in either order."""
        return cls(*sorted((run_1, run_2)))

    def other(self, run: str) -> str:
        """Return the run that is not `run`."""
        return self.run_2 if run == self.run_1 else self.run_1


@dataclass(frozen=True, slots=True)
class PreferenceVerdict:
    """A stored preference: which run was shown as A, and which answer was better."""

    number: int
    pair: RunPair
    key: CaseKey
    scorer: str
    shown_as_a: str
    choice: Choice
    comment: str
    created: datetime

    @property
    def better(self) -> str:
        """The run with the better answer; "" if both were alike or the choice was withdrawn."""
        if self.choice == "a":
            return self.shown_as_a
        return self.pair.other(self.shown_as_a) if self.choice == "b" else ""
