"""How people judge: pairs of answers, the order of cases, and the agreement of scorers."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import combinations
from typing import Any, TypeVar

from eval.errors import RunFolderError
from eval.metrics.agreement import Agreement, Label, kappa, quadratic
from eval.metrics.statistics import mcnemar
from eval.scoring.judgements import CRITERIA, CRITERION_NAMES, MARKS, CaseKey, PreferenceVerdict, RunPair, ScoreVerdict
from eval.scoring.run_record import RunRow
from eval.workbench.saved_runs import SavedRuns
from eval.workbench.verdicts import current_verdicts
from ingest.japanese import normalise_without_spaces


def choose_run_a(pair: RunPair, key: CaseKey, scorer: str) -> str:
    """Return the run that is shown as A to this scorer for a case: each run for about half of the cases."""
    return pair.run_1 if _draw_number(pair, key, scorer, "side") % 2 else pair.run_2


def blind_case_order(pair: RunPair, keys: Iterable[CaseKey], scorer: str) -> list[CaseKey]:
    """Return the cases in the order of this scorer, so that no case is the last for everybody."""
    return sorted(keys, key=lambda key: _draw_number(pair, key, scorer, "order"))


def _draw_number(pair: RunPair, key: CaseKey, scorer: str, purpose: str) -> int:
    seed = f"{purpose}\0{scorer}\0{pair.run_1}\0{pair.run_2}\0{key.set}\0{key.case_id}"
    return int.from_bytes(sha256(seed.encode()).digest()[:8])


@dataclass(frozen=True, slots=True)
class ScoringPosition:
    """A position in a list of cases to judge.

    Attributes:
        current: the case to judge, None if all are judged.
        previous: the case before it, None at the beginning.
        next: the case after it, None at the end.
        done: the number of judged cases.
        n: the number of cases.
    """

    current: CaseKey | None
    previous: CaseKey | None
    next: CaseKey | None
    done: int
    n: int


def find_position(
    keys: Sequence[CaseKey], judged: Collection[CaseKey], preferred_key: CaseKey | None
) -> ScoringPosition:
    """Return the position at the `preferred_key` case, else at the first that is not judged."""
    done = sum(key in judged for key in keys)
    current = preferred_key if preferred_key in keys else next((key for key in keys if key not in judged), None)
    if current is None:
        return ScoringPosition(None, keys[-1] if keys else None, None, done, len(keys))
    index = keys.index(current)
    return ScoringPosition(
        current=current,
        previous=keys[index - 1] if index else None,
        next=keys[index + 1] if index + 1 < len(keys) else None,
        done=done,
        n=len(keys),
    )


@dataclass(frozen=True, slots=True)
class AnswerPair:
    """The rows of one case in two runs, by run."""

    rows: dict[str, RunRow]

    @property
    def is_different(self) -> bool:
        """Whether the texts differ by more than spaces and character widths."""
        first, second = (
            normalise_without_spaces(row.answer["answer"]) if row.answer else "" for row in self.rows.values()
        )
        return bool(first != second)


def load_answer_pairs(runs: SavedRuns, pair: RunPair) -> tuple[dict[CaseKey, AnswerPair], int]:
    """Return the cases that two runs answered differently, and how many they answered alike. Raises RunFolderError."""
    names = (pair.run_1, pair.run_2)
    by_run = {run: {CaseKey(row.set, row.case.id): row for row in runs.load(run).rows} for run in names}
    first, second = (by_run[run] for run in names)
    both = {key: AnswerPair({run: by_run[run][key] for run in names}) for key in first if key in second}
    different = {key: answer_pair for key, answer_pair in both.items() if answer_pair.is_different}
    return different, len(both) - len(different)


def unfinished_pairs(runs: SavedRuns, verdicts: Sequence[PreferenceVerdict], scorer: str) -> frozenset[RunPair]:
    """Return the pairs of runs whose cases a scorer has judged only in part; their sides stay hidden.

    A pair counts as finished if one run has been deleted.
    """
    started_pairs = {verdict.pair for verdict in verdicts if verdict.scorer == scorer}
    judged_cases = {(verdict.pair, verdict.key) for verdict in current_verdicts(verdicts) if verdict.scorer == scorer}
    return frozenset(
        pair for pair in started_pairs if any((pair, key) not in judged_cases for key in _cases(runs, pair))
    )


def _cases(runs: SavedRuns, pair: RunPair) -> set[CaseKey]:
    try:
        return set(load_answer_pairs(runs, pair)[0])
    except RunFolderError:
        return set()


@dataclass(frozen=True, slots=True)
class Preference:
    """How often the answer of each run was preferred, and how often neither.

    `p` is the two-sided p-value of the sign test without ties (Dixon and Mood 1946, The Statistical Sign Test).
    """

    pair: RunPair
    first: int
    second: int
    same: int
    p: float


def count_preferences(pair: RunPair, verdicts: Iterable[PreferenceVerdict]) -> Preference:
    """Count what was preferred of one pair of runs."""
    better = [verdict.better for verdict in current_verdicts(verdicts) if verdict.pair == pair]
    first = better.count(pair.run_1)
    second = better.count(pair.run_2)
    return Preference(pair, first, second, better.count(""), mcnemar(first, second))


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
