"""The gate and its baseline."""

from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest

from eval.errors import RunFolderError
from eval.runs.release_gate import (
    GATE,
    GateRequirements,
    LostCases,
    ReleaseGate,
    find_shortfalls,
    load_baseline,
    load_gate,
    make_baseline,
    save_baseline,
)
from eval.scoring.run_record import Run
from tests.eval.examples import make_row, make_run


def held_by(run: Run) -> ReleaseGate:
    """Return the gate that nothing of `run` is lost."""
    return ReleaseGate(GateRequirements(), make_baseline(run))


def rows(text: str) -> Run:
    """Return a run of cases written as "set:id+" (passed) or "set:id-", the set may be left out; ids end in a kind."""
    made = []
    for name in text.split():
        of, _, case_id = name[:-1].rpartition(":")
        row = make_row(case_id, passed=name[-1] == "+", kind=case_id.partition(".")[2] or "table", of=of or "own")
        priority: Literal[1, 2] = 1 if case_id.startswith("urgent") else 2
        made.append(replace(row, case=row.case.model_copy(update={"priority": priority})))
    return make_run(*made)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("a+ b-", "a+ b-", []),
        ("a+ b-", "a+ b+", []),
        ("a+ b-", "a- b+", []),
        ("urgent+ b-", "urgent- b+", ["own: urgent: 基準では合格、今回は不合格(優先度1。「1,500人」のどれも無い)"]),
        ("a+ b+", "a+", ["own: b: 基準で合格した問いが実行されていません"]),
        (
            "a+ b-",
            "a+ b- c-",
            ["own: 全体: 合格 1/3 が基準 1/2 を下回りました", "own: table: 合格 1/3 が基準 1/2 を下回りました"],
        ),
        (
            "a+ b.list+",
            "a+ b.list+ c+ d.list-",
            ["own: 全体: 合格 3/4 が基準 2/2 を下回りました", "own: list: 合格 1/2 が基準 1/1 を下回りました"],
        ),
        ("a+ b.list-", "a+", ["own: list: 問いが1つも実行されていません(基準 0/1)"]),
        ("first:a+ second:b+", "first:a+", ["second: 評価されていません"]),
        (
            "first:a+ second:a-",
            "first:a- second:a+",
            ["first: 全体: 合格 0/1 が基準 1/1 を下回りました", "first: table: 合格 0/1 が基準 1/1 を下回りました"],
        ),
    ],
)
def test_what_fell_below_the_baseline_is_reported(before: str, after: str, expected: list[str]) -> None:
    assert list(find_shortfalls(rows(after), held_by(rows(before)))) == expected


def test_a_skipped_set_is_not_reported() -> None:
    after = replace(rows("first:a+"), config={"skipped": ["second"], "door": "process"})
    assert find_shortfalls(after, held_by(rows("first:a+ second:b+"))) == ()


def test_other_lost_cases_count_if_the_gate_limits_them() -> None:
    counted = ReleaseGate(GateRequirements(lost=LostCases(priority_2=0)), make_baseline(rows("a+ b-")))
    assert [reason.partition(":")[2][:3] for reason in find_shortfalls(rows("a- b+"), counted)] == [" a:"]


@pytest.mark.parametrize(
    ("n", "before", "after", "errors", "met"),
    [
        (10, 8, 6, 2.0, True),
        (10, 8, 5, 2.0, False),
        (10, 8, 7, 0.5, False),
        (10, 8, 7, 0.0, False),
        (3, 3, 2, 2.0, True),
        (3, 3, 1, 2.0, False),
    ],
)
def test_a_rate_may_fall_by_the_gate_s_number_of_standard_errors(
    n: int, before: int, after: int, errors: float, *, met: bool
) -> None:
    was, now = (rows(" ".join(f"c{i}{'+' if i < passed else '-'}" for i in range(n))) for passed in (before, after))
    assert (find_shortfalls(now, ReleaseGate(GateRequirements(may_fall_se=errors), make_baseline(was))) == ()) is met


def test_a_baseline_is_loaded_as_it_was_saved(tmp_path: Path) -> None:
    baseline = make_baseline(make_run(make_row("a", passed=True), make_row("b", passed=False, kind="list")))
    save_baseline(tmp_path / "baseline.json", baseline)
    assert load_baseline(tmp_path / "baseline.json") == baseline


@pytest.mark.parametrize(
    "content", [None, "{", '{"n": 3}', '{"sets": {"own": {"n": -1, "passed": 0, "by_kind": {}, "passing": []}}}']
)
def test_the_error_for_a_missing_baseline_says_how_to_create_one(tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "baseline.json"
    if content is not None:
        file.write_text(content, "utf-8")
    with pytest.raises(RunFolderError, match=r"baseline\.json.*python -m eval accept"):
        load_baseline(file)


def wanted(tmp_path: Path, text: str) -> ReleaseGate:
    """Return the gate that a TOML file asks for."""
    file = tmp_path / "gate.toml"
    file.write_text(text, "utf-8")
    return load_gate(file)


def test_a_metric_outside_its_bounds_is_reported_overall_and_by_set(tmp_path: Path) -> None:
    run = make_run(make_row("a", passed=True, of="first"), make_row("b", passed=False, of="second"))
    gate = wanted(tmp_path, "[overall]\nrate = {at_least = 0.6}\n[sets.second]\nanswered_right = {at_least = 0.1}\n")
    assert find_shortfalls(run, gate) == (
        "全体: 合格(rate)が 0.500 で、0.6 に届きません",
        "second: 正答(answered_right)が 0.000 で、0.1 に届きません",
    )
    at_most = wanted(tmp_path, "[overall]\nwrongly_declined = {at_most = 0.0}\n[sets.first]\nrate = {at_least = 1.0}\n")
    assert find_shortfalls(run, at_most) == ()


def test_slower_answers_than_in_the_baseline_are_reported(tmp_path: Path) -> None:
    def timed(ms: float, work_ms: float) -> Run:
        row = make_row("a", passed=True)
        return make_run(replace(row, observations={"timing": {"ms": ms, "work_ms": work_ms}}))

    before = make_baseline(timed(40, 4))
    gate = ReleaseGate(wanted(tmp_path, "[times_baseline]\np50 = 1.5\n").requirements, before)
    assert find_shortfalls(timed(80, 8), gate) == ()
    (reason,) = find_shortfalls(timed(80, 4), gate)
    assert "2.00 倍" in reason


def test_a_newly_unsupported_statement_is_reported() -> None:
    def stating(*wrong: str) -> Run:
        row = make_row("a", passed=True)
        return make_run(replace(row, observations={"statements": [{"text": "文", "wrong": list(wrong)}]}))

    assert find_shortfalls(stating("「68%」は出典にありません"), held_by(stating())) == (
        "own: a: 出典に支えられない文がある(「68%」は出典にありません)",
    )
    assert find_shortfalls(stating("x"), held_by(stating("y"))) == ()


@pytest.mark.parametrize(
    ("text", "named"),
    [("[overall]\nspeed = {at_least = 1}", "speed"), ("[lost]\npriority_9 = 1", "priority_9"), ("x", "gate")],
)
def test_the_error_for_an_invalid_gate_says_what_is_wrong(tmp_path: Path, text: str, named: str) -> None:
    with pytest.raises(RunFolderError, match=named):
        wanted(tmp_path, text)


def test_the_committed_gate_is_valid() -> None:
    assert load_gate(GATE).baseline
