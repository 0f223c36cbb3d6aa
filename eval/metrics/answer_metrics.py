"""Metrics of answers: correctness by the words that a case requires and forbids, declining, and stability.

Source of the metrics of declining (abstention recall, precision and false refusal): Wen et al. 2024, "Know your limits:
a survey of abstention in large language models" (arXiv:2407.18418).
"""

from collections.abc import Callable, Iterable

from eval.dataset.matching import contains_all_facts
from eval.scoring.run_record import RunRow
from eval.scoring.score import PASSING
from ingest.japanese import nfkc

_MAX_READABLE_LENGTH = 500
"""Characters of an answer that is short enough to be read, marks and source lines included."""
_FIRST_CHARACTERS = 200
"""Characters that a person reads before going on to something else, source lines included."""


def answered_right(row: RunRow) -> bool | None:
    """Return whether the answer passes every check of its case; None if the question has no answer."""
    return row.score.passed if row.case.behave == "answer" else None


def facts_shown(row: RunRow) -> bool | None:
    """Return whether an answer of at most 500 characters has every required fact; None if none is due."""
    if row.case.behave == "abstain":
        return None
    if (
        row.answer is None
        or row.answer["status"] not in PASSING["answer"]
        or len(row.answer["answer"]) > _MAX_READABLE_LENGTH
    ):
        return False
    return all(finding.passed for finding in row.score.findings if finding.check == "must")


def answer_correctness(row: RunRow) -> float | None:
    """Return the share of required facts in the answer, in 0-1; None if the question has no answer.

    |groups of `must` with one wording in the answer| / |groups of `must`|; 0 if one of `must_not` is in it, or
    without an answer. Recall of nuggets (Voorhees 2003, "Overview of the TREC 2003 question answering track"), with a
    veto for what is forbidden.
    """
    if row.case.behave != "answer":
        return None
    facts = [finding.passed for finding in row.score.findings if finding.check == "must"]
    vetoes = [finding for finding in row.score.findings if finding.check in {"status", "must_not"}]
    return sum(facts) / len(facts) if facts and all(finding.passed for finding in vetoes) else 0.0


def has_facts_first(facts: Iterable[Iterable[str]], answer: str) -> bool:
    """Whether the first 200 characters of an answer have one wording of each fact."""
    return contains_all_facts(nfkc(answer)[:_FIRST_CHARACTERS], facts)


def facts_first(row: RunRow) -> bool | None:
    """Return whether an answer that passes has every fact in its first 200 characters; None if none is due."""
    if row.case.behave != "answer":
        return None
    return row.score.passed and row.answer is not None and has_facts_first(row.case.must, row.answer["answer"])


def declined_where_due(row: RunRow) -> bool | None:
    """Return whether a question without an answer was declined and nothing forbidden stated; None for others."""
    return row.score.passed if row.case.behave == "abstain" else None


def abstention_precision(row: RunRow) -> bool | None:
    """Return whether declining was right: |declined without an answer| / |declined|; None if not declined."""
    if row.answer is None or row.answer["status"] not in PASSING["abstain"]:
        return None
    return row.case.behave == "abstain"


def wrongly_declined(row: RunRow) -> bool | None:
    """Return whether a question with an answer was declined; None for others. Asking back is not declining."""
    if row.case.behave != "answer":
        return None
    return row.answer is not None and row.answer["status"] in PASSING["abstain"]


def status_where_unanswerable(status: str) -> Callable[[RunRow], bool | None]:
    """Return the metric of whether a question without an answer ended with `status`; None for others."""

    def measure_row(row: RunRow) -> bool | None:
        if row.case.behave != "abstain" or row.answer is None:
            return None
        return bool(row.answer["status"] == status)

    return measure_row


def consistency(row: RunRow) -> bool | None:
    """Return whether status, text and sources are the same when a question is repeated; None if it was not.

    Source: Elazar et al. 2021, "Measuring and improving consistency in pretrained language models" (arXiv:2102.01017),
    with the same words instead of paraphrases, which `robustness` measures.
    """
    repeated = row.observations.get("again")
    return all(repetition["same"] for repetition in repeated) if repeated else None


def robustness(variety: str | None = None) -> Callable[[RunRow], float | None]:
    """Return the metric |variants with the same answer| / |variants|, of one variety or of all; None without any.

    Source: Ribeiro et al. 2020, "Beyond accuracy: behavioral testing of NLP models with CheckList" (invariance tests).
    """

    def measure_row(row: RunRow) -> float | None:
        variants = row.observations.get("variants", ())
        same = [variant["same"] for variant in variants if variety in {None, variant["variety"]}]
        return sum(same) / len(same) if same else None

    return measure_row
