"""People's verdicts: stored in the records database, where the newest one counts, and exported."""

import json
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, TypeVar

from sqlalchemy import Engine, Select, Table, insert, select

from bot.storage.database import database_url, open_database
from bot.storage.tables import workbench_preferences as preferences
from bot.storage.tables import workbench_scores as scores
from eval.errors import VerdictError
from eval.scoring.judgements import (
    CHOICES,
    CRITERIA,
    MARKS,
    CaseKey,
    Choice,
    Marks,
    PreferenceVerdict,
    RunPair,
    ScoreVerdict,
)
from ingest.configuration.settings import Settings

LONGEST_COMMENT = 2000

Kept = TypeVar("Kept", ScoreVerdict, PreferenceVerdict)


class VerdictStore:
    """The verdicts; safe to share between threads and processes. Raises StorageError if they cannot be saved."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @cached_property
    def _engine(self) -> Engine:
        return open_database(database_url(self._settings))

    def score(self, run: str, key: CaseKey, answer_id: str, scorer: str, marks: Marks) -> None:
        """Save marks for an answer; earlier ones of this scorer are kept but count no more. Raises VerdictError."""
        if any(marks.mark_for(criterion) not in MARKS for criterion in CRITERIA):
            raise VerdictError("正確さ・根拠・わかりやすさの3つに、1から5の点を付けてください。")
        mark_columns = {criterion: marks.mark_for(criterion) for criterion in CRITERIA}
        self._add(
            scores,
            run=run,
            **_key_columns(key),
            answer_id=answer_id,
            scorer=scorer,
            comment=_check_comment(marks.comment),
            **mark_columns,
        )

    def prefer(
        self, pair: RunPair, key: CaseKey, scorer: str, *, shown_as_a: str, choice: Choice, comment: str = ""
    ) -> None:
        """Save a choice between the answers of two runs, or its withdrawal ("undone"). Raises VerdictError."""
        if choice not in (*CHOICES, "undone") or shown_as_a not in (pair.run_1, pair.run_2):
            raise VerdictError("A、B、どちらも同じ、のどれかを選んでください。")
        self._add(
            preferences,
            run_1=pair.run_1,
            run_2=pair.run_2,
            **_key_columns(key),
            scorer=scorer,
            shown_as_a=shown_as_a,
            choice=choice,
            comment=_check_comment(comment),
        )

    def scored(self, run: str | None = None) -> list[ScoreVerdict]:
        """Return all marks ever given, of one run or of all, the oldest first."""
        query = select(scores).order_by(scores.c.number)
        return [_score_from_row(row) for row in self._rows(query if run is None else query.where(scores.c.run == run))]

    def preferred(self, pair: RunPair | None = None) -> list[PreferenceVerdict]:
        """Return all choices ever made, of one pair of runs or of all, the oldest first."""
        query = select(preferences).order_by(preferences.c.number)
        if pair is not None:
            query = query.where(preferences.c.run_1 == pair.run_1, preferences.c.run_2 == pair.run_2)
        return [_preference_from_row(row) for row in self._rows(query)]

    def close(self) -> None:
        """Close every connection."""
        if "_engine" in self.__dict__:
            self._engine.dispose()

    def _add(self, table: Table, **values: Any) -> None:
        with self._engine.begin() as connection:
            connection.execute(insert(table).values(**values, created=datetime.now(UTC)))

    def _rows(self, query: Select[Any]) -> Sequence[Any]:
        with self._engine.connect() as connection:
            return connection.execute(query).all()


def current_verdicts(verdicts: Iterable[Kept]) -> list[Kept]:
    """Return the verdicts that count: the newest of each scorer on an answer or a pair of answers, unless undone."""
    newest: dict[Any, Kept] = {}
    for verdict in verdicts:
        on = verdict.run if isinstance(verdict, ScoreVerdict) else verdict.pair
        newest[on, verdict.key, verdict.scorer] = verdict
    return [verdict for verdict in newest.values() if isinstance(verdict, ScoreVerdict) or verdict.choice != "undone"]


def _key_columns(key: CaseKey) -> dict[str, str]:
    return {"set": key.set, "case_id": key.case_id}


def _check_comment(comment: str) -> str:
    if len(comment) > LONGEST_COMMENT:
        raise VerdictError(f"コメントが長すぎます（{len(comment):,}文字）。{LONGEST_COMMENT:,}文字以内にしてください。")
    return comment.strip()


def _score_from_row(row: Any) -> ScoreVerdict:
    marks = Marks(row.correctness, row.grounds, row.clarity, row.comment)
    return ScoreVerdict(
        row.number, row.run, CaseKey(row.set, row.case_id), row.answer_id, row.scorer, marks, row.created
    )


def _preference_from_row(row: Any) -> PreferenceVerdict:
    pair = RunPair(row.run_1, row.run_2)
    key = CaseKey(row.set, row.case_id)
    return PreferenceVerdict(row.number, pair, key, row.scorer, row.shown_as_a, row.choice, row.comment, row.created)


Rows = list[dict[str, Any]]


def scores_table(verdicts: Iterable[ScoreVerdict]) -> Rows:
    """Return a row per scoring, the oldest first; `counts` is false if a newer one replaces it."""
    all_verdicts = list(verdicts)
    counting = {verdict.number for verdict in current_verdicts(all_verdicts)}
    return [
        {
            "run": verdict.run,
            "set": verdict.key.set,
            "case": verdict.key.case_id,
            "answer_id": verdict.answer_id,
            "scorer": verdict.scorer,
            "correctness": verdict.marks.correctness,
            "grounds": verdict.marks.grounds,
            "clarity": verdict.marks.clarity,
            "comment": verdict.marks.comment,
            "created": verdict.created.isoformat(timespec="seconds"),
            "counts": verdict.number in counting,
        }
        for verdict in all_verdicts
    ]


def preferences_table(
    verdicts: Iterable[PreferenceVerdict], scorer: str = "", hidden: Collection[RunPair] = ()
) -> Rows:
    """Return a row per choice, the oldest first; `better` is a run, or "" if both are alike.

    In the choices of `scorer` between `hidden` pairs, `shown_as_a` and `better` are "": the sides are still secret.
    """
    all_verdicts = list(verdicts)
    counting = {verdict.number for verdict in current_verdicts(all_verdicts)}
    secret = {verdict.number for verdict in all_verdicts if verdict.scorer == scorer and verdict.pair in hidden}
    return [
        {
            "run_1": verdict.pair.run_1,
            "run_2": verdict.pair.run_2,
            "set": verdict.key.set,
            "case": verdict.key.case_id,
            "scorer": verdict.scorer,
            "shown_as_a": "" if verdict.number in secret else verdict.shown_as_a,
            "choice": verdict.choice,
            "better": "" if verdict.number in secret else verdict.better,
            "comment": verdict.comment,
            "created": verdict.created.isoformat(timespec="seconds"),
            "counts": verdict.number in counting,
        }
        for verdict in all_verdicts
    ]


def as_jsonl(table: Rows) -> str:
    """Return a table as JSON Lines, one object a row."""
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in table)
