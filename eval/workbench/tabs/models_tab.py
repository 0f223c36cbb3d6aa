"""Tab that shows several runs side by side, for example with different language models."""

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any, NamedTuple

import gradio as gr

from bot.auth import SignedInPerson
from bot.http.form_fields import Fields
from eval.dataset.case_labels import KIND_LABELS
from eval.metrics.run_metrics import METRICS, pass_rate
from eval.scoring.judgements import CaseKey
from eval.scoring.run_record import Run, RunRow
from eval.workbench.bench import Bench
from eval.workbench.case_list import RESULTS
from eval.workbench.frame import Frame, Tab, html_area, percent, render, run_choices, table, table_value

# More columns cannot be read on a desktop.
MAX_RUNS = 4
Rows = Mapping[CaseKey, Sequence[RunRow | None]]


class _ModelsView(NamedTuple):
    """The components of the tab, or their new values."""

    runs: Any
    every_case: Any
    figures: Any
    kinds: Any
    cases: Any
    answers: Any


def models_tab(frame: Frame) -> Tab:
    """Build the tab."""
    gr.Markdown("同じ問いに答えた評価を並べます。言語モデルを変えた評価は、「実行」でモデルを選ぶと作れます。")
    runs = gr.CheckboxGroup([], label=f"評価（2〜{MAX_RUNS}つ）")
    every_case = gr.Checkbox(label="結果が同じ問いも見る")
    show_button = gr.Button("並べる", variant="primary", size="sm")
    figures = table("評価ごとの結果", ["項目"], visible=False, line_breaks=True)
    kinds = table("種類ごとの合格", ["種類"], visible=False)
    cases = table("結果の分かれた問い", ["問い"], visible=False, elem_id="divided")
    answers = html_area(elem_id="side-by-side")
    outputs = _ModelsView(runs, every_case, figures, kinds, cases, answers)

    models = _Models(frame.bench)
    tab = Tab("models", {"run": runs, "all": every_case}, outputs, models.open)
    frame.reopen_on([show_button.click], tab)
    frame.on_row(cases, models.choose_row, [runs], [answers])
    return tab


class _Models:
    """Answers the events of the tab; each method returns the new values of components."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench

    def open(self, _person: SignedInPerson, fields: Fields) -> _ModelsView:
        saved = self._bench.runs.all()
        chosen = [run for run in saved if run.name in fields.all("run")][:MAX_RUNS]
        names = [run.name for run in chosen]
        with_equal_results = bool(fields.one("all"))
        offered = gr.CheckboxGroup(run_choices(saved), value=names)
        if len(chosen) < 2:
            hidden = gr.Dataframe(visible=False)
            answers = "" if saved else "まだ評価がありません。"
            return _ModelsView(offered, with_equal_results, figures=hidden, kinds=hidden, cases=hidden, answers=answers)
        loaded = {name: self._bench.runs.load(name) for name in names}
        titles = [run.title for run in chosen]
        means = {metric: [metric.mean_over(run.rows) for run in loaded.values()] for metric in METRICS}
        figures = [
            [metric.title, *map(metric.format_mean, of_runs)]
            for metric, of_runs in means.items()
            if any(mean.n for mean in of_runs)
        ]
        kinds = _rates_by_kind(list(loaded.values()))
        return _ModelsView(
            runs=offered,
            every_case=with_equal_results,
            figures=gr.Dataframe(table_value(["項目", *titles], figures), visible=True),
            kinds=gr.Dataframe(table_value(["種類", *titles], kinds), visible=True),
            cases=_cases_table(titles, _rows_by_case(loaded), with_equal_results=with_equal_results),
            answers="",
        )

    def choose_row(self, row: list[str], names: list[str]) -> list[str]:
        return [render_answers(self._bench, names[:MAX_RUNS], CaseKey(row[-1], row[-2]))]


def _cases_table(titles: Sequence[str], rows: Rows, *, with_equal_results: bool) -> gr.Dataframe:
    listed = [_cells(key, answers) for key, answers in rows.items() if with_equal_results or _differ(answers)]
    label = f"{'問い' if with_equal_results else '結果の分かれた問い'}（{len(listed)}問）"
    return gr.Dataframe(table_value(["問い", *titles, "id", "質問集の名前"], listed), label=label, visible=True)


def render_answers(bench: Bench, names: Sequence[str], key: CaseKey) -> str:
    """Return the answers of several runs to one case, as HTML."""
    titles = {run.name: run.title for run in bench.runs.all()}
    rows = _rows_by_case({name: bench.runs.load(name) for name in names})[key]
    case = next(row.case for row in rows if row)
    titled = [(name, titles.get(name, name), row) for name, row in zip(names, rows, strict=True)]
    return render("answers.html", case=case, rows=titled)


def _rows_by_case(runs: Mapping[str, Run]) -> Rows:
    by_run = [{CaseKey(row.set, row.case.id): row for row in run.rows} for run in runs.values()]
    keys = dict.fromkeys(chain.from_iterable(by_run))
    return {key: [rows.get(key) for rows in by_run] for key in keys}


def _differ(rows: Sequence[RunRow | None]) -> bool:
    return len({row.score.passed for row in rows if row}) > 1


def _cells(key: CaseKey, rows: Sequence[RunRow | None]) -> list[str]:
    case = next(row.case for row in rows if row)
    results = ["—" if row is None else RESULTS["passed" if row.score.passed else "failed"] for row in rows]
    return [" → ".join(case.turns), *results, key.case_id, key.set]


def _rates_by_kind(runs: Sequence[Run]) -> list[list[str]]:
    rows = []
    for kind in dict.fromkeys(chain.from_iterable((row.case.kind for row in run.rows) for run in runs)):
        rates = [pass_rate([row for row in run.rows if row.case.kind == kind]) for run in runs]
        cells = [f"{rate.passed}/{rate.n}（{percent(rate.rate)}）" if rate.n else "—" for rate in rates]
        rows.append([KIND_LABELS.get(kind, kind), *cells])
    return rows
