"""The release gate: requirements in `eval/gate.toml`, the baseline, and the reasons why a run fails."""

import tomllib
from argparse import Namespace
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from eval.command import Measurement, command
from eval.errors import RunFolderError
from eval.metrics.run_metrics import BY_NAME, group_rows, latency_in_work, run_figures, tally_rows
from eval.scoring.run_record import Run, RunRow, load_run
from eval.storage.numbered_lines import describe_problems
from eval.storage.run_folder import convert_write_errors
from ingest.cli.command_line import option, path_option

BASELINE = Path(__file__).parents[1] / "baseline.json"
GATE = Path(__file__).parents[1] / "gate.toml"
GATE_OPTION = path_option(
    "--gate",
    "FILE",
    "後の評価がこの基準(既定: eval/gate.toml)を下回れば終了コード1で終わる",
    nargs="?",
    const=GATE,
)
Count = Annotated[int, Field(ge=0)]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Tally(_Strict):
    """`passed` of `n` cases."""

    n: Count
    passed: Count

    def may_become(self, reached: "Tally", fall_se: float) -> bool:
        """Whether the rate of `reached` is lower by at most `fall_se` standard errors of this rate.

        The error is that with one pass and one failure added, so that it is not 0 where all passed.
        """
        likely = (self.passed + 1) / (self.n + 2)
        se = sqrt(likely * (1 - likely) / max(self.n, 1))
        return reached.passed / max(reached.n, 1) >= self.passed / max(self.n, 1) - fall_se * se


class SetBaseline(Tally):
    """The results of one set; `unsupported` are cases with statements that no source supports, None if not measured."""

    by_kind: dict[str, Tally]
    passing: tuple[str, ...]
    unsupported: tuple[str, ...] | None = None


class Latency(_Strict):
    """Answer times in units of the reference work, for one transport."""

    door: Literal["process", "url"]
    p50: float
    p95: float


class Baseline(_Strict):
    """The results of each set and the answer times; `latency` is None if not measured."""

    sets: dict[str, SetBaseline]
    latency: Latency | None = None


def make_baseline(run: Run) -> Baseline:
    """Return the baseline that `run` just meets."""
    took = latency_in_work(run.rows)
    latency = Latency(door=run.config["door"], p50=took["p50"], p95=took["p95"]) if took else None
    by_set = group_rows(run.rows, [row.set for row in run.rows])
    return Baseline(sets={name: _set_baseline(rows) for name, rows in by_set.items()}, latency=latency)


def _set_baseline(rows: Sequence[RunRow]) -> SetBaseline:
    looked = any("statements" in row.observations for row in rows)
    kinds = tally_rows(rows, [row.case.kind for row in rows])
    passing = sorted(row.case.id for row in rows if row.passed)
    return SetBaseline(
        n=len(rows),
        passed=len(passing),
        by_kind={kind: Tally(**tally) for kind, tally in kinds.items()},
        passing=tuple(passing),
        unsupported=tuple(sorted(row.case.id for row in rows if unsupported_statements(row))) if looked else None,
    )


def unsupported_statements(row: RunRow) -> tuple[str, ...]:
    """Return the problems of a row's statements; empty if they are supported or not measured."""
    return tuple(wrong for statement in row.observations.get("statements", ()) for wrong in statement["wrong"])


def load_baseline(file: Path) -> Baseline:
    """Return the baseline in `file`; raises RunFolderError if it cannot be read."""
    try:
        return Baseline.model_validate_json(file.read_bytes())
    except (OSError, ValidationError) as error:
        raise RunFolderError(
            f"{file}: 基準として読めません。元の内容に戻すか、"
            f"消してから python -m eval accept で作り直してください({error})。"
        ) from error


class Bound(_Strict):
    """The minimum or maximum of a metric, in the unit of the metric (rates: 0-1)."""

    at_least: float | None = None
    at_most: float | None = None


# Of figures that are no metric of cases.
_TITLES = {
    "rate": "合格",
    "answer_work_p50": "回答時間の中央値",
    "answer_work_p95": "回答時間の95パーセンタイル",
}


class GateRequirements(_Strict):
    """The requirements in the TOML file.

    A set's or kind's pass rate may fall by `may_fall_se` standard errors of the baseline's rate; no case of priority 1
    that passed may fail, and no answer may have unsupported statements that it had not. `times_baseline` are maximum
    ratios of answer times to the baseline's, both in units of the reference work. `speed` bounds figures of
    `python -m eval speed`.
    """

    baseline: Path | None = None
    may_fall_se: Annotated[float, Field(ge=0)] = 0.0
    overall: dict[str, Bound] = {}
    sets: dict[str, dict[str, Bound]] = {}
    times_baseline: dict[Literal["p50", "p95"], Annotated[float, Field(gt=0)]] = {}
    speed: dict[str, Bound] = {}

    @model_validator(mode="after")
    def _check_metrics(self) -> Self:
        named = {name for bounds in (self.overall, *self.sets.values()) for name in bounds}
        if unknown := (named - {"rate", *BY_NAME}) | (self.speed.keys() - _TITLES.keys()):
            raise ValueError(f"指標「{'」「'.join(sorted(unknown))}」はありません")
        return self


@dataclass(frozen=True, slots=True)
class ReleaseGate:
    """The requirements, and the baseline for lost cases, pass rates and times."""

    requirements: GateRequirements
    baseline: Baseline | None = None


def load_gate(file: Path) -> ReleaseGate:
    """Return the gate in a TOML file, or in a baseline (.json) that all has to pass again; raises RunFolderError."""
    if file.suffix == ".json":
        return ReleaseGate(GateRequirements(), load_baseline(file))
    try:
        requirements = GateRequirements.model_validate(tomllib.loads(file.read_text("utf-8")))
    except (OSError, ValueError) as error:
        reason = describe_problems(error) if isinstance(error, ValidationError) else str(error)
        raise RunFolderError(
            f"{file}: 公開の基準として読めません({reason})。eval/gate.toml にならって直してください。"
        ) from error
    baseline = load_baseline(file.parent / requirements.baseline) if requirements.baseline else None
    return ReleaseGate(requirements, baseline)


def gate_against_run(gate: ReleaseGate, before: Run, after: Run) -> ReleaseGate:
    """Return the gate with `before` as the baseline, without requirements for sets in neither run."""
    set_names = {row.set for run in (before, after) for row in run.rows}
    sets = {name: bounds for name, bounds in gate.requirements.sets.items() if name in set_names}
    return ReleaseGate(gate.requirements.model_copy(update={"sets": sets}), make_baseline(before))


def find_shortfalls(run: Run, gate: ReleaseGate) -> tuple[str, ...]:
    """Return in Japanese the reasons why `run` fails, of the sets that were not skipped; empty if it passes."""
    requirements, skipped = gate.requirements, run.config.get("skipped", ())
    by_set = group_rows(run.rows, [row.set for row in run.rows])
    reasons = [f"全体: {reason}" for reason in check_bounds(run_figures(run.rows), requirements.overall)]
    for name, bounds in requirements.sets.items():
        if name not in skipped:
            reasons += [f"{name}: {reason}" for reason in check_bounds(run_figures(by_set.get(name, [])), bounds)]
    if gate.baseline:
        for name, of in gate.baseline.sets.items():
            if name in skipped:
                continue
            reasons += [f"{name}: {reason}" for reason in _worse_set(by_set.get(name), of, requirements)]
            reasons += _worse_answers(by_set.get(name, ()), of)
        reasons += _slower_answers(run, requirements, gate.baseline.latency)
    return tuple(reasons)


def check_bounds(reached: Mapping[str, Any], bounds: Mapping[str, Bound]) -> Iterator[str]:
    """Yield in Japanese each figure that is out of its bounds or missing."""
    for name, bound in bounds.items():
        title = BY_NAME[name].title if name in BY_NAME else _TITLES[name]
        value = reached.get(name)
        if value is None:
            yield f"{title}({name})は、当たる問いがないので測れません"
        elif bound.at_least is not None and value < bound.at_least:
            yield f"{title}({name})が {value:.3f} で、{bound.at_least:g} に届きません"
        elif bound.at_most is not None and value > bound.at_most:
            yield f"{title}({name})が {value:.3f} で、{bound.at_most:g} を超えています"


def _worse_set(rows: Sequence[RunRow] | None, baseline: SetBaseline, requirements: GateRequirements) -> Iterator[str]:
    if rows is None:
        yield "評価されていません"
        return
    overall = _set_baseline(rows)
    reached = {"全体": overall, **overall.by_kind}
    for name, tally in {"全体": baseline, **baseline.by_kind}.items():
        of = reached.get(name)
        if of is None:
            yield f"{name}: 問いが1つも実行されていません(基準 {tally.passed}/{tally.n})"
        elif not tally.may_become(of, requirements.may_fall_se):
            yield f"{name}: 合格 {of.passed}/{of.n} が基準 {tally.passed}/{tally.n} を下回りました"
    ids = {row.case.id for row in rows}
    yield from (f"{id_}: 基準で合格した問いが実行されていません" for id_ in baseline.passing if id_ not in ids)


def _worse_answers(rows: Sequence[RunRow], baseline: SetBaseline) -> Iterator[str]:
    for row in rows:
        of = f"{row.set}: {row.case.id}: "
        if row.case.priority == 1 and not row.passed and row.case.id in baseline.passing:
            yield f"{of}基準では合格、今回は不合格(優先度1。{'。'.join(row.reasons)})"
        wrong = unsupported_statements(row)
        if wrong and baseline.unsupported is not None and row.case.id not in baseline.unsupported:
            yield f"{of}出典に支えられない文がある({wrong[0]})"


def _slower_answers(run: Run, requirements: GateRequirements, before: Latency | None) -> Iterator[str]:
    took = latency_in_work(run.rows)
    # Times of a server and of a service in this process are not comparable.
    if not (took and before) or run.config["door"] != before.door:
        return
    for name, limit in requirements.times_baseline.items():
        ratio = took[name] / getattr(before, name)
        if ratio > limit:
            yield f"全体: 回答時間の {name} が基準の {ratio:.2f} 倍で、{limit:g} 倍を超えています"


@command(
    "accept",
    "保存した評価を、これからの基準にする",
    option("run", type=Path, metavar="RUN", help="評価の保存先"),
    path_option("--baseline", "FILE", "基準のファイル(既定: eval/baseline.json)", default=BASELINE),
)
def accept(options: Namespace) -> Measurement:
    """Make a saved run the baseline of the gate; sets that the run does not have keep theirs."""
    previous_sets = load_baseline(options.baseline).sets if options.baseline.exists() else {}
    accepted = make_baseline(load_run(options.run))
    baseline = Baseline(sets=previous_sets | accepted.sets, latency=accepted.latency)
    with convert_write_errors(options.baseline):  # one case per line, for readable diffs
        options.baseline.write_text(baseline.model_dump_json(indent=1) + "\n", "utf-8")
    n, passed = (sum(getattr(one, field) for one in baseline.sets.values()) for field in ("n", "passed"))
    text = f"基準にしました: 合格 {passed}/{n}({options.baseline})"
    figures = {"n": n, "passed": passed, "baseline": str(options.baseline)}
    return Measurement(figures, show=lambda console: console.print(text))
