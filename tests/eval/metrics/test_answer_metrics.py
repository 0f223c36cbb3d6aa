"""Metrics of single answers."""

from typing import Any

import pytest

from eval.metrics.run_metrics import BY_NAME, METRICS, run_figures
from eval.scoring.run_record import RunRow
from eval.scoring.score import failed_score, score_answer
from tests.eval.examples import CITE, make_answer, make_case

FACTS = [["1,500人"], ["1,655人"]]


def row(text: str = "目標値は1,500人です[1]。", *, status: str = "answered", **changes: Any) -> RunRow:
    """Return the scored row of an answer; `cited` are its sources, `beside` what was looked at beside it."""
    cited = [{"n": 1, "doc_id": "a", "section": "b", "quote": "目標 1,500人"} | one for one in changes.pop("cited", [])]
    beside = changes.pop("observations", {})
    timing = changes.pop("timing", {})
    case = make_case(**changes)
    answer = make_answer(text, status) | timing
    answer["citations"] = cited or answer["citations"]
    return RunRow(case, answer, score_answer(case, answer), "own", beside)


def measure(name: str, of: RunRow) -> Any:
    """Return the value of the metric `name` for a row."""
    return BY_NAME[name].measure(of)


def test_citation_precision_counts_the_sources_that_the_case_accepts() -> None:
    accepted = dict(zip(("doc_id", "section"), CITE.split("#"), strict=True))
    assert measure("citation_precision", row(cited=[accepted, {}])) == 0.5
    assert measure("citation_precision", row(status="no_answer")) is None


def test_citation_recall_is_the_share_of_facts_in_quotes() -> None:
    assert measure("citation_recall", row(must=FACTS, cited=[{}])) == 0.5
    assert measure("citation_recall", row(must=FACTS, cited=[{}, {"quote": "実績は1,655人"}])) == 1


def test_faithfulness_is_the_share_of_supported_statements() -> None:
    statements = [{"text": "a", "wrong": []}, {"text": "b", "wrong": ["「5人」は出典にありません"]}]
    assert measure("faithfulness", row(observations={"statements": statements})) == 0.5
    assert measure("faithfulness", row()) is None


def test_retrieval_is_measured_by_the_first_accepted_section() -> None:
    doc_id, section = CITE.split("#")
    accepted = {"doc_id": doc_id, "section": section}
    searched = [
        {"passage_id": "1", "doc_id": "x", "section": "y"},
        {"passage_id": "2", **accepted},
        {"passage_id": "3", **accepted},
    ]
    found = row(observations={"searched": searched})
    names = ("recall@1", "recall@5", "mrr@10", "ndcg@10")
    assert [measure(name, found) for name in names] == [0, 1, 0.5, pytest.approx(0.63093, abs=1e-5)]
    assert [measure(name, row(observations={"searched": []})) for name in names] == [0, 0, 0, 0]
    assert measure("recall@1", row()) is None


def test_cost_is_summed_over_the_calls_of_an_answer() -> None:
    call = {"tokens": {"prompt": 900, "completion": 100}, "cost": 0.5}
    asked = row(observations={"calls": [call, call]})
    assert measure("tokens", asked) == 2000
    assert measure("cost", asked) == 1.0
    assert measure("cost", row(observations={"calls": [call, call | {"cost": None}]})) is None
    assert measure("tokens", row()) is None


def test_latency_percentiles_have_standard_errors() -> None:
    timed = [row(id=str(ms), observations={"timing": {"ms": ms}}) for ms in (10.0, 30.0)]
    told_itself = row(timing={"timings_ms": {"total": 20.0}})
    result = run_figures([*timed, told_itself, row()])
    assert result["p50_ms"] == 20
    assert result["latency_n"] == 3
    assert 0 < result["p50_ms_se"] < 20
    assert result["p95_ms"] == pytest.approx(29)


def test_figures_contain_only_measured_metrics() -> None:
    result = run_figures([row()])
    assert result["facts_shown_n"] == 1
    assert "faithfulness" not in result
    assert {"facts_shown", "facts_shown_se"} <= result.keys()


def test_metric_names_are_unique() -> None:
    assert len(BY_NAME) == len(METRICS)


def test_facts_count_as_shown_only_in_short_answers() -> None:
    assert measure("facts_shown", row(must=FACTS[:1])) is True
    assert measure("facts_shown", row(must=FACTS[:1], status="partial")) is True
    assert measure("facts_shown", row(must=FACTS)) is False
    assert measure("facts_shown", row("1,500人[1]。" + "あ" * 490, must=FACTS[:1])) is True
    assert measure("facts_shown", row("1,500人[1]。" + "あ" * 491, must=FACTS[:1])) is False
    assert measure("facts_shown", row("1,500人です。", status="no_answer")) is False
    assert measure("facts_shown", RunRow(make_case(), None, failed_score("HTTP 422"), "own")) is False
    assert measure("facts_shown", row(behave="abstain")) is None


def test_sure_and_unsure_answers_to_unanswerable_questions_are_separate_rates() -> None:
    names = ("answered_where_none", "partial_where_none")
    statuses = ("answered", "partial", "no_answer")
    by_status = {status: [measure(name, row(behave="abstain", status=status)) for name in names] for status in statuses}
    assert by_status == {"answered": [True, False], "partial": [False, True], "no_answer": [False, False]}
    assert [measure(name, row()) for name in names] == [None, None]
