"""How far scorers agree, and which run they prefer."""

from datetime import UTC, datetime

import pytest

from eval.scoring.judgements import CaseKey, Choice, Marks, PreferenceVerdict, RunPair, ScoreVerdict
from eval.workbench.answer_pairs import count_preferences
from eval.workbench.scorer_agreement import automatic_agreement, choice_agreement, marks_agreement

NOW = datetime(2026, 11, 20, tzinfo=UTC)
PAIR = RunPair.of("a", "b")


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
