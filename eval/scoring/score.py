"""Whether an answer passes its case, and why."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from eval.dataset.case import Behave, Case
from eval.dataset.field_names import BEHAVIOURS, STATUSES
from eval.dataset.matching import holds
from eval.scoring.accepted import accepted_as
from eval.scoring.finding import Finding
from eval.scoring.sound import unsound

__all__ = ["PASSING", "Finding", "Score", "failed", "score"]

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


def score(case: Case, answer: Mapping[str, Any]) -> Score:
    """Score `answer`, the JSON of the API, against `case`; what names no sources is not asked for the right ones."""
    text: str = answer["answer"]
    asked_back = answer["status"] in PASSING["clarify"]
    findings = [_status(case, answer["status"]), *_must_not(case, text)]
    findings += [] if asked_back else _must(case, text)
    findings += unsound(answer)
    if case.cite and not asked_back and answer.get("cites") is not False:
        findings.append(_cite(case, answer["citations"]))
    return Score(tuple(findings))


def failed(reason: str) -> Score:
    """Score a case that got no answer at all."""
    return Score((Finding("error", passed=False, reason=reason),))


def _status(case: Case, status: str) -> Finding:
    # Who names all that a question may mean need not ask back.
    wanted = PASSING[case.behave] | (PASSING["answer"] if case.behave == "clarify" and case.must else frozenset())
    due = "" if status in wanted else f"。「{BEHAVIOURS[case.behave]}」のはず"
    reason = f"ふるまいは「{STATUSES.get(status, status)}」({status}){due}"
    return Finding("status", status in wanted, reason)


def _must(case: Case, text: str) -> Iterator[Finding]:
    for group in case.must:
        found = next((words for words in group if holds(text, words)), None)
        reason = f"「{found}」がある" if found else f"「{'」「'.join(group)}」のどれも無い"
        yield Finding("must", found is not None, reason)


def _must_not(case: Case, text: str) -> Iterator[Finding]:
    for words in case.must_not:
        there = holds(text, words)
        yield Finding("must_not", not there, f"「{words}」が{'ある' if there else '無い'}")


def _cite(case: Case, citations: list[dict[str, Any]]) -> Finding:
    for citation in citations:
        if wanted := accepted_as(case, citation["doc_id"], citation["section"]):
            return Finding("cite", passed=True, reason=f"出典に {wanted} がある")
    named = "、".join(f"{c['doc_id']}#{c['section']}" for c in citations) or "なし"
    return Finding("cite", passed=False, reason=f"出典が違う(回答の出典: {named})")
