"""Scores of answers against their cases."""

import pytest

from eval.scoring.score import score_answer
from tests.eval.examples import CITE, make_answer, make_case


def test_an_answer_with_every_fact_and_an_accepted_source_passes() -> None:
    assert score_answer(make_case(), make_answer()).passed


def test_a_partial_answer_counts_as_an_answer() -> None:
    assert score_answer(make_case(), make_answer(status="partial")).passed


def test_each_group_of_must_is_a_separate_finding() -> None:
    case = make_case(must=[["1,500人"], ["令和4年度", "2023年3月"]])
    findings = [finding for finding in score_answer(case, make_answer()).findings if finding.check == "must"]
    assert [finding.passed for finding in findings] == [True, False]
    assert findings[0].reason == "「1,500人」がある"
    assert findings[1].reason == "「令和4年度」「2023年3月」のどれも無い"


def test_one_alternative_of_a_group_is_enough() -> None:
    assert score_answer(make_case(must=[["千五百人", "1,500人"]]), make_answer()).passed


def test_a_forbidden_word_fails_an_otherwise_right_answer() -> None:
    result = score_answer(
        make_case(must_not=["目標値は1,655人"]), make_answer("目標値は1,655人、実績は1,500人です[1]。")
    )
    assert result.reasons == ("「目標値は1,655人」がある",)


@pytest.mark.parametrize(
    ("cite", "passed"),
    [
        (CITE, True),
        ("dx-kaigi-r4-4#KPI達成状況（市民サービスの向上）", True),
        ("dx-kaigi-r4-4#KPI達成状況(職員の生産性向上)", False),
        ("dx-action-plan-2.0#KPI達成状況(市民サービスの向上)", False),
    ],
)
def test_the_source_must_be_one_that_the_case_accepts(cite: str, *, passed: bool) -> None:
    assert score_answer(make_case(), make_answer(cite=cite)).passed is passed


def test_one_of_several_accepted_sources_is_enough() -> None:
    assert score_answer(make_case(cite=["other#節", CITE]), make_answer()).passed


def test_the_reason_names_a_wrong_source() -> None:
    assert "other#節" in score_answer(make_case(), make_answer(cite="other#節")).reasons[0]


@pytest.mark.parametrize(
    ("behave", "status", "passed"),
    [
        ("answer", "no_answer", False),
        ("answer", "clarify", False),
        ("answer", "smalltalk", False),
        ("abstain", "no_answer", True),
        ("abstain", "out_of_scope", True),
        ("abstain", "blocked", True),
        ("abstain", "clarify", False),
        ("abstain", "answered", False),
        ("abstain", "partial", False),
        ("clarify", "clarify", True),
        ("clarify", "no_answer", False),
        ("clarify", "answered", False),
    ],
)
def test_the_status_must_match_the_expected_behaviour(behave: str, status: str, *, passed: bool) -> None:
    text = "目標値は1,500人です。" if behave == "answer" else "見つかりませんでした。"
    finding = next(
        f for f in score_answer(make_case(behave=behave), make_answer(text, status)).findings if f.check == "status"
    )
    assert finding.passed is passed


def test_a_refusal_with_a_forbidden_word_fails() -> None:
    case = make_case(behave="abstain", must_not=["億円"])
    assert not score_answer(case, make_answer("予算は3億円ですが、文書にはありません。", "no_answer")).passed
