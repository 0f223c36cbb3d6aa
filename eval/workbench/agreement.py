"""Agreement of scorers with each other and with the automatic score."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, TypeVar

from eval.metrics.agreement import Agreement, Label, kappa, quadratic
from eval.scoring.judgements import CRITERIA, CRITERION_NAMES, MARKS, CaseKey, PreferenceVerdict, ScoreVerdict
from eval.workbench.verdicts import current_verdicts

T = TypeVar("T", ScoreVerdict, PreferenceVerdict)
# A mark of 4 (「小さな不足だけ」) or more means that the answer is right.
RIGHT = 4


@dataclass(frozen=True, slots=True)
class ScorerAgreement:
    """Agreement of two judges (`one`, `other`) on a `subject`: a criterion, the choice, or pass and fail.

    `same` is the share (0-1) of equal judgements, `agreement` Cohen's kappa with its standard error and n, with
    quadratic weights for marks.
    """

    one: str
    other: str
    subject: str
    same: float
    agreement: Agreement


def marks_agreement(verdicts: Iterable[ScoreVerdict]) -> list[ScorerAgreement]:
    """Return the agreement of each pair of scorers on each criterion, over the answers that both scored."""
    found = []
    for both, judged in _pair_scorers(current_verdicts(verdicts), lambda one: (one.run, one.key)):
        for criterion in CRITERIA:
            marks = [(one.marks.mark_for(criterion), other.marks.mark_for(criterion)) for one, other in judged]
            found.append(_make_agreement(both, CRITERION_NAMES[criterion], marks, kappa(marks, quadratic, MARKS)))
    return found


def choice_agreement(verdicts: Iterable[PreferenceVerdict]) -> list[ScorerAgreement]:
    """Return the agreement of each pair of scorers on which of two answers is better, on whichever side they saw it."""
    found = []
    for both, judged in _pair_scorers(current_verdicts(verdicts), lambda one: (one.pair, one.key)):
        better = [(one.better, other.better) for one, other in judged]
        found.append(_make_agreement(both, "どちらがよいか", better, kappa(better)))
    return found


def automatic_agreement(verdicts: Iterable[ScoreVerdict], passed: Mapping[CaseKey, bool]) -> list[ScorerAgreement]:
    """Return the agreement of each scorer of one run with the automatic score; a mark of `RIGHT` or more is a pass."""
    found = []
    for scorer, mine in _by_scorer(current_verdicts(verdicts), lambda one: one.key).items():
        judged = [(one.marks.correctness >= RIGHT, passed[key]) for key, one in mine.items() if key in passed]
        found.append(_make_agreement((scorer, "自動採点"), "正誤", judged, kappa(judged)))
    return found


def _make_agreement(
    both: tuple[str, str], subject: str, pairs: Sequence[tuple[Label, Label]], agreement: Agreement
) -> ScorerAgreement:
    same = sum(one == other for one, other in pairs) / len(pairs) if pairs else 0.0
    return ScorerAgreement(*both, subject, same, agreement)


def _pair_scorers(verdicts: Iterable[T], on: Callable[[T], Any]) -> Iterator[tuple[tuple[str, str], list[tuple[T, T]]]]:
    """Yield each pair of scorers with their verdicts on what both judged."""
    by_scorer = _by_scorer(verdicts, on)
    for one, other in combinations(sorted(by_scorer), 2):
        first, second = by_scorer[one], by_scorer[other]
        if judged := [(first[what], second[what]) for what in first if what in second]:
            yield (one, other), judged


def _by_scorer(verdicts: Iterable[T], on: Callable[[T], Any]) -> dict[str, dict[Any, T]]:
    found: dict[str, dict[Any, T]] = {}
    for one in verdicts:
        found.setdefault(one.scorer, {})[on(one)] = one
    return found
