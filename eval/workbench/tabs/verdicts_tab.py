"""Tab that adds up what people judged: means, preferences, agreement, and files to download."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from typing import Any

import gradio as gr

from bot.auth import SignedInPerson
from bot.http.form_fields import Fields
from eval.errors import RunFolderError
from eval.metrics.statistics import standard_error
from eval.scoring.judgements import CRITERIA, CRITERION_NAMES, CaseKey, PreferenceVerdict, RunPair, ScoreVerdict
from eval.workbench.bench import Bench
from eval.workbench.frame import ALL, Frame, Tab, html_area, label_choices, percent, render, table, table_value
from eval.workbench.judging import (
    ScorerAgreement,
    automatic_agreement,
    choice_agreement,
    count_preferences,
    marks_agreement,
    unfinished_pairs,
)
from eval.workbench.verdicts import current_verdicts

TABLES = {
    "手で付けた点（1〜5、平均 ± 標準誤差）": ("評価", "採点", "人", *CRITERION_NAMES.values()),
    "目かくしでよいとされた回数": ("評価 1", "よい", "評価 2", "よい ", "同じ", "p（符号検定）"),
    "採点した人どうしの一致": ("人", "項目", "n", "同じ点", "κ ± 標準誤差"),
    "人と自動採点の一致": ("評価", "人", "項目", "n", "同じ", "κ ± 標準誤差"),
}


def verdicts_tab(frame: Frame) -> Tab:
    """Build the tab."""
    run = gr.Dropdown([ALL], label="評価", value="")
    tables = [table(label, headers, visible=False) for label, headers in TABLES.items()]
    files = html_area(elem_id="files")

    verdicts = _Verdicts(frame.bench)
    tab = Tab("verdicts", {"run": run}, [run, *tables, files], verdicts.open)
    frame.reopen_on([run.input], tab)
    return tab


class _Verdicts:
    """Answers the events of the tab; `open` returns the new values of its components."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench

    def open(self, person: SignedInPerson, fields: Fields) -> list[Any]:
        scored = self._bench.verdicts.scored()
        preferred = self._bench.verdicts.preferred()
        chosen = fields.one("run")
        of_run = [verdict for verdict in scored if verdict.run == chosen] if chosen else scored
        titles = {summary.name: summary.title for summary in self._bench.runs.all()}
        hidden_pairs = unfinished_pairs(self._bench.runs, preferred, person.name)
        rows = (
            _means(of_run, titles),
            _preferences(preferred, hidden_pairs, titles),
            _scorer_agreement(of_run, preferred),
            _automatic_agreement(self._bench, of_run, titles),
        )
        tables = [
            gr.Dataframe(table_value(headers, cells), visible=bool(cells))
            for headers, cells in zip(TABLES.values(), rows, strict=True)
        ]
        run_names = label_choices((verdict.run for verdict in scored), titles)
        files = render(
            "verdicts.html",
            count=len(scored) + len(preferred),
            hidden=sorted(hidden_pairs, key=lambda pair: (pair.run_1, pair.run_2)),
            titles=titles,
        )
        return [gr.Dropdown([ALL, *run_names], value=chosen), *tables, files]


def _means(scored: Sequence[ScoreVerdict], titles: Mapping[str, str]) -> list[list[object]]:
    counting = current_verdicts(scored)
    rows: list[list[object]] = []
    for run in dict.fromkeys(verdict.run for verdict in counting):
        of_run = [verdict for verdict in counting if verdict.run == run]
        marks = [[float(verdict.marks.mark_for(criterion)) for verdict in of_run] for criterion in CRITERIA]
        means = [f"{sum(values) / len(values):.2f} ± {standard_error(values):.2f}" for values in marks]
        rows.append([titles.get(run, run), len(of_run), len({verdict.scorer for verdict in of_run}), *means])
    return rows


def _preferences(
    preferred: Sequence[PreferenceVerdict], hidden_pairs: Collection[RunPair], titles: Mapping[str, str]
) -> list[list[object]]:
    rows: list[list[object]] = []
    for pair in dict.fromkeys(verdict.pair for verdict in current_verdicts(preferred)):
        if pair in hidden_pairs:
            continue
        count = count_preferences(pair, preferred)
        first, second = (titles.get(run, run) for run in (pair.run_1, pair.run_2))
        rows.append([first, count.first, second, count.second, count.same, f"{count.p:.3f}"])
    return rows


def _scorer_agreement(scored: Sequence[ScoreVerdict], preferred: Sequence[PreferenceVerdict]) -> list[list[object]]:
    agreements = (*marks_agreement(scored), *choice_agreement(preferred))
    return [[f"{agreement.first} と {agreement.other}", *_agreement_cells(agreement)] for agreement in agreements]


def _automatic_agreement(bench: Bench, scored: Sequence[ScoreVerdict], titles: Mapping[str, str]) -> list[list[object]]:
    rows: list[list[object]] = []
    for run in dict.fromkeys(verdict.run for verdict in scored):
        with suppress(RunFolderError):
            passed = {CaseKey(row.set, row.case.id): row.score.passed for row in bench.runs.load(run).rows}
            of_run = [verdict for verdict in scored if verdict.run == run]
            rows += [
                [titles.get(run, run), agreement.first, *_agreement_cells(agreement)]
                for agreement in automatic_agreement(of_run, passed)
            ]
    return rows


def _agreement_cells(judges: ScorerAgreement) -> list[object]:
    kappa = "—" if judges.agreement.kappa is None else f"{judges.agreement.kappa:.2f} ± {judges.agreement.se:.2f}"
    return [judges.subject, judges.agreement.n, percent(judges.same), kappa]
