"""Agreement of scorers with each other and with the automatic score."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, TypeVar

from eval.metrics.agreement import Agreement, Label, kappa, quadratic
from eval.scoring.judgements import CRITERIA, CRITERION_NAMES, MARKS, CaseKey, PreferenceVerdict, ScoreVerdict
from eval.workbench.verdicts import current_verdicts

T = TypeVar("T", ScoreVerdict, PreferenceVerdict)
# From this mark on a person calls an answer right: 4 is 「小さな不足だけ」 on the page.
RIGHT = 4


@dataclass(frozen=True, slots=True)
class ScorerAgreement:
    """What two judges said of the same answers: `same` is the share (0-1) on which they said exactly the same.

    `on` is what was judged, `told` Cohen's kappa with its standard error and n: weighted quadratically for marks.
    """

    one: str
    other: str
    on: str
    same: float
    told: Agreement


def marks_agreement(verdicts: Iterable[ScoreVerdict]) -> list[ScorerAgreement]:
    """Return the agreement of each two scorers on each criterion, over the answers that both scored."""
    found = []
    for both, judged in _pair_scorers(current_verdicts(verdicts), lambda one: (one.run, one.key)):
        for criterion in CRITERIA:
            marks = [(one.marks.mark_for(criterion), other.marks.mark_for(criterion)) for one, other in judged]
            found.append(_make_agreement(both, CRITERION_NAMES[criterion], marks, kappa(marks, quadratic, MARKS)))
    return found


def choice_agreement(verdicts: Iterable[PreferenceVerdict]) -> list[ScorerAgreement]:
    """Return the agreement of each two scorers on which of two answers was better, whichever stood at A for them."""
    found = []
    for both, judged in _pair_scorers(current_verdicts(verdicts), lambda one: (one.pair, one.key)):
        better = [(one.better, other.better) for one, other in judged]
        found.append(_make_agreement(both, "どちらがよいか", better, kappa(better)))
    return found


def automatic_agreement(verdicts: Iterable[ScoreVerdict], passed: Mapping[CaseKey, bool]) -> list[ScorerAgreement]:
    """Return how far each scorer of one run agrees with the automatic score: right means a mark of `RIGHT` or more."""
    found = []
    for scorer, mine in _by_scorer(current_verdicts(verdicts), lambda one: one.key).items():
        judged = [(one.marks.correctness >= RIGHT, passed[key]) for key, one in mine.items() if key in passed]
        found.append(_make_agreement((scorer, "自動採点"), "正誤", judged, kappa(judged)))
    return found


def _make_agreement(
    both: tuple[str, str], on: str, pairs: Sequence[tuple[Label, Label]], told: Agreement
) -> ScorerAgreement:
    same = sum(one == other for one, other in pairs) / len(pairs) if pairs else 0.0
    return ScorerAgreement(*both, on, same, told)


def _pair_scorers(verdicts: Iterable[T], on: Callable[[T], Any]) -> Iterator[tuple[tuple[str, str], list[tuple[T, T]]]]:
    """Yield each two scorers who judged something in common, with what they said of it."""
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
