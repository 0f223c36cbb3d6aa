"""Verdicts: stored, exported, in which order they are asked for, and how far scorers agree."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from eval.errors import VerdictError
from eval.scoring.judgements import CaseKey, Choice, Marks, PreferenceVerdict, RunPair, ScoreVerdict
from eval.workbench.judging import (
    automatic_agreement,
    blind_case_order,
    choice_agreement,
    choose_run_a,
    count_preferences,
    marks_agreement,
)
from eval.workbench.verdicts import VerdictStore, as_jsonl, current_verdicts, preferences_table, scores_table
from ingest.configuration.settings import Settings

KEY = CaseKey("own", "target")
PAIR = RunPair.of("b", "a")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(_env_file=None, data=tmp_path)


@pytest.fixture
def verdicts(settings: Settings) -> VerdictStore:
    return VerdictStore(settings)


def test_marks_are_stored_with_run_case_scorer_and_time(verdicts: VerdictStore) -> None:
    verdicts.score("a", KEY, "answer-1", "安奈", Marks(4, 5, 3, "年度がない"))
    (one,) = verdicts.scored("a")
    assert one.run == "a"
    assert one.key == KEY
    assert one.answer_id == "answer-1"
    assert one.scorer == "安奈"
    assert one.marks == Marks(4, 5, 3, "年度がない")
    assert one.created is not None
    assert verdicts.scored("b") == []


def test_changed_marks_keep_the_earlier_ones(verdicts: VerdictStore) -> None:
    for mark in (2, 5):
        verdicts.score("a", KEY, "", "安奈", Marks(mark, mark, mark))
    assert [one.marks.clarity for one in verdicts.scored()] == [2, 5]
    assert [one.marks.clarity for one in current_verdicts(verdicts.scored())] == [5]


def test_each_scorer_has_a_separate_verdict(verdicts: VerdictStore) -> None:
    for who in ("安奈", "文太"):
        verdicts.score("a", KEY, "", who, Marks(3, 3, 3))
    assert {one.scorer for one in current_verdicts(verdicts.scored())} == {"安奈", "文太"}


@pytest.mark.parametrize("marks", [Marks(0, 3, 3), Marks(3, 6, 3), Marks(3, 3, -1), Marks(3, 3, 3, "あ" * 2001)])
def test_marks_off_the_scale_are_refused(verdicts: VerdictStore, marks: Marks) -> None:
    with pytest.raises(VerdictError, match="ください"):
        verdicts.score("a", KEY, "", "安奈", marks)
    assert verdicts.scored() == []


@pytest.mark.parametrize(("choice", "better"), [("a", "b"), ("b", "a"), ("same", "")])
def test_a_choice_is_resolved_to_a_run(verdicts: VerdictStore, choice: str, better: str) -> None:
    verdicts.prefer(PAIR, KEY, "安奈", shown_as_a="b", choice=choice)  # type: ignore[arg-type]
    (one,) = verdicts.preferred(RunPair.of("a", "b"))
    assert one.better == better
    assert one.shown_as_a == "b"


def test_an_undone_choice_is_kept_but_does_not_count(verdicts: VerdictStore) -> None:
    verdicts.prefer(PAIR, KEY, "安奈", shown_as_a="a", choice="a")
    verdicts.prefer(PAIR, KEY, "安奈", shown_as_a="a", choice="undone")
    assert current_verdicts(verdicts.preferred(PAIR)) == []
    assert len(verdicts.preferred(PAIR)) == 2


def test_verdicts_survive_a_restart(settings: Settings) -> None:
    first = VerdictStore(settings)
    first.score("a", KEY, "", "安奈", Marks(1, 1, 1))
    first.close()
    assert len(VerdictStore(settings).scored()) == 1


def test_a_choice_for_another_run_is_refused(verdicts: VerdictStore) -> None:
    with pytest.raises(VerdictError):
        verdicts.prefer(PAIR, KEY, "安奈", shown_as_a="c", choice="a")


def test_the_time_of_a_verdict_has_a_time_zone(verdicts: VerdictStore) -> None:
    verdicts.score("a", KEY, "", "安奈", Marks(3, 3, 3))
    verdicts.prefer(PAIR, KEY, "安奈", shown_as_a="a", choice="a")
    assert [one.created.tzinfo for one in verdicts.scored()] == [UTC]
    assert [one.created.tzinfo for one in verdicts.preferred()] == [UTC]


NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)


def commented(comment: str, number: int = 1) -> ScoreVerdict:
    return ScoreVerdict(number, "run", KEY, "answer", "安奈", Marks(5, 4, 3, comment), NOW)


def test_every_verdict_is_exported_and_says_whether_it_counts() -> None:
    rows = [json.loads(line) for line in as_jsonl(scores_table([commented("前"), commented("後", 2)])).splitlines()]
    assert [(row["comment"], row["counts"]) for row in rows] == [("前", False), ("後", True)]


def test_a_choice_is_exported_with_the_displayed_order() -> None:
    one = PreferenceVerdict(1, RunPair.of("x", "y"), KEY, "安奈", "y", "a", "", NOW)
    (row,) = preferences_table([one])
    assert row["shown_as_a"] == "y"
    assert row["choice"] == "a"
    assert row["better"] == "y"


KEYS = [CaseKey("own", f"case-{n}") for n in range(400)]
RUNS = RunPair.of("before", "after")


def test_each_run_is_shown_as_a_in_about_half_of_the_cases() -> None:
    share = sum(choose_run_a(RUNS, key, "安奈") == "before" for key in KEYS) / len(KEYS)
    assert 0.4 < share < 0.6


def test_the_order_is_the_same_again_for_one_scorer_and_another_for_the_next() -> None:
    mine = [choose_run_a(RUNS, key, "安奈") for key in KEYS]
    assert mine == [choose_run_a(RunPair.of("after", "before"), key, "安奈") for key in KEYS]
    assert mine != [choose_run_a(RUNS, key, "文太") for key in KEYS]
    assert blind_case_order(RUNS, KEYS, "安奈") == blind_case_order(RUNS, reversed(KEYS), "安奈")
    assert blind_case_order(RUNS, KEYS, "安奈") != blind_case_order(RUNS, KEYS, "文太")
    assert set(blind_case_order(RUNS, KEYS, "安奈")) == set(KEYS)


def scored(scorer: str, *marks: int) -> list[ScoreVerdict]:
    """Return the marks of one scorer for the cases 0, 1, …, the same on each criterion."""
    return [
        ScoreVerdict(n, "run", CaseKey("own", str(n)), "", scorer, Marks(m, m, m), NOW) for n, m in enumerate(marks)
    ]


def preferred(scorer: str, at_a: str, *choices: Choice) -> list[PreferenceVerdict]:
    """Return the choices of one scorer, who saw the run `at_a` at A."""
    return [
        PreferenceVerdict(n, PAIR, CaseKey("own", str(n)), scorer, at_a, choice, "", NOW)
        for n, choice in enumerate(choices)
    ]


def test_two_scorers_with_equal_marks_agree_fully() -> None:
    agreements = marks_agreement(scored("安奈", 1, 3, 5) + scored("文太", 1, 3, 5))
    assert [agreement.subject for agreement in agreements] == ["正確さ", "根拠", "わかりやすさ"]
    assert {
        (agreement.first, agreement.other, agreement.same, agreement.agreement.kappa, agreement.agreement.n)
        for agreement in agreements
    } == {("安奈", "文太", 1, 1, 3)}


def test_a_near_miss_costs_less_than_a_far_one() -> None:
    near, far = (marks_agreement(scored("安奈", 1, 3, 5) + scored("文太", 1, 3, last))[0] for last in (4, 1))
    assert near.agreement.kappa is not None
    assert far.agreement.kappa is not None
    assert near.agreement.kappa > 0.8
    assert far.agreement.kappa < 0.5
    assert near.same == far.same == pytest.approx(2 / 3)


def test_only_what_both_judged_is_compared() -> None:
    assert marks_agreement(scored("安奈", 1, 3, 5) + scored("文太", 1))[0].agreement.n == 1
    assert marks_agreement(scored("安奈", 1)) == []


def test_choices_are_compared_by_run_on_either_side() -> None:
    (agreement,) = choice_agreement(preferred("安奈", "a", "a", "b", "same") + preferred("文太", "b", "b", "a", "same"))
    assert agreement.same == 1
    assert agreement.agreement.kappa == 1


def test_people_are_compared_with_the_automatic_score() -> None:
    passed = {CaseKey("own", str(n)): right for n, right in enumerate([True, True, False, False])}
    (agreement,) = automatic_agreement(scored("安奈", 5, 4, 3, 5), passed)
    assert agreement.other == "自動採点"
    assert agreement.same == 0.75
    assert agreement.agreement.n == 4


def test_preferences_are_counted_by_run_and_compared_by_a_sign_test() -> None:
    preference = count_preferences(PAIR, preferred("安奈", "b", "a", "a", "a", "a", "a", "same", "undone"))
    assert preference.first == 0
    assert preference.second == 5
    assert preference.same == 1
    assert preference.p == pytest.approx(0.0625)
    assert count_preferences(PAIR, []).p == 1
