"""Scores an answer against its case: status, expected and forbidden words, citations."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from eval.dataset.case import Behave, Case
from eval.dataset.labels import BEHAVIOURS, STATUSES
from eval.dataset.matching import contains_words
from eval.scoring.accepted_sources import matching_citation
from eval.scoring.answer_invariants import find_violations
from eval.scoring.finding import Finding

__all__ = ["PASSING", "Finding", "Score", "failed_score", "score_answer"]

PASSING: dict[Behave, frozenset[str]] = {
    "answer": frozenset({"answered", "partial"}),
    "abstain": frozenset({"no_answer", "out_of_scope", "blocked"}),
    "clarify": frozenset({"clarify"}),
}


@dataclass(frozen=True, slots=True)
class Score:
    """All findings of one case; it passes when each of them does."""

    findings: tuple[Finding, ...]

    @property
    def passed(self) -> bool:
        """Whether every check passed."""
        return all(finding.passed for finding in self.findings)

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why the case fails; empty where it passes."""
        return tuple(finding.reason for finding in self.findings if not finding.passed)


def score_answer(case: Case, answer: Mapping[str, Any]) -> Score:
    """Score `answer`, the JSON of the API, against `case`; what names no sources is not asked for the right ones."""
    text: str = answer["answer"]
    asked_back = answer["status"] in PASSING["clarify"]
    findings = [_check_status(case, answer["status"]), *_check_must_not(case, text)]
    findings += [] if asked_back else _check_must(case, text)
    findings += find_violations(answer)
    if case.cite and not asked_back and answer.get("cites") is not False:
        findings.append(_check_citation(case, answer["citations"]))
    return Score(tuple(findings))


def failed_score(reason: str) -> Score:
    """Score a case that got no answer at all."""
    return Score((Finding("error", passed=False, reason=reason),))


def _check_status(case: Case, status: str) -> Finding:
    # Who names all that a question may mean need not ask back.
    wanted = PASSING[case.behave] | (PASSING["answer"] if case.behave == "clarify" and case.must else frozenset())
    due = "" if status in wanted else f"。「{BEHAVIOURS[case.behave]}」のはず"
    reason = f"ふるまいは「{STATUSES.get(status, status)}」({status}){due}"
    return Finding("status", status in wanted, reason)


def _check_must(case: Case, text: str) -> Iterator[Finding]:
    for group in case.must:
        found = next((words for words in group if contains_words(text, words)), None)
        reason = f"「{found}」がある" if found else f"「{'」「'.join(group)}」のどれも無い"
        yield Finding("must", found is not None, reason)


def _check_must_not(case: Case, text: str) -> Iterator[Finding]:
    for words in case.must_not:
        there = contains_words(text, words)
        yield Finding("must_not", not there, f"「{words}」が{'ある' if there else '無い'}")


def _check_citation(case: Case, citations: list[dict[str, Any]]) -> Finding:
    for citation in citations:
        if wanted := matching_citation(case, citation["doc_id"], citation["section"]):
            return Finding("cite", passed=True, reason=f"出典に {wanted} がある")
    named = "、".join(f"{c['doc_id']}#{c['section']}" for c in citations) or "なし"
    return Finding("cite", passed=False, reason=f"出典が違う(回答の出典: {named})")
