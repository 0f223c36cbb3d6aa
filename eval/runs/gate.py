"""The release gate: requirements for a run, read from `eval/gate.toml`."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from eval.errors import RunFolderError
from eval.metrics.table import BY_NAME
from eval.runs.baseline import Baseline, load_baseline, make_baseline
from eval.scoring.run_record import Run

GATE = Path(__file__).parents[1] / "gate.toml"
RATE = "rate"
Count = Annotated[int, Field(ge=0)]


class _GateModel(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Bound(_GateModel):
    """The least or the most that a metric may be, in its own unit (rates: 0-1)."""

    at_least: float | None = None
    at_most: float | None = None


class LostCases(_GateModel):
    """How many cases that the baseline passes may fail, by the priority of the case; None: rates alone tell."""

    priority_1: Count | None = 0
    priority_2: Count | None = None
    priority_3: Count | None = None


class TimesBaseline(_GateModel):
    """How many times as long as in the baseline the answers may take, both in units of the yardstick."""

    p50: float | None = Field(None, gt=0)
    p95: float | None = Field(None, gt=0)


class GateRequirements(_GateModel):
    """What the TOML file says.

    `may_fall` is how much less (0-1) than in the baseline a set or a kind may pass, and `may_fall_se` how many standard
    errors of the baseline's rate more; `newly_unsupported` how many
    answers may state what their sources do not support, of those that did not in the baseline.
    """

    baseline: Path | None = None
    may_fall: Annotated[float, Field(ge=0, le=1)] = 0.0
    may_fall_se: Annotated[float, Field(ge=0)] = 0.0
    lost: LostCases = LostCases()
    newly_unsupported: Count = 0
    overall: dict[str, Bound] = {}
    sets: dict[str, dict[str, Bound]] = {}
    times_baseline: TimesBaseline = TimesBaseline()

    @field_validator("overall")
    @classmethod
    def _known(cls, bounds: dict[str, Bound]) -> dict[str, Bound]:
        if unknown := bounds.keys() - {RATE, *BY_NAME}:
            raise ValueError(f"指標「{'」「'.join(sorted(unknown))}」はありません")
        return bounds

    @field_validator("sets")
    @classmethod
    def _all_known(cls, sets: dict[str, dict[str, Bound]]) -> dict[str, dict[str, Bound]]:
        return {name: cls._known(bounds) for name, bounds in sets.items()}


@dataclass(frozen=True, slots=True)
class Gate:
    """What is wanted, and the baseline that lost cases, falling rates and times are held against."""

    wanted: GateRequirements
    baseline: Baseline | None = None


def load_gate(file: Path) -> Gate:
    """Return the gate in a TOML file; a baseline alone (.json) is the gate that nothing of it is lost.

    Raises RunFolderError where the file or the baseline that it names cannot be read.
    """
    if file.suffix == ".json":
        return Gate(GateRequirements(), load_baseline(file))
    try:
        wanted = GateRequirements.model_validate(tomllib.loads(file.read_text("utf-8")))
    except (OSError, ValueError) as error:
        reason = _describe_problems(error) if isinstance(error, ValidationError) else str(error)
        raise RunFolderError(
            f"{file}: 公開の基準として読めません({reason})。eval/gate.toml にならって直してください。"
        ) from error
    return Gate(wanted, load_baseline(file.parent / wanted.baseline) if wanted.baseline else None)


def gate_against_run(gate: Gate, before: Run, after: Run) -> Gate:
    """Return the gate with `before` in the place of the baseline; it asks nothing of sets that neither run asked."""
    asked = {row.set for run in (before, after) for row in run.rows}
    sets = {name: bounds for name, bounds in gate.wanted.sets.items() if name in asked}
    return Gate(gate.wanted.model_copy(update={"sets": sets}), make_baseline(before))


def _describe_problems(error: ValidationError) -> str:
    return "、".join(
        f"{'.'.join(map(str, one['loc']))}: {one['msg'].removeprefix('Value error, ')}" for one in error.errors()
    )
