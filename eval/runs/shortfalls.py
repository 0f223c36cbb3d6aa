"""Reasons why a run does not pass the gate, one line each."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from eval.metrics.latency_in_work import latency_in_work
from eval.metrics.table import BY_NAME
from eval.runs.baseline import Baseline, SetBaseline, make_set_baseline, unsupported_statements
from eval.runs.figures import group_rows, run_figures
from eval.runs.gate import Bound, Gate, GateRequirements, LostCases, TimesBaseline
from eval.scoring.run_record import Row, Run, run_door


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
