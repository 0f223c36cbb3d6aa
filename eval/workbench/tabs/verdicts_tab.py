"""Tab that adds up what people judged: means, preferences, agreement, and files to download."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

import gradio as gr

from bot.auth import SignedInPerson
from bot.http.form_fields import Fields
from eval.errors import RunFolderError
from eval.metrics.statistics import standard_error
from eval.scoring.judgements import CRITERIA, CRITERION_NAMES, CaseKey, ScoreVerdict
from eval.workbench.answer_pairs import Preference, count_preferences, unfinished_pairs
from eval.workbench.bench import Bench
from eval.workbench.frame import ALL, Frame, Tab, html_area, label_choices, table, table_value
from eval.workbench.html import percent, render
from eval.workbench.scorer_agreement import ScorerAgreement, automatic_agreement, choice_agreement, marks_agreement
from eval.workbench.verdict_store import current_verdicts

TABLES = {
    "手で付けた点（1〜5、平均 ± 標準誤差）": ("評価", "採点", "人", *CRITERION_NAMES.values()),
    "目かくしでよいとされた回数": ("評価 1", "よい", "評価 2", "よい ", "同じ", "p（符号検定）"),
    "採点した人どうしの一致": ("人", "項目", "n", "同じ点", "κ ± 標準誤差"),
    "人と自動採点の一致": ("評価", "人", "項目", "n", "同じ", "κ ± 標準誤差"),
}


def verdicts_tab(frame: Frame) -> Tab:
    """Build the tab."""
    bench = frame.bench
    run = gr.Dropdown([ALL], label="評価", value="")
    tables = [table(label, headers, visible=False) for label, headers in TABLES.items()]
    files = html_area(elem_id="files")
    outputs = [run, *tables, files]

    def open_tab(person: SignedInPerson, fields: Fields) -> list[Any]:
        scored = bench.verdicts.scored()
        preferred = bench.verdicts.preferred()
        chosen = fields.one("run")
        titles = {summary.name: summary.title for summary in bench.runs.all()}
        hidden = unfinished_pairs(bench.runs, preferred, person.name)
        pairs = [
            pair
            for pair in dict.fromkeys(verdict.pair for verdict in current_verdicts(preferred))
            if pair not in hidden
        ]
        of_run = [verdict for verdict in scored if verdict.run == chosen] if chosen else scored
        run_names = label_choices((verdict.run for verdict in scored), titles)
        counted = [count_preferences(pair, preferred) for pair in pairs]
        rows = (
            _means(of_run, titles),
            [_preference_cells(preference, titles) for preference in counted],
            [
                [f"{agreement.first} と {agreement.other}", *_agreement_cells(agreement)]
                for agreement in (*marks_agreement(of_run), *choice_agreement(preferred))
            ],
            [
                [titles.get(name, name), agreement.first, *_agreement_cells(agreement)]
                for name, agreement in _automatic(bench, of_run)
            ],
        )
        filled = [
            gr.Dataframe(table_value(headers, cells), visible=bool(cells))
            for headers, cells in zip(TABLES.values(), rows, strict=True)
        ]
        html = render(
            "verdicts.html",
            count=len(scored) + len(preferred),
            hidden=sorted(hidden, key=lambda pair: (pair.run_1, pair.run_2)),
            titles=titles,
        )
        return [gr.Dropdown([ALL, *run_names], value=chosen), *filled, html]

    tab = Tab("verdicts", {"run": run}, outputs, open_tab)
    frame.reopen_on([run.input], tab)
    return tab


def _means(scored: Sequence[ScoreVerdict], titles: Mapping[str, str]) -> list[list[object]]:
    """Return a row by run: its title, the number of verdicts and of scorers, and each mean with its standard error."""
    counting = current_verdicts(scored)
    rows: list[list[object]] = []
    for run in dict.fromkeys(verdict.run for verdict in counting):
        of_run = [verdict for verdict in counting if verdict.run == run]
        marks = [[float(verdict.marks.mark_for(criterion)) for verdict in of_run] for criterion in CRITERIA]
        means = [f"{sum(values) / len(values):.2f} ± {standard_error(values):.2f}" for values in marks]
        rows.append([titles.get(run, run), len(of_run), len({verdict.scorer for verdict in of_run}), *means])
    return rows


def _preference_cells(preference: Preference, titles: Mapping[str, str]) -> list[object]:
    first, second = (titles.get(run, run) for run in (preference.pair.run_1, preference.pair.run_2))
    return [first, preference.first, second, preference.second, preference.same, f"{preference.p:.3f}"]


def _agreement_cells(judges: ScorerAgreement) -> list[object]:
    kappa = "—" if judges.agreement.kappa is None else f"{judges.agreement.kappa:.2f} ± {judges.agreement.se:.2f}"
    return [judges.subject, judges.agreement.n, percent(judges.same), kappa]


def _automatic(bench: Bench, scored: Sequence[ScoreVerdict]) -> list[tuple[str, ScorerAgreement]]:
    """Return by run how far its scorers agree with its automatic score; runs that are gone are left out."""
    agreements = []
    for run in dict.fromkeys(verdict.run for verdict in scored):
        with suppress(RunFolderError):
            passed = {CaseKey(row.set, row.case.id): row.score.passed for row in bench.runs.load(run).rows}
            of_run = [verdict for verdict in scored if verdict.run == run]
            agreements += [(run, agreement) for agreement in automatic_agreement(of_run, passed)]
    return agreements
