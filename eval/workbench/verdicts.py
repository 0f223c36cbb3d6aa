"""People's verdicts on answers, marks and blind choices: in which order they are asked for, stored, counted."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from functools import cached_property, partial
from hashlib import sha256
from typing import Any, Literal, NamedTuple, TypeVar

from sqlalchemy import Engine, insert, select

from bot.storage.database import database_url, open_database
from bot.storage.tables import workbench_preferences, workbench_scores
from eval.errors import RunFolderError, VerdictError
from eval.metrics.statistics import mcnemar
from eval.scoring.run_record import CaseKey, RunRow
from eval.workbench.saved_runs import SavedRuns
from ingest.configuration.settings import Settings
from ingest.japanese import normalise_without_spaces

LONGEST_COMMENT = 2000
MARKS = {1: "誤り", 2: "大きな不足", 3: "半ば", 4: "小さな不足だけ", 5: "申し分ない"}
CRITERIA = {"correctness": "正確さ", "grounds": "根拠", "clarity": "わかりやすさ"}
Choice = Literal["a", "b", "same", "undone"]
CHOICES: dict[Choice, str] = {"a": "A がよい", "same": "どちらも同じ", "b": "B がよい"}
"""What a scorer can choose; `undone` withdraws the last choice and is stored like any other."""


class RunPair(NamedTuple):
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


class _OfCase:
    set: str
    case_id: str

    @property
    def key(self) -> CaseKey:
        """The case."""
        return CaseKey(self.set, self.case_id)


@dataclass(frozen=True)
class ScoreVerdict(_OfCase):
    """Marks for an answer, 1 (bad) to 5 (good); `number` counts the stored ones, the time is UTC."""

    run: str
    set: str
    case_id: str
    answer_id: str
    scorer: str
    correctness: int
    grounds: int
    clarity: int
    comment: str = ""
    created: datetime = field(default_factory=partial(datetime.now, UTC))
    number: int = 0


@dataclass(frozen=True)
class PreferenceVerdict(_OfCase):
    """A choice between the answers of two runs, of which one was shown as A; otherwise as `ScoreVerdict`."""

    run_1: str
    run_2: str
    set: str
    case_id: str
    scorer: str
    shown_as_a: str
    choice: Choice
    comment: str = ""
    created: datetime = field(default_factory=partial(datetime.now, UTC))
    number: int = 0

    @property
    def pair(self) -> RunPair:
        """The runs."""
        return RunPair(self.run_1, self.run_2)

    @property
    def better(self) -> str:
        """The run with the better answer; "" if both were alike or the choice was withdrawn."""
        if self.choice == "a":
            return self.shown_as_a
        return self.pair.other(self.shown_as_a) if self.choice == "b" else ""


V = TypeVar("V", ScoreVerdict, PreferenceVerdict)


def subject_of(verdict: ScoreVerdict | PreferenceVerdict) -> tuple[str | RunPair, CaseKey]:
    """Return the run or the pair of runs that was judged, and the case."""
    return verdict.run if isinstance(verdict, ScoreVerdict) else verdict.pair, verdict.key


class VerdictStore:
    """The verdicts; safe to share between threads and processes. Raises StorageError if they cannot be saved."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @cached_property
    def _engine(self) -> Engine:
        return open_database(database_url(self._settings))

    def add(self, verdict: ScoreVerdict | PreferenceVerdict) -> None:
        """Save a verdict; earlier ones of this scorer are kept but count no more. Raises VerdictError."""
        if isinstance(verdict, ScoreVerdict):
            if not all(getattr(verdict, name) in MARKS for name in CRITERIA):
                raise VerdictError("正確さ・根拠・わかりやすさの3つに、1から5の点を付けてください。")
        elif verdict.choice not in (*CHOICES, "undone") or verdict.shown_as_a not in verdict.pair:
            raise VerdictError("A、B、どちらも同じ、のどれかを選んでください。")
        if len(verdict.comment) > LONGEST_COMMENT:
            length = f"（{len(verdict.comment):,}文字）"
            raise VerdictError(f"コメントが長すぎます{length}。{LONGEST_COMMENT:,}文字以内にしてください。")
        values = asdict(verdict) | {"comment": verdict.comment.strip()}
        del values["number"]
        table = workbench_scores if isinstance(verdict, ScoreVerdict) else workbench_preferences
        with self._engine.begin() as connection:
            connection.execute(insert(table).values(values))

    def scored(self, run: str | None = None) -> list[ScoreVerdict]:
        """Return all marks ever given, of one run or of all, the oldest first."""
        query = select(workbench_scores).order_by(workbench_scores.c.number)
        if run is not None:
            query = query.where(workbench_scores.c.run == run)
        with self._engine.connect() as connection:
            return [ScoreVerdict(**row) for row in connection.execute(query).mappings()]

    def preferred(self, pair: RunPair | None = None) -> list[PreferenceVerdict]:
        """Return all choices ever made, of one pair of runs or of all, the oldest first."""
        columns = workbench_preferences.c
        query = select(workbench_preferences).order_by(columns.number)
        if pair is not None:
            query = query.where(columns.run_1 == pair.run_1, columns.run_2 == pair.run_2)
        with self._engine.connect() as connection:
            return [PreferenceVerdict(**row) for row in connection.execute(query).mappings()]

    def close(self) -> None:
        """Close every connection."""
        if "_engine" in self.__dict__:
            self._engine.dispose()


def current_verdicts(verdicts: Iterable[V]) -> list[V]:
    """Return the verdicts that count: the newest of each scorer on an answer or a pair of answers, unless undone."""
    newest = {(subject_of(verdict), verdict.scorer): verdict for verdict in verdicts}
    return [verdict for verdict in newest.values() if isinstance(verdict, ScoreVerdict) or verdict.choice != "undone"]


def own_verdicts(verdicts: Iterable[V], scorer: str) -> dict[CaseKey, V]:
    """Return the verdicts of one scorer that count, by case; all are about one run or one pair of runs."""
    return {verdict.key: verdict for verdict in current_verdicts(verdicts) if verdict.scorer == scorer}


class Preference(NamedTuple):
    """How often the answer of each run was preferred, and how often neither.

    `p` is the two-sided p-value of the sign test without ties (Dixon and Mood 1946, The Statistical Sign Test).
    """

    first: int
    second: int
    same: int
    p: float


def count_preferences(pair: RunPair, verdicts: Iterable[PreferenceVerdict]) -> Preference:
    """Count what was preferred of one pair of runs."""
    better = [verdict.better for verdict in current_verdicts(verdicts) if verdict.pair == pair]
    first, second = (better.count(run) for run in pair)
    return Preference(first, second, better.count(""), mcnemar(first, second))


EXPORTED = {
    "scores": [one.name for one in fields(ScoreVerdict)] + ["counts"],
    "preferences": [one.name for one in fields(PreferenceVerdict)] + ["better", "counts"],
}
"""The columns of the exported verdicts."""


def export_rows(verdicts: Sequence[V], scorer: str = "", hidden: Collection[RunPair] = ()) -> list[dict[str, Any]]:
    """Return a row per verdict, the oldest first; `counts` is false if a newer one replaces it.

    In the choices of `scorer` between `hidden` pairs, `shown_as_a` and `better` are "": the sides are still secret.
    """
    counting = {verdict.number for verdict in current_verdicts(verdicts)}
    rows = []
    for verdict in verdicts:
        row = asdict(verdict) | {"created": verdict.created.isoformat(timespec="seconds")}
        if isinstance(verdict, PreferenceVerdict):
            is_secret = verdict.scorer == scorer and verdict.pair in hidden
            row |= {"shown_as_a": "", "better": ""} if is_secret else {"better": verdict.better}
        rows.append(row | {"counts": verdict.number in counting})
    return rows


def choose_run_a(pair: RunPair, key: CaseKey, scorer: str) -> str:
    """Return the run that is shown as A to this scorer for a case: each run for about half of the cases."""
    return pair.run_1 if _draw_number(pair, key, scorer, "side") % 2 else pair.run_2


def blind_case_order(pair: RunPair, keys: Iterable[CaseKey], scorer: str) -> list[CaseKey]:
    """Return the cases in the order of this scorer, so that no case is the last for everybody."""
    return sorted(keys, key=lambda key: _draw_number(pair, key, scorer, "order"))


def _draw_number(pair: RunPair, key: CaseKey, scorer: str, purpose: str) -> int:
    seed = "\0".join((purpose, scorer, *pair, *key))
    return int.from_bytes(sha256(seed.encode()).digest()[:8])


@dataclass(frozen=True, slots=True)
class ScoringPosition:
    """A position in a list of `n` cases to judge, of which `done` are judged.

    `current` is the case to judge, None if all are judged; `previous` and `next` are None at the ends.
    """

    current: CaseKey | None
    previous: CaseKey | None
    next: CaseKey | None
    done: int
    n: int


def find_position(
    keys: Sequence[CaseKey], judged: Collection[CaseKey], preferred_key: CaseKey | None
) -> ScoringPosition:
    """Return the position at the `preferred_key` case, else at the first that is not judged."""
    done = sum(key in judged for key in keys)
    current = preferred_key if preferred_key in keys else next((key for key in keys if key not in judged), None)
    if current is None:
        return ScoringPosition(None, keys[-1] if keys else None, None, done, len(keys))
    index = keys.index(current)
    after = keys[index + 1] if index + 1 < len(keys) else None
    return ScoringPosition(current, keys[index - 1] if index else None, after, done, len(keys))


def load_answer_pairs(runs: SavedRuns, pair: RunPair) -> tuple[dict[CaseKey, dict[str, RunRow]], int]:
    """Return the rows of two runs by case and run where the answers differ, and how many cases were answered alike.

    Answers that differ only in spaces and widths of characters are alike. Raises RunFolderError.
    """
    first, second = (runs.rows(run) for run in pair)
    both = {key: dict(zip(pair, (first[key], second[key]), strict=True)) for key in first if key in second}
    texts = {
        key: {normalise_without_spaces(row.answer["answer"]) if row.answer else "" for row in rows.values()}
        for key, rows in both.items()
    }
    different = {key: rows for key, rows in both.items() if len(texts[key]) > 1}
    return different, len(both) - len(different)


def unfinished_pairs(runs: SavedRuns, verdicts: Sequence[PreferenceVerdict], scorer: str) -> frozenset[RunPair]:
    """Return the pairs of runs whose cases a scorer has judged only in part; their sides stay hidden.

    A pair counts as finished if one run has been deleted.
    """
    judged = {subject_of(verdict) for verdict in current_verdicts(verdicts) if verdict.scorer == scorer}
    unfinished = set()
    for pair in {verdict.pair for verdict in verdicts if verdict.scorer == scorer}:
        try:
            keys = load_answer_pairs(runs, pair)[0]
        except RunFolderError:
            continue
        if any((pair, key) not in judged for key in keys):
            unfinished.add(pair)
    return frozenset(unfinished)
