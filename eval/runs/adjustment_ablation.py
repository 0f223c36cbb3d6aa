"""What each adjustment of rankings earns: how the cases fare without it."""

from argparse import Namespace
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import chain, groupby

from rich.console import Console

from bot.relevance.adjustments import NAMES, record_changes
from eval.command import DONE, command, emit, figure_table, paths_option
from eval.dataset.case import Case
from eval.errors import RefusedError
from eval.metrics.statistics import Mean, compute_mean
from eval.runs.run_plan import ChosenSet, RunOptions, choose_sets, open_system_under_test
from eval.scoring.run_record import CaseKey
from eval.scoring.score import score_answer
from eval.storage.progress import progress_bar
from eval.systems.asking import Ask, ask_case
from ingest.cli.command_line import one_of, option
from ingest.configuration.environment import read_settings
from ingest.configuration.settings import Settings

OnProgress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Ablation:
    """The cases of one set without one adjustment.

    Of `n` cases the adjustment changes the ranking in `changed`, and the answer in `answers`. `gained` and `lost` are
    the ids of those that pass only without it, and only with it.
    """

    adjustment: str
    set: str
    n: int
    changed: int
    answers: int
    gained: tuple[str, ...]
    lost: tuple[str, ...]

    @property
    def difference(self) -> Mean:
        """The change of the pass rate."""
        changes = [(id_, 1.0) for id_ in self.gained] + [(id_, -1.0) for id_ in self.lost]
        return compute_mean([*changes, *((f"unchanged {number}", 0.0) for number in range(self.n - len(changes)))])


@dataclass(frozen=True, slots=True)
class _Outcome:
    passed: bool
    answer: str
    changes: frozenset[str] = frozenset()


def measure_ablations(options: RunOptions, settings: Settings, on_progress: OnProgress) -> tuple[Ablation, ...]:
    """Ask the cases with all adjustments, and those whose ranking one changes once more without that one.

    Answers do not depend on an adjustment that changes no ranking on their way, so the others need not be asked.
    Raises EvalError, IngestError or BotError.
    """
    chosen, _ = choose_sets(options, settings)
    groups = [tuple(sets) for _, sets in groupby(chosen, key=lambda chosen_set: chosen_set.case_set.corpora)]
    return tuple(ablation for group in groups for ablation in _measure_group(group, options, settings, on_progress))


def sum_over_sets(ablations: Sequence[Ablation]) -> Iterator[Ablation]:
    """Yield one ablation for each adjustment, over all sets."""
    for name in NAMES:
        own = [ablation for ablation in ablations if ablation.adjustment == name]
        n, changed, answers = (sum(getattr(one, field) for one in own) for field in ("n", "changed", "answers"))
        gained, lost = (tuple(chain.from_iterable(getattr(one, field) for one in own)) for field in ("gained", "lost"))
        yield Ablation(name, "", n, changed, answers, gained, lost)


def _measure_group(
    group: Sequence[ChosenSet], options: RunOptions, settings: Settings, on_progress: OnProgress
) -> Iterator[Ablation]:
    cases = {CaseKey(chosen.case_set.name, case.id): case for chosen in group for case in chosen.cases}
    corpora = group[0].case_set.corpora
    on_progress(group[0].case_set.name)
    with open_system_under_test(options, settings, corpora) as system:
        full = {key: _ask(system.ask, case) for key, case in cases.items()}
    for name in NAMES:
        changed = {key: case for key, case in cases.items() if name in full[key].changes}
        partial: dict[CaseKey, _Outcome] = {}
        if changed:
            on_progress(f"{group[0].case_set.name}: {name}")
            with open_system_under_test(options.model_copy(update={"without": (name,)}), settings, corpora) as system:
                partial = {key: _ask(system.ask, case) for key, case in changed.items()}
        for chosen in group:
            yield _compare(name, chosen, full, partial)


def _ask(ask: Ask, case: Case) -> _Outcome:
    with record_changes() as changes:
        try:
            answer = ask_case(ask, case)
        except RefusedError:
            return _Outcome(passed=False, answer="", changes=frozenset(changes))
    text = f"{answer['status']}\n{answer['answer']}"
    return _Outcome(score_answer(case, answer).passed, text, frozenset(changes))


def _compare(name: str, chosen: ChosenSet, full: dict[CaseKey, _Outcome], partial: dict[CaseKey, _Outcome]) -> Ablation:
    pairs = {key[1]: (full[key], outcome) for key, outcome in partial.items() if key[0] == chosen.case_set.name}
    gained = tuple(id_ for id_, (before, after) in pairs.items() if after.passed and not before.passed)
    lost = tuple(id_ for id_, (before, after) in pairs.items() if before.passed and not after.passed)
    answers = sum(before.answer != after.answer for before, after in pairs.values())
    return Ablation(name, chosen.case_set.name, len(chosen.cases), len(pairs), answers, gained, lost)


@command(
    "ablation",
    "並べ替えの規則を1つずつ外して、合格する問いの増減を測る",
    one_of(
        option("--set", action="append", default=[], metavar="NAME", help="質問集の名前(既定: すべて)"),
        paths_option("--cases", "FILE", "問いのファイル(*.jsonl)"),
    ),
    paths_option("--corpus", "DIR", "文書(既定: 質問集ごとの文書)"),
)
def ablation(options: Namespace) -> int:
    """Measure how many cases pass without each adjustment."""
    chosen = RunOptions(sets=options.set, cases=options.cases, corpora=options.corpus)
    with progress_bar(1) as show_progress:
        ablations = measure_ablations(chosen, read_settings(), lambda doing: show_progress(doing, 0))
    if options.json:
        emit({"ablations": [{**asdict(each), "difference": asdict(each.difference)} for each in ablations]})
        return DONE
    columns = ("問い", "順位が\n変わる", "答えが\n変わる", "合格が\n増える", "減る", "率の差(% ± 標準誤差)")
    table = figure_table(["規則", "質問集"], columns, title="その規則を外したとき")
    for total in sum_over_sets(ablations):
        by_set = [each for each in ablations if each.adjustment == total.adjustment and (each.gained or each.lost)]
        for each in (total, *by_set):
            counts = (each.n, each.changed, each.answers, len(each.gained), len(each.lost))
            difference = f"{each.difference.value * 100:+.2f} ± {each.difference.se * 100:.2f}"
            table.add_row("" if each.set else each.adjustment, each.set or "全体", *map(str, counts), difference)
        table.add_section()
    Console().print(table)
    return DONE
