"""The baseline: the results of the last accepted run, case by case; it is committed."""

import json
from collections.abc import Sequence
from math import sqrt
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from eval.errors import RunFolderError
from eval.metrics.latency_in_work import latency_in_work
from eval.runs.figures import group_rows, pass_rate, tally_rows
from eval.scoring.run_record import Door, Row, Run, run_door

BASELINE = Path(__file__).parents[1] / "baseline.json"
Count = Annotated[int, Field(ge=0)]


class _BaselineModel(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Tally(_BaselineModel):
    """`passed` of `n` cases."""

    n: Count
    passed: Count

    @property
    def rate(self) -> float:
        """The share that passed, in 0-1; 0 without cases."""
        return self.passed / self.n if self.n else 0.0

    @property
    def se(self) -> float:
        """The standard error of a binomial rate, a case of either end added: 2 of 2 are not certain; 0 of none."""
        likely = (self.passed + 1) / (self.n + 2)
        return sqrt(likely * (1 - likely) / self.n) if self.n else 0.0


class SetBaseline(Tally):
    """What one set reached: the tallies in all and by kind, and the ids of the cases that pass.

    `unsupported` are those whose answers state what their sources do not support; None where nobody looked.
    """

    by_kind: dict[str, Tally]
    passing: tuple[str, ...]
    unsupported: tuple[str, ...] | None = None


class Latency(_BaselineModel):
    """The times of the answers in units of the yardstick, as they were waited for at one kind of door."""

    door: Door
    p50: float
    p95: float


class Baseline(_BaselineModel):
    """What each set reached, and how long its answers took; without `latency` nobody looked."""

    sets: dict[str, SetBaseline]
    latency: Latency | None = None


def make_baseline(run: Run) -> Baseline:
    """Return the baseline that `run` just meets."""
    took, by_set = latency_in_work(run.rows), group_rows(run.rows, [row.set for row in run.rows])
    latency = Latency(door=run_door(run), p50=took["p50"], p95=took["p95"]) if took else None
    return Baseline(sets={name: make_set_baseline(rows) for name, rows in by_set.items()}, latency=latency)


def make_set_baseline(rows: Sequence[Row]) -> SetBaseline:
    """Return what the rows of one set reached."""
    total, looked = pass_rate(rows), any("statements" in row.beside for row in rows)
    return SetBaseline(
        n=total.n,
        passed=total.passed,
        by_kind={kind: Tally(**tally) for kind, tally in tally_rows(rows, [row.case.kind for row in rows]).items()},
        passing=tuple(sorted(row.case.id for row in rows if row.score.passed)),
        unsupported=tuple(sorted(row.case.id for row in rows if unsupported_statements(row))) if looked else None,
    )


def unsupported_statements(row: Row) -> tuple[str, ...]:
    """Return what is wrong with the statements of a row; empty where they hold, or where nobody looked."""
    return tuple(wrong for one in row.beside.get("statements", ()) for wrong in one["wrong"])


def load_baseline(file: Path) -> Baseline:
    """Return the baseline in `file`; raises RunFolderError where it cannot be read."""
    try:
        return Baseline.model_validate_json(file.read_bytes())
    except (OSError, ValidationError) as error:
        raise RunFolderError(
            f"{file}: 基準として読めません。元の内容に戻すか、"
            f"消してから python -m eval accept で作り直してください({error})。"
        ) from error


def save_baseline(file: Path, baseline: Baseline) -> None:
    """Write `baseline` to `file`, a case a line so that a change reads well; raises RunFolderError."""
    text = json.dumps(baseline.model_dump(mode="json"), ensure_ascii=False, indent=1) + "\n"
    try:
        file.write_text(text, "utf-8")
    except OSError as error:
        raise RunFolderError(f"{file}: 書き込めません({error})。") from error
