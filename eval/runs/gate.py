"""The release gate: requirements in `eval/gate.toml`, the baseline, and why a run does not pass."""

import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from eval.errors import RunFolderError
from eval.metrics.latency import latency_in_work
from eval.metrics.registry import BY_NAME
from eval.runs.figures import group_rows, pass_rate, run_figures, tally_rows
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


GATE = Path(__file__).parents[1] / "gate.toml"
RATE = "rate"


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


def find_shortfalls(run: Run, gate: Gate) -> tuple[str, ...]:
    """Return in Japanese what keeps `run` from passing; empty where it passes.

    A set that was skipped, because its documents are not on this machine, is held against nothing.
    """
    by_set, skipped = group_rows(run.rows, [row.set for row in run.rows]), run.config.get("skipped", ())
    reasons = [f"全体: {reason}" for reason in _check_bounds(run_figures(run.rows), gate.wanted.overall)]
    for name, bounds in gate.wanted.sets.items():
        if name not in skipped:
            reasons += [f"{name}: {reason}" for reason in _check_bounds(run_figures(by_set.get(name, [])), bounds)]
    if gate.baseline:
        reasons += _compare_with_baseline(by_set, gate.wanted, gate.baseline, skipped)
        reasons += _slower_answers(run, gate.wanted.times_baseline, gate.baseline)
    return tuple(reasons)


def _check_bounds(reached: Mapping[str, Any], bounds: Mapping[str, Bound]) -> Iterator[str]:
    for name, bound in bounds.items():
        title = BY_NAME[name].title if name in BY_NAME else "合格"
        value = reached.get(name)
        if value is None:
            yield f"{title}({name})は、当たる問いがないので測れません"
        elif bound.at_least is not None and value < bound.at_least:
            yield f"{title}({name})が {value:.3f} で、{bound.at_least:g} に届きません"
        elif bound.at_most is not None and value > bound.at_most:
            yield f"{title}({name})が {value:.3f} で、{bound.at_most:g} を超えています"


def _compare_with_baseline(
    ran: Mapping[str, Sequence[Row]], wanted: GateRequirements, baseline: Baseline, skipped: Sequence[str]
) -> Iterator[str]:
    lost: list[tuple[Row, str]] = []
    for name, of in baseline.sets.items():
        if name in skipped:
            continue
        if name not in ran:
            yield f"{name}: 評価されていません"
            continue
        yield from (f"{name}: {reason}" for reason in _fallen_rates(make_set_baseline(ran[name]), of, wanted))
        asked = {row.case.id: row for row in ran[name]}
        for case_id in of.passing:
            if case_id not in asked:
                yield f"{name}: {case_id}: 基準で合格した問いが実行されていません"
            elif not asked[case_id].score.passed:
                lost.append((asked[case_id], name))
    yield from _lost_cases(lost, wanted.lost)
    yield from _newly_unsupported(ran, wanted, baseline)


def _fallen_rates(now: SetBaseline, before: SetBaseline, wanted: GateRequirements) -> Iterator[str]:
    reached = {"全体": now, **now.by_kind}
    for name, tally in {"全体": before, **before.by_kind}.items():
        got = reached.get(name)
        if got is None:
            yield f"{name}: 問いが1つも実行されていません(基準 {tally.passed}/{tally.n})"
        elif got.rate < tally.rate - wanted.may_fall - wanted.may_fall_se * tally.se:
            yield f"{name}: 合格 {got.passed}/{got.n} が基準 {tally.passed}/{tally.n} を下回りました"


def _lost_cases(lost: Sequence[tuple[Row, str]], may: LostCases) -> Iterator[str]:
    for priority, most in enumerate((may.priority_1, may.priority_2, may.priority_3), start=1):
        of_priority = [(row, name) for row, name in lost if row.case.priority == priority]
        if most is not None and len(of_priority) > most:
            for row, name in of_priority:
                reasons = "。".join(row.score.reasons)
                yield f"{name}: {row.case.id}: 基準では合格、今回は不合格(優先度{priority}。{reasons})"


def _newly_unsupported(ran: Mapping[str, Sequence[Row]], wanted: GateRequirements, baseline: Baseline) -> Iterator[str]:
    new = [
        f"{name}: {row.case.id}: 出典に支えられない文がある({wrong[0]})"
        for name, of in baseline.sets.items()
        for row in ran.get(name, ())
        if of.unsupported is not None and row.case.id not in of.unsupported and (wrong := unsupported_statements(row))
    ]
    if len(new) > wanted.newly_unsupported:
        yield from new


def _slower_answers(run: Run, may: TimesBaseline, baseline: Baseline) -> Iterator[str]:
    took, before = latency_in_work(run.rows), baseline.latency
    # How long a server takes and how long a service in this process takes are two things.
    if not (took and before) or run_door(run) != before.door:
        return
    for name, title in {"p50": "中央値", "p95": "95パーセンタイル"}.items():
        most, ratio = getattr(may, name), took[name] / getattr(before, name)
        if most is not None and ratio > most:
            yield f"全体: 回答時間の{title}が基準の {ratio:.2f} 倍で、{most:g} 倍を超えています"
