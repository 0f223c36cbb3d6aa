"""Tab that adds up what people judged: means, preferences, agreement, and files to download."""

from collections.abc import Iterable, Sequence
from contextlib import suppress

import gradio as gr

from bot.auth import SignedInPerson
from bot.http.form_fields import Fields
from eval.errors import RunFolderError
from eval.metrics.statistics import standard_error
from eval.workbench.frame import (
    ALL,
    Changes,
    Frame,
    Tab,
    html_area,
    label_choices,
    percent,
    render,
    table,
    table_value,
)
from eval.workbench.judging import unfinished_pairs
from eval.workbench.verdicts import (
    CRITERIA,
    ScorerAgreement,
    ScoreVerdict,
    automatic_agreement,
    count_preferences,
    current_verdicts,
    scorer_agreement,
)

_TABLES = {
    "手で付けた点（1〜5、平均 ± 標準誤差）": ("評価", "採点", "人", *CRITERIA.values()),
    "目かくしでよいとされた回数": ("評価 1", "よい", "評価 2", "よい ", "同じ", "p（符号検定）"),
    "採点した人どうしの一致": ("人", "項目", "n", "同じ点", "κ ± 標準誤差"),
    "人と自動採点の一致": ("評価", "人", "項目", "n", "同じ", "κ ± 標準誤差"),
}
_Rows = list[list[object]]


class VerdictsTab(Tab):
    """The tab."""

    name = "verdicts"

    def __init__(self, frame: Frame) -> None:
        self._bench = frame.bench
        self.run = gr.Dropdown([ALL], label="評価", value="")
        self.tables = [table(label, headers, visible=False) for label, headers in _TABLES.items()]
        self.files = html_area(elem_id="files")
        self.fields = {"run": self.run}
        self.outputs = [self.run, *self.tables, self.files]
        frame.reopen_on([self.run.input], self)

    def open(self, person: SignedInPerson, fields: Fields) -> Changes:
        """Add up the verdicts on one run, or on all."""
        bench = self._bench
        scored, preferred = bench.verdicts.scored(), bench.verdicts.preferred()
        titles = bench.runs.titles()
        hidden = unfinished_pairs(bench.runs, preferred, person.name)
        runs = dict.fromkeys(verdict.run for verdict in scored)
        by_run = {
            run: [verdict for verdict in scored if verdict.run == run] for run in runs if fields.one("run") in ("", run)
        }
        means: _Rows = []
        automatic: _Rows = []
        for run, verdicts in by_run.items():
            title = titles.get(run, run)
            means.append([title, *_means(current_verdicts(verdicts))])
            with suppress(RunFolderError):
                passed = {key: row.score.passed for key, row in bench.runs.rows(run).items()}
                compared = automatic_agreement(verdicts, passed)
                automatic += [[title, one.judges[0], *_agreement_cells(one)] for one in compared]
        preferences: _Rows = []
        for pair in dict.fromkeys(verdict.pair for verdict in current_verdicts(preferred)):
            if pair not in hidden:
                count = count_preferences(pair, preferred)
                first, second = (titles.get(run, run) for run in pair)
                preferences.append([first, count.first, second, count.second, count.same, f"{count.p:.3f}"])
        of_runs = [verdict for verdicts in by_run.values() for verdict in verdicts]
        people = [*scorer_agreement(of_runs), *scorer_agreement(preferred)]
        agreement: _Rows = [[" と ".join(one.judges), *_agreement_cells(one)] for one in people]
        tables = (means, preferences, agreement, automatic)
        shown = (
            gr.Dataframe(table_value(headers, rows), visible=bool(rows))
            for headers, rows in zip(_TABLES.values(), tables, strict=True)
        )
        html = render("verdicts.html", count=len(scored) + len(preferred), hidden=sorted(hidden), titles=titles)
        return {
            self.run: gr.Dropdown([ALL, *label_choices(runs, titles)], value=fields.one("run")),
            **dict(zip(self.tables, shown, strict=True)),
            self.files: html,
        }


def _means(verdicts: Sequence[ScoreVerdict]) -> Iterable[object]:
    yield len(verdicts)
    yield len({verdict.scorer for verdict in verdicts})
    for criterion in CRITERIA:
        marks = [float(getattr(verdict, criterion)) for verdict in verdicts]
        yield f"{sum(marks) / len(marks):.2f} ± {standard_error(marks):.2f}"


def _agreement_cells(judged: ScorerAgreement) -> list[object]:
    agreement = judged.agreement
    kappa = "—" if agreement.kappa is None else f"{agreement.kappa:.2f} ± {agreement.se:.2f}"
    return [judged.title, agreement.n, percent(judged.same), kappa]
