"""What people judged, added up: means with standard errors, preferences, agreement, and files to take away."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from bot.auth import Person
from bot.pages.views import Address, DrawnView, View
from eval.errors import RunFolderError
from eval.metrics.statistics import standard_error
from eval.scoring.judgements import CRITERIA, CRITERION_NAMES, CaseKey, ScoreVerdict
from eval.workbench.agreement import ScorerAgreement, automatic_agreement, choice_agreement, marks_agreement
from eval.workbench.bench import Bench
from eval.workbench.paired import under_comparison
from eval.workbench.preference import count_preferences
from eval.workbench.render import render_view
from eval.workbench.verdicts import current_verdicts


@dataclass(frozen=True, slots=True)
class Means:
    """The marks of one run: `n` of them by `scorers` people, by criterion (mean, standard error) on a scale of 1-5."""

    run: str
    n: int
    scorers: int
    of: tuple[tuple[float, float], ...]


def _show(bench: Bench, at: Address, by: Person) -> DrawnView:
    scored, preferred, run = bench.verdicts.scored(), bench.verdicts.preferred(), at.one("run")
    hidden = under_comparison(bench.runs, preferred, by.name)
    pairs = [pair for pair in dict.fromkeys(one.pair for one in current_verdicts(preferred)) if pair not in hidden]
    of_run = [one for one in scored if one.run == run] if run else scored
    html = render_view(
        "verdicts.html",
        run=run,
        runs=list(dict.fromkeys(one.run for one in scored)),
        means=_means(of_run),
        preferences=[count_preferences(pair, preferred) for pair in pairs],
        hidden=sorted(hidden, key=lambda pair: (pair.run_1, pair.run_2)),
        agreements=[*marks_agreement(of_run), *choice_agreement(preferred)],
        automatic=_automatic(bench, of_run),
        criteria=CRITERION_NAMES,
        titles={one.name: one.title for one in bench.runs.all()},
        kept=len(scored) + len(preferred),
    )
    return DrawnView(html)


def _means(scored: Sequence[ScoreVerdict]) -> list[Means]:
    counting = current_verdicts(scored)
    by_run = {run: [one for one in counting if one.run == run] for run in dict.fromkeys(one.run for one in counting)}
    return [
        Means(
            run, len(told), len({one.scorer for one in told}), tuple(_mean(told, criterion) for criterion in CRITERIA)
        )
        for run, told in by_run.items()
    ]


def _mean(told: Sequence[ScoreVerdict], criterion: str) -> tuple[float, float]:
    marks = [float(getattr(one.marks, criterion)) for one in told]
    return sum(marks) / len(marks), standard_error(marks)


def _automatic(bench: Bench, scored: Sequence[ScoreVerdict]) -> list[tuple[str, ScorerAgreement]]:
    """Return by run how far its scorers agree with its automatic score; a run that is gone tells nothing."""
    found = []
    for run in dict.fromkeys(one.run for one in scored):
        with suppress(RunFolderError):
            passed = {CaseKey(row.set, row.case.id): row.score.passed for row in bench.runs.load(run).rows}
            found += [(run, one) for one in automatic_agreement([one for one in scored if one.run == run], passed)]
    return found


VERDICTS = View(_show)
