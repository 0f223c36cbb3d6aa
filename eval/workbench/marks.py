"""People's marks on answers: the samples of real questions, who judged what, and how well judges agree."""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from math import sqrt
from secrets import SystemRandom
from typing import NamedTuple

from bot.answering.privacy.personal import mask_personal_data
from eval.errors import EvalError
from ingest.configuration.settings import Settings
from ingest.configuration.storage import exclusive_writer, replace_text
from ingest.japanese.today import JAPAN

MARKS = {"right": "正しい", "partly": "一部だけ", "wrong": "誤り", "harmful": "害がある"}
"""What is said of one answer."""
SAME = "same"
LONGEST_NOTE = 2000
MODEL = "model:"
"""Begins the name of a language model that judges."""


class Subject(NamedTuple):
    """What is judged: a sample of recorded answers, a run, or blind which of two runs answers better (`other`).

    A mark of such a pair is the name of the better run, or `SAME`, instead of one of `MARKS`.
    """

    kind: str
    name: str
    other: str = ""

    @classmethod
    def of(cls, chosen: str, other: str = "") -> "Subject":
        """Return the subject for choices such as "run/NAME"; two runs are one pair in either order."""
        kind, _, name = chosen.partition("/")
        return cls(kind, *sorted((name, other))) if other and kind == "run" else cls(kind, name)

    def draw(self, item: str, person: str, purpose: str) -> int:
        """Return a number that is the same for a person whenever an item is shown."""
        seed = "\0".join((purpose, person, *self, item))
        return int.from_bytes(sha256(seed.encode()).digest()[:8])


@dataclass(frozen=True, slots=True)
class Mark:
    """What one person said of one item of a subject."""

    subject: Subject
    item: str
    person: str
    mark: str
    note: str = ""
    created: str = field(default_factory=lambda: datetime.now(JAPAN).isoformat(timespec="seconds"))


@dataclass(frozen=True, slots=True)
class Sample:
    """Ids of answers drawn by lot from the `population` of those that were recorded.

    Only ids are kept, so that a question that is deleted from the records is gone from the sample.
    """

    name: str
    first_day: str
    last_day: str
    population: int
    answers: Sequence[str]


class MarkStore:
    """Marks and samples in the data folder; rows are only added. Safe for several threads and processes."""

    def __init__(self, settings: Settings) -> None:
        self._folder = settings.data / "eval" / "marks"
        self._file = self._folder / "marks.jsonl"

    def add(self, mark: Mark, allowed: Collection[str]) -> None:
        """Save a mark; an earlier one of this person is kept but counts no more. Raises EvalError, StorageError."""
        if mark.mark not in allowed:
            raise EvalError("採点は、ボタンのどれかで付けてください。")
        if len(mark.note) > LONGEST_NOTE:
            raise EvalError(f"覚え書きが長すぎます。{LONGEST_NOTE:,}文字以内にしてください。")
        row = asdict(mark) | {"subject": list(mark.subject), "note": mask_personal_data(mark.note.strip())}
        with exclusive_writer(self._folder, ".lock"), self._file.open("a", encoding="utf-8") as file:
            file.write("\n" + json.dumps(row, ensure_ascii=False))  # a line that was cut off stays alone

    def given(self, subject: Subject) -> list[Mark]:
        """Return every mark ever given to a subject, the oldest first."""
        lines = self._file.read_text("utf-8").split("\n") if self._file.is_file() else []
        rows = (json.loads(line) for line in lines if line.endswith("}"))
        # A mark that settled a difference, of 0.38 and before, is not one that was given blind.
        marks = (Mark(**row | {"subject": Subject(*row["subject"])}) for row in rows if not row.pop("settles", False))
        return [mark for mark in marks if mark.subject == subject]

    def add_sample(self, sample: Sample) -> None:
        """Save a sample under its name."""
        self._folder.mkdir(parents=True, exist_ok=True)
        replace_text(self._folder / f"drawn-{sample.name}.json", json.dumps(asdict(sample)))

    def samples(self) -> dict[str, Sample]:
        """Return the samples by name, the newest first."""
        files = sorted(self._folder.glob("drawn-*.json"), reverse=True)
        samples = (Sample(**json.loads(file.read_text("utf-8"))) for file in files)
        return {sample.name: sample for sample in samples}

    def sample(self, name: str) -> Sample:
        """Return a sample by name. Raises EvalError."""
        if found := self.samples().get(name):
            return found
        raise EvalError("この抜き出しはありません。一覧から選び直してください。")


def draw_sample(recorded: Sequence[str], n: int, last: datetime, days: int) -> Sample:
    """Draw at most `n` of the ids of recorded answers; raises EvalError if there are none."""
    if not recorded:
        raise EvalError("この期間に記録された質問はありません。日数を増やすか、質問が集まってから抜き出してください。")
    first, drawn = last - timedelta(days=days), SystemRandom().sample(recorded, min(n, len(recorded)))
    return Sample(f"{last:%Y%m%d-%H%M%S}", f"{first:%Y-%m-%d}", f"{last:%Y-%m-%d}", len(recorded), drawn)


class Verdicts:
    """The marks of one subject that count: the newest of each person on each item.

    Attributes:
        by: the marks by person and item, also those of models; they were given without seeing those of others.
        people: those who are not models.
        agreed: what all people who judged an item say of it.
        split: the items on which people differ, with the mark of each.
    """

    def __init__(self, marks: Iterable[Mark]) -> None:
        self.by: dict[str, dict[str, Mark]] = {}
        for mark in marks:
            self.by.setdefault(mark.person, {})[mark.item] = mark
        self.people = [person for person in self.by if not person.startswith(MODEL)]
        said: dict[str, dict[str, str]] = {}
        for person in self.people:
            for item, mark in self.by[person].items():
                said.setdefault(item, {})[person] = mark.mark
        self.agreed = {item: next(iter(of.values())) for item, of in said.items() if len(set(of.values())) == 1}
        self.split = {item: of for item, of in said.items() if item not in self.agreed}

    def marks(self, person: str) -> dict[str, str]:
        """Return what one person or model says by item."""
        return {item: mark.mark for item, mark in self.by.get(person, {}).items()}


@dataclass(frozen=True, slots=True)
class Agreement:
    """How often two judges say the same of `n` items (`rate` with its standard error), and Cohen's `kappa`.

    `kappa` is None where both always say one thing, so that agreement by chance is certain. `counts` are the items by
    what the first and the second judge say.
    """

    n: int
    rate: float
    se: float
    kappa: float | None
    counts: Mapping[tuple[str, str], int]


def measure_agreement(first: Mapping[str, str], second: Mapping[str, str]) -> Agreement | None:
    """Return the agreement of two judges on the items that both have; None if there are none.

    kappa = (observed - expected) / (1 - expected), Cohen 1960, A coefficient of agreement for nominal scales.
    """
    both = Counter((mark, second[item]) for item, mark in first.items() if item in second)
    if not (n := both.total()):
        return None
    rate = sum(count for (one, other), count in both.items() if one == other) / n
    expected = sum(both[one, a] * both[b, one] for one in MARKS for a in MARKS for b in MARKS) / n**2
    kappa = None if expected == 1 else (rate - expected) / (1 - expected)
    return Agreement(n, rate, sqrt(rate * (1 - rate) / n), kappa, both)
