"""The gate: a run may not fall behind the committed baseline."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from eval.errors import RunFolderError
from eval.figures import groups, pass_rate, tallies
from eval.record import Row, Run

BASELINE = Path(__file__).parent / "baseline.json"
Count = Annotated[int, Field(ge=0)]


class Tally(BaseModel):
    """`passed` of `n` cases."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    n: Count
    passed: Count

    @property
    def rate(self) -> float:
        """The share that passed, in 0-1; 0 without cases."""
        return self.passed / self.n if self.n else 0.0


class SetBaseline(Tally):
    """What a run has to reach in one set: the tallies in all and by kind, and the ids of the cases that pass."""

    by_kind: dict[str, Tally]
    passing: tuple[str, ...]


class Baseline(BaseModel):
    """What a run has to reach in each set."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sets: dict[str, SetBaseline]


def baseline_of(run: Run) -> Baseline:
    """Return the baseline that `run` just meets."""
    return Baseline(sets={name: _of_set(rows) for name, rows in _by_set(run).items()})


def load_baseline(file: Path) -> Baseline:
    """Return the baseline in `file`; raises RunFolderError where it cannot be read."""
    try:
        return Baseline.model_validate_json(file.read_bytes())
    except (OSError, ValidationError) as error:
        raise RunFolderError(
            f"{file}: 基準として読めません。python -m eval accept で作り直してください({error})。"
        ) from error


def save_baseline(file: Path, baseline: Baseline) -> None:
    """Write `baseline` to `file`, a case a line so that a change reads well; raises RunFolderError."""
    text = json.dumps(baseline.model_dump(mode="json"), ensure_ascii=False, indent=1) + "\n"
    try:
        file.write_text(text, "utf-8")
    except OSError as error:
        raise RunFolderError(f"{file}: 書き込めません({error})。") from error


def shortfalls(run: Run, baseline: Baseline) -> tuple[str, ...]:
    """Return in Japanese what keeps `run` from the gate; empty where it passes.

    A set that was skipped, because its documents are not on this machine, is held against nothing.
    """
    skipped, ran = run.config.get("skipped", ()), _by_set(run)
    reasons = {
        name: _short(ran[name], wanted) if name in ran else ["評価されていません"]
        for name, wanted in baseline.sets.items()
        if name not in skipped
    }
    return tuple(f"{name}: {reason}" for name, told in reasons.items() for reason in told)


def _by_set(run: Run) -> Mapping[str, Sequence[Row]]:
    return groups(run.rows, [row.set for row in run.rows])


def _of_set(rows: Sequence[Row]) -> SetBaseline:
    total = pass_rate(rows)
    return SetBaseline(
        n=total.n,
        passed=total.passed,
        by_kind={kind: Tally(**tally) for kind, tally in tallies(rows, [row.case.kind for row in rows]).items()},
        passing=tuple(sorted(row.case.id for row in rows if row.score.passed)),
    )


def _short(rows: Sequence[Row], wanted: SetBaseline) -> Iterator[str]:
    yield from _rates(_of_set(rows), wanted)
    yield from _lost(rows, wanted)


def _rates(now: SetBaseline, wanted: SetBaseline) -> Iterator[str]:
    reached: dict[str, Tally] = {"全体": now, **now.by_kind}
    for name, tally in {"全体": wanted, **wanted.by_kind}.items():
        got = reached.get(name)
        if got is None:
            yield f"{name}: 問いが1つも実行されていません(基準 {tally.passed}/{tally.n})"
        elif got.rate < tally.rate:
            yield f"{name}: 合格 {got.passed}/{got.n} が基準 {tally.passed}/{tally.n} を下回りました"


def _lost(rows: Sequence[Row], wanted: SetBaseline) -> Iterator[str]:
    asked = {row.case.id: row for row in rows}
    for case_id in wanted.passing:
        row = asked.get(case_id)
        if row is None:
            yield f"{case_id}: 基準で合格した問いが実行されていません"
        elif not row.score.passed:
            yield f"{case_id}: 基準では合格、今回は不合格({'。'.join(row.score.reasons)})"
