"""The gate: a run may not fall behind the committed baseline."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from eval.errors import RunFolderError
from eval.figures import figures
from eval.pass_rate import PassRate
from eval.record import Run

BASELINE = Path(__file__).parent / "baseline.json"
Count = Annotated[int, Field(ge=0)]


class Tally(BaseModel):
    """`passed` of `n` cases."""

    model_config = ConfigDict(frozen=True)

    n: Count
    passed: Count


class Baseline(BaseModel):
    """What a run has to reach: the tallies in all and by kind, and the ids of the cases that pass."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    n: Count
    passed: Count
    by_kind: dict[str, Tally]
    passing: tuple[str, ...]


def baseline_of(run: Run) -> Baseline:
    """Return the baseline that `run` just meets."""
    now = figures(run.rows)
    passing = tuple(sorted(row.case.id for row in run.rows if row.score.passed))
    return Baseline(n=now["n"], passed=now["passed"], by_kind=now["by_kind"], passing=passing)


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
    """Return in Japanese what keeps `run` from the gate; empty where it passes."""
    return (*_rates(run, baseline), *_lost(run, baseline))


def _rates(run: Run, baseline: Baseline) -> Iterator[str]:
    now = figures(run.rows)
    kinds = {kind: (PassRate(t.passed, t.n), now["by_kind"].get(kind)) for kind, t in baseline.by_kind.items()}
    for name, (wanted, got) in {"全体": (PassRate(baseline.passed, baseline.n), now), **kinds}.items():
        if got is None:
            yield f"{name}: 問いが1つも実行されていません(基準 {wanted.passed}/{wanted.n})"
        elif PassRate(got["passed"], got["n"]).rate < wanted.rate:
            yield f"{name}: 合格 {got['passed']}/{got['n']} が基準 {wanted.passed}/{wanted.n} を下回りました"


def _lost(run: Run, baseline: Baseline) -> Iterator[str]:
    rows = {row.case.id: row for row in run.rows}
    for case_id in baseline.passing:
        row = rows.get(case_id)
        if row is None:
            yield f"{case_id}: 基準で合格した問いが実行されていません"
        elif not row.score.passed:
            yield f"{case_id}: 基準では合格、今回は不合格({'。'.join(row.score.reasons)})"
