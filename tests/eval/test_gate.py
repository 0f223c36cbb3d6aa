"""The gate and its baseline."""

from dataclasses import replace
from pathlib import Path

import pytest

from eval.errors import RunFolderError
from eval.gate import baseline_of, load_baseline, save_baseline, shortfalls
from tests.eval.examples import make_row, make_run


def test_a_run_meets_the_baseline_made_of_it() -> None:
    """Nothing changed, nothing is short, though one case fails."""
    run = make_run(make_row("a", passed=True), make_row("b", passed=False))
    assert shortfalls(run, baseline_of(run)) == ()


def test_a_lost_case_is_named_although_the_rate_stays() -> None:
    """A case won elsewhere does not pay for a case lost."""
    before = make_run(make_row("a", passed=True), make_row("b", passed=False))
    after = make_run(make_row("a", passed=False), make_row("b", passed=True))
    (reason,) = shortfalls(after, baseline_of(before))
    assert reason.startswith("own: a: 基準では合格、今回は不合格")
    assert "1,500人" in reason


def test_a_case_that_was_not_run_is_named() -> None:
    """Leaving a case out is no way through the gate."""
    before = make_run(make_row("a", passed=True), make_row("b", passed=True))
    after = make_run(make_row("a", passed=True))
    assert shortfalls(after, baseline_of(before)) == ("own: b: 基準で合格した問いが実行されていません",)


def test_a_lower_rate_is_named_in_all_and_by_kind() -> None:
    """New cases that fail lower the rate of their kind and of the whole."""
    before = make_run(make_row("a", passed=True), make_row("b", passed=True, kind="list"))
    after = make_run(*before.rows, make_row("c", passed=False, kind="list"))
    assert shortfalls(after, baseline_of(before)) == (
        "own: 全体: 合格 2/3 が基準 2/2 を下回りました",
        "own: list: 合格 1/2 が基準 1/1 を下回りました",
    )


def test_a_kind_that_is_gone_is_named() -> None:
    """Dropping all cases of a kind is noticed even where none of them passed."""
    before = make_run(make_row("a", passed=True), make_row("b", passed=False, kind="list"))
    after = make_run(make_row("a", passed=True))
    assert shortfalls(after, baseline_of(before)) == ("own: list: 問いが1つも実行されていません(基準 0/1)",)


def test_each_set_is_held_against_its_own_baseline() -> None:
    """The same question won in one set does not pay for the other."""
    before = make_run(make_row("a", passed=True, of="first"), make_row("a", passed=False, of="second"))
    after = make_run(make_row("a", passed=False, of="first"), make_row("a", passed=True, of="second"))
    assert {reason.partition(":")[0] for reason in shortfalls(after, baseline_of(before))} == {"first"}


def test_a_set_that_was_not_asked_is_named_unless_its_documents_are_elsewhere() -> None:
    """Leaving a set out is no way through the gate; not having its documents is none of the run's doing."""
    both = make_run(make_row("a", passed=True, of="first"), make_row("b", passed=True, of="second"))
    after = make_run(make_row("a", passed=True, of="first"))
    assert shortfalls(after, baseline_of(both)) == ("second: 評価されていません",)
    assert shortfalls(replace(after, config={"skipped": ["second"]}), baseline_of(both)) == ()


def test_a_better_run_passes() -> None:
    """A case won is no shortfall."""
    before = make_run(make_row("a", passed=True), make_row("b", passed=False))
    after = make_run(make_row("a", passed=True), make_row("b", passed=True))
    assert shortfalls(after, baseline_of(before)) == ()


def test_a_baseline_comes_back_from_its_file_as_it_was(tmp_path: Path) -> None:
    """Saving and loading lose nothing."""
    baseline = baseline_of(make_run(make_row("a", passed=True), make_row("b", passed=False, kind="list")))
    save_baseline(tmp_path / "baseline.json", baseline)
    assert load_baseline(tmp_path / "baseline.json") == baseline


@pytest.mark.parametrize(
    "content", [None, "{", '{"n": 3}', '{"sets": {"own": {"n": -1, "passed": 0, "by_kind": {}, "passing": []}}}']
)
def test_a_missing_or_broken_baseline_says_how_to_make_one(tmp_path: Path, content: str | None) -> None:
    """The error names the file and the command."""
    file = tmp_path / "baseline.json"
    if content is not None:
        file.write_text(content, "utf-8")
    with pytest.raises(RunFolderError, match=r"baseline\.json.*python -m eval accept"):
        load_baseline(file)
