"""Scores an answer against its case: status, expected and forbidden words, citations, and what no answer may have."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from eval.dataset.case import Behave, Case
from eval.dataset.case_labels import BEHAVIOUR_LABELS, STATUS_LABELS
from eval.dataset.matching import contains_words
from eval.scoring.answer_invariants import find_violations

PASSING: dict[Behave, frozenset[str]] = {
    "answer": frozenset({"answered", "partial"}),
    "abstain": frozenset({"no_answer", "out_of_scope", "blocked"}),
    "clarify": frozenset({"clarify"}),
}
"""The statuses that are right, by the behaviour that a case expects."""


@dataclass(frozen=True, slots=True)
class AnswerFinding:
    """The result of one check of an answer; `reason` says in Japanese what it found or missed."""

    check: Literal["status", "must", "must_not", "cite", "sound", "error"]
    passed: bool
    reason: str


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
    findings += (AnswerFinding("sound", passed=False, reason=reason) for reason in find_violations(answer))
    if case.cite and not asked_back and answer.get("cites") is not False:
        findings.append(_check_citation(case, answer["citations"]))
    return Score(tuple(findings))


def failed_score(reason: str) -> Score:
    """Return the score of a case without an answer."""
    return Score((AnswerFinding("error", passed=False, reason=reason),))


def _check_status(case: Case, status: str) -> AnswerFinding:
    # Instead of asking back, an answer may cover every possible meaning.
    expected = PASSING[case.behave]
    if case.behave == "clarify" and case.must:
        expected |= PASSING["answer"]
    hint = "" if status in expected else f"。「{BEHAVIOUR_LABELS[case.behave]}」のはず"
    reason = f"ふるまいは「{STATUS_LABELS.get(status, status)}」({status}){hint}"
    return AnswerFinding("status", status in expected, reason)


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
        if entry := case.matching_citation(citation["doc_id"], citation["section"]):
            return AnswerFinding("cite", passed=True, reason=f"出典に {entry} がある")
    sources = "、".join(f"{c['doc_id']}#{c['section']}" for c in citations) or "なし"
    return AnswerFinding("cite", passed=False, reason=f"出典が違う(回答の出典: {sources})")
