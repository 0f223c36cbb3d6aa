"""Verdicts: stored, exported and in which order they are asked for."""

from dataclasses import replace
from datetime import UTC
from pathlib import Path

import pytest

from eval.workbench.verdicts import (
    Choice,
    PreferenceVerdict,
    RunPair,
    ScoreVerdict,
    VerdictStore,
    count_preferences,
    export_rows,
)
from ingest.configuration.settings import Settings

PAIR = RunPair.of("b", "a")
SCORE = ScoreVerdict("a", "own", "target", "answer-1", "安奈", 4, 5, 3, "年度がない")
PREFERENCE = PreferenceVerdict(*PAIR, "own", "target", "安奈", "b", "a")


@pytest.fixture
def verdicts(tmp_path: Path) -> VerdictStore:
    return VerdictStore(Settings(_env_file=None, data=tmp_path))


def test_verdicts_survive_a_restart(verdicts: VerdictStore, tmp_path: Path) -> None:
    verdicts.add(SCORE)
    verdicts.add(PREFERENCE)
    verdicts.close()
    reopened = VerdictStore(Settings(_env_file=None, data=tmp_path))
    assert reopened.scored("a") == [replace(SCORE, number=1)]
    assert reopened.scored("b") == []
    assert reopened.preferred(PAIR) == [replace(PREFERENCE, number=1)]
    assert [one.created.tzinfo for one in reopened.scored()] == [UTC]


def test_the_newest_marks_of_each_scorer_count(verdicts: VerdictStore) -> None:
    for scorer, clarity in (("安奈", 2), ("文太", 3), ("安奈", 5)):
        verdicts.add(replace(SCORE, scorer=scorer, clarity=clarity))
    rows = export_rows(verdicts.scored())
    assert [(row["clarity"], row["counts"]) for row in rows] == [(2, False), (3, True), (5, True)]


@pytest.mark.parametrize(("choice", "better"), [("a", "b"), ("b", "a"), ("same", "")])
def test_a_choice_is_exported_with_the_better_run_unless_it_is_secret(choice: Choice, better: str) -> None:
    one = replace(PREFERENCE, choice=choice)
    (row,), (secret,) = export_rows([one]), export_rows([one], "安奈", {PAIR})
    assert (row["shown_as_a"], row["better"]) == ("b", better)
    assert (secret["shown_as_a"], secret["choice"], secret["better"]) == ("", choice, "")


def preferred(scorer: str, at_a: str, *choices: Choice) -> list[PreferenceVerdict]:
    return [PreferenceVerdict(*PAIR, "own", str(n), scorer, at_a, choice) for n, choice in enumerate(choices)]


def test_preferences_are_counted_by_run_and_compared_by_a_sign_test() -> None:
    preference = count_preferences(PAIR, preferred("安奈", "b", "a", "a", "a", "a", "a", "same", "undone"))
    assert (preference.first, preference.second, preference.same) == (0, 5, 1)
    assert preference.p == pytest.approx(0.0625)
    assert count_preferences(PAIR, []).p == 1
