"""Agreement of scorers with each other and with the automatic score."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, TypeVar

from eval.metrics.agreement import Agreement, Label, kappa, quadratic
from eval.scoring.judgements import CRITERIA, CRITERION_NAMES, MARKS, CaseKey, PreferenceVerdict, ScoreVerdict
from eval.workbench.verdict_store import current_verdicts

T = TypeVar("T", ScoreVerdict, PreferenceVerdict)
# A mark of 4 (「小さな不足だけ」) or more means that the answer is right.
RIGHT = 4


@dataclass(frozen=True, slots=True)
class ScorerAgreement:
    """Agreement of two judges (`first`, `other`) on a `subject`: a criterion, the choice, or pass and fail.

    `same` is the share (0-1) of equal judgements, `agreement` Cohen's kappa with its standard error and n, with
    quadratic weights for marks.
    """

    first: str
    other: str
    subject: str
    same: float
    agreement: Agreement


def marks_agreement(verdicts: Iterable[ScoreVerdict]) -> list[ScorerAgreement]:
    """Return the agreement of each pair of scorers on each criterion, over the answers that both scored."""
    agreements = []
    for both, judged in _pair_scorers(current_verdicts(verdicts), lambda verdict: (verdict.run, verdict.key)):
        for criterion in CRITERIA:
            marks = [(first.marks.mark_for(criterion), second.marks.mark_for(criterion)) for first, second in judged]
            agreements.append(_make_agreement(both, CRITERION_NAMES[criterion], marks, kappa(marks, quadratic, MARKS)))
    return agreements


def choice_agreement(verdicts: Iterable[PreferenceVerdict]) -> list[ScorerAgreement]:
    """Return the agreement of each pair of scorers on which of two answers is better, on whichever side they saw it."""
    agreements = []
    for both, judged in _pair_scorers(current_verdicts(verdicts), lambda verdict: (verdict.pair, verdict.key)):
        better = [(first.better, second.better) for first, second in judged]
        agreements.append(_make_agreement(both, "どちらがよいか", better, kappa(better)))
    return agreements


def automatic_agreement(verdicts: Iterable[ScoreVerdict], passed: Mapping[CaseKey, bool]) -> list[ScorerAgreement]:
    """Return the agreement of each scorer of one run with the automatic score; a mark of `RIGHT` or more is a pass."""
    agreements = []
    for scorer, own_verdicts in _by_scorer(current_verdicts(verdicts), lambda verdict: verdict.key).items():
        judged = [
            (verdict.marks.correctness >= RIGHT, passed[key]) for key, verdict in own_verdicts.items() if key in passed
        ]
        agreements.append(_make_agreement((scorer, "自動採点"), "正誤", judged, kappa(judged)))
    return agreements


def _make_agreement(
    both: tuple[str, str], subject: str, pairs: Sequence[tuple[Label, Label]], agreement: Agreement
) -> ScorerAgreement:
    same = sum(first == second for first, second in pairs) / len(pairs) if pairs else 0.0
    return ScorerAgreement(*both, subject, same, agreement)


def _pair_scorers(verdicts: Iterable[T], on: Callable[[T], Any]) -> Iterator[tuple[tuple[str, str], list[tuple[T, T]]]]:
    by_scorer = _by_scorer(verdicts, on)
    for scorers in combinations(sorted(by_scorer), 2):
        first, second = (by_scorer[scorer] for scorer in scorers)
        if judged := [(first[subject], second[subject]) for subject in first if subject in second]:
            yield scorers, judged


def _by_scorer(verdicts: Iterable[T], on: Callable[[T], Any]) -> dict[str, dict[Any, T]]:
    by_scorer: dict[str, dict[Any, T]] = {}
    for verdict in verdicts:
        by_scorer.setdefault(verdict.scorer, {})[on(verdict)] = verdict
    return by_scorer
