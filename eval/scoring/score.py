"""Scores an answer against its case: status, expected and forbidden words, citations."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from eval.dataset.case import Behave, Case
from eval.dataset.case_labels import BEHAVIOUR_LABELS, STATUS_LABELS
from eval.dataset.matching import contains_words
from eval.scoring.accepted_sources import matching_citation
from eval.scoring.answer_invariants import find_violations
from eval.scoring.finding import AnswerFinding

__all__ = ["PASSING", "AnswerFinding", "Score", "failed_score", "score_answer"]

PASSING: dict[Behave, frozenset[str]] = {
    "answer": frozenset({"answered", "partial"}),
    "abstain": frozenset({"no_answer", "out_of_scope", "blocked"}),
    "clarify": frozenset({"clarify"}),
}


@dataclass(frozen=True, slots=True)
class Score:
    """All findings of one case."""

    findings: tuple[AnswerFinding, ...]

    @property
    def passed(self) -> bool:
        """Whether every check passed."""
        return all(finding.passed for finding in self.findings)

    @property
    def reasons(self) -> tuple[str, ...]:
        """The reasons of the failed checks."""
        return tuple(finding.reason for finding in self.findings if not finding.passed)


def score_answer(case: Case, answer: Mapping[str, Any]) -> Score:
    """Score `answer` (JSON of the API) against `case`; a system that cannot cite is not scored on citations."""
    text: str = answer["answer"]
    asked_back = answer["status"] in PASSING["clarify"]
    findings = [_check_status(case, answer["status"]), *_check_must_not(case, text)]
    findings += [] if asked_back else _check_must(case, text)
    findings += find_violations(answer)
    if case.cite and not asked_back and answer.get("cites") is not False:
        findings.append(_check_citation(case, answer["citations"]))
    return Score(tuple(findings))


def failed_score(reason: str) -> Score:
    """Return the score of a case without an answer."""
    return Score((AnswerFinding("error", passed=False, reason=reason),))


def _check_status(case: Case, status: str) -> AnswerFinding:
    # Instead of asking back, an answer may cover every possible meaning.
    wanted = PASSING[case.behave] | (PASSING["answer"] if case.behave == "clarify" and case.must else frozenset())
    due = "" if status in wanted else f"。「{BEHAVIOUR_LABELS[case.behave]}」のはず"
    reason = f"ふるまいは「{STATUS_LABELS.get(status, status)}」({status}){due}"
    return AnswerFinding("status", status in wanted, reason)


def _check_must(case: Case, text: str) -> Iterator[AnswerFinding]:
    for group in case.must:
        matched = next((words for words in group if contains_words(text, words)), None)
        reason = f"「{matched}」がある" if matched else f"「{'」「'.join(group)}」のどれも無い"
        yield AnswerFinding("must", matched is not None, reason)


def _check_must_not(case: Case, text: str) -> Iterator[AnswerFinding]:
    for words in case.must_not:
        is_present = contains_words(text, words)
        yield AnswerFinding("must_not", not is_present, f"「{words}」が{'ある' if is_present else '無い'}")


def _check_citation(case: Case, citations: list[dict[str, Any]]) -> AnswerFinding:
    for citation in citations:
        if wanted := matching_citation(case, citation["doc_id"], citation["section"]):
            return AnswerFinding("cite", passed=True, reason=f"出典に {wanted} がある")
    named = "、".join(f"{c['doc_id']}#{c['section']}" for c in citations) or "なし"
    return AnswerFinding("cite", passed=False, reason=f"出典が違う(回答の出典: {named})")
