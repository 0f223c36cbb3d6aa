from typing import Any

import pytest

from eval.metrics.run_metrics import BY_NAME
from eval.metrics.statistics import calibration, paired_bootstrap
from eval.scoring.run_record import RunRow
from eval.scoring.score import refused, score_answer
from lab.benchmarks.search import character_f1, contained, exact_match, ndcg, reciprocal_rank
from tests.eval.examples import CITE, make_answer, make_case


def test_interval_and_p_agree_with_the_normal_distribution_for_many_pairs() -> None:
    output = paired_bootstrap([0.0] * 400, [1.1, -0.9] * 200)
    assert (output.low, output.high) == pytest.approx((0.002, 0.198), abs=0.01)
    assert output.p == pytest.approx(0.0455, abs=0.01)


RANKED = ("b", "x", "a", "y", "c")


@pytest.mark.parametrize(
    ("ranked", "grades", "k", "value"),
    [
        (RANKED, {"a": 2, "b": 1, "x": 0}, 10, 0.76018),
        (RANKED, {"a": 1}, 2, 0),
        (("a", "b"), {"a": 2, "b": 1, "c": 1}, 2, 1),
        (("spam", "a"), {"spam": -2, "a": 1}, 10, 0.63093),
    ],
)
def test_ndcg_uses_grades_as_gains(ranked: tuple[str, ...], grades: dict[str, int], k: int, value: float) -> None:
    assert ndcg(ranked, grades, k) == pytest.approx(value, abs=1e-5)


@pytest.mark.parametrize(
    ("grades", "k", "value"),
    [({"a": 1}, 10, 1 / 3), ({"a": 1, "c": 2}, 10, 1 / 3), ({"x": 0, "c": 1}, 10, 1 / 5), ({"c": 1}, 4, 0)],
)
def test_the_reciprocal_rank_is_that_of_the_first_relevant_entry(grades: dict[str, int], k: int, value: float) -> None:
    assert reciprocal_rank(RANKED, grades, k) == value


@pytest.mark.parametrize(
    ("answer", "true", "value"),
    [
        ("1992年", ("1991年", "1992年"), 1),
        ("１９９２ 年", ("1992年",), 1),
        ("1992年6月", ("1992年",), 0),
        ("", ("1992年",), 0),
        ("1992年", (), 0),
    ],
)
def test_an_exact_match_equals_a_true_answer(answer: str, true: tuple[str, ...], value: float) -> None:
    assert exact_match(answer, true) == value


@pytest.mark.parametrize(
    ("answer", "true", "value"),
    [
        ("日本共産党", ("日本共産党",), 1),
        ("共産党", ("日本共産党",), 2 * 3 / 8),
        ("共産党", ("社会党", "日本共産党"), 2 * 3 / 8),
        ("ああ", ("あ",), 2 / 3),
        ("ＡＢ ", ("ab",), 0),
        ("港", ("山",), 0),
        ("", ("山",), 0),
        ("山", (), 0),
    ],
)
def test_character_f1_uses_the_most_similar_true_answer(answer: str, true: tuple[str, ...], value: float) -> None:
    assert character_f1(answer, true) == pytest.approx(value)


@pytest.mark.parametrize(
    ("answer", "true", "value"),
    [
        ("渡し船は 1923 年に始まった。", ("１９２３年",), 1),
        ("渡し船は1923年に始まった。", ("1924年", "渡し船"), 1),
        ("渡し船は1923年に始まった。", ("1924年",), 0),
        ("渡し船", ("",), 0),
        ("", ("渡し船",), 0),
        ("渡" * 120, ("渡",), 1),
        ("渡" * 121, ("渡",), 0),
    ],
)
def test_a_short_answer_contains_a_true_one(answer: str, true: tuple[str, ...], value: float) -> None:
    assert contained(answer, true) == value


FACTS = [["1,500人"], ["1,655人"]]


def row(text: str = "目標値は1,500人です[1]。", *, status: str = "answered", **changes: Any) -> RunRow:
    cited = [{"n": 1, "doc_id": "a", "section": "b", "quote": "目標 1,500人"} | one for one in changes.pop("cited", [])]
    beside = changes.pop("observations", {})
    timing = changes.pop("timing", {})
    case = make_case(**changes)
    answer = make_answer(text, status) | timing
    answer["citations"] = cited or answer["citations"]
    return RunRow(case, answer, score_answer(case, answer), "own", beside)


def measure(name: str, of: RunRow) -> Any:
    return BY_NAME[name].measure(of)


def test_retrieval_is_measured_by_the_first_accepted_section() -> None:
    doc_id, section = CITE.split("#")
    accepted = {"doc_id": doc_id, "section": section}
    searched = [
        {"passage_id": "1", "doc_id": "x", "section": "y"},
        {"passage_id": "2", **accepted},
    ]
    found = row(observations={"searched": searched})
    names = ("recall@1", "recall@5", "recall@10")
    assert [measure(name, found) for name in names] == [False, True, True]
    assert [measure(name, row(observations={"searched": []})) for name in names] == [False, False, False]
    assert measure("recall@1", row()) is None


def test_facts_count_as_shown_only_in_short_answers() -> None:
    assert measure("facts_shown", row(must=FACTS[:1])) is True
    assert measure("facts_shown", row(must=FACTS[:1], status="partial")) is True
    assert measure("facts_shown", row(must=FACTS)) is False
    assert measure("facts_shown", row("1,500人[1]。" + "あ" * 490, must=FACTS[:1])) is True
    assert measure("facts_shown", row("1,500人[1]。" + "あ" * 491, must=FACTS[:1])) is False
    assert measure("facts_shown", row("1,500人です。", status="no_answer")) is False
    assert measure("facts_shown", RunRow(make_case(), None, refused("HTTP 422"), "own")) is False
    assert measure("facts_shown", row(behave="abstain")) is None


def test_sure_and_unsure_answers_to_unanswerable_questions_are_separate_rates() -> None:
    names = ("answered_where_none", "partial_where_none")
    statuses = ("answered", "partial", "no_answer")
    by_status = {status: [measure(name, row(behave="abstain", status=status)) for name in names] for status in statuses}
    assert by_status == {"answered": [True, False], "partial": [False, True], "no_answer": [False, False]}
    assert [measure(name, row()) for name in names] == [None, None]


def test_a_reliability_diagram_has_the_predicted_and_the_true_share_of_each_bin() -> None:
    believed = calibration([(0.92, True), (0.98, True), (0.95, False), (0.15, False)])
    assert believed
    low, high = believed.bins
    assert (low["n"], low["mean"], low["share"]) == (1, 0.15, 0.0)
    assert (high["n"], high["mean"], high["share"]) == pytest.approx((3, 0.95, 2 / 3))
    assert believed.ece == pytest.approx((0.15 + 3 * (0.95 - 2 / 3)) / 4)
    assert calibration([]) is None
