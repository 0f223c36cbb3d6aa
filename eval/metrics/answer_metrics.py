"""Correctness of answers to questions that the documents answer, by the words that a case requires and forbids."""

from collections.abc import Iterable

from eval.dataset.matching import contains_words
from eval.scoring.run_record import RunRow
from eval.scoring.score import PASSING
from ingest.japanese import nfkc

_LONGEST = 500
"""Characters of an answer that is short enough to be read, marks and source lines included."""
_FIRST_CHARACTERS = 200
"""Characters that a person reads before going on to something else, source lines included."""


def answered_right(row: RunRow) -> bool | None:
    """Return whether the answer passes every check of its case; None where the question has no answer."""
    return row.score.passed if row.case.behave == "answer" else None


def facts_shown(row: RunRow) -> bool | None:
    """Return whether an answer of at most 500 characters has every required fact; None where none is due."""
    if row.case.behave == "abstain":
        return None
    if row.answer is None or row.answer["status"] not in PASSING["answer"] or len(row.answer["answer"]) > _LONGEST:
        return False
    return all(finding.passed for finding in row.score.findings if finding.check == "must")


def answer_correctness(row: RunRow) -> float | None:
    """Return the share of required facts in the answer, in 0-1; None where the question has no answer.

    |groups of `must` with one wording in the answer| / |groups of `must`|; 0 where one of `must_not` is in it, or
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
    beginning = nfkc(answer)[:_FIRST_CHARACTERS]
    return all(any(contains_words(beginning, words) for words in group) for group in facts)


def facts_first(row: RunRow) -> bool | None:
    """Return whether an answer that passes has every fact in its first 200 characters; None where none is due."""
    if row.case.behave != "answer":
        return None
    return row.score.passed and row.answer is not None and has_facts_first(row.case.must, row.answer["answer"])
