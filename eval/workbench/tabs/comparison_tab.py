"""Tab that compares two runs: the cases gained and lost, and whether the later run may be released."""

from typing import Any, NamedTuple

import gradio as gr

from bot.auth import SignedInPerson
from bot.http.form_fields import Fields
from eval.dataset.sets import SETS
from eval.metrics.run_metrics import pass_rate
from eval.runs.release_gate import GATE, find_shortfalls, gate_against_run, load_gate
from eval.runs.run_comparison import RowPair, RunComparison, compare_runs
from eval.scoring.judgements import CaseKey
from eval.scoring.run_record import Run
from eval.workbench.bench import Bench
from eval.workbench.frame import Frame, Tab, html_area, percent, render, run_pair_dropdowns, table, table_value
from eval.workbench.tabs.models_tab import render_answers

TOTALS = ("評価", "合格", "率 ± 標準誤差")
CHANGES = ("変化", "問い", "質問集", "優先度", "id", "質問集の名前")


class _ComparisonView(NamedTuple):
    """The components of the tab, or their new values."""

    run_before: Any
    run_after: Any
    totals: Any
    gate: Any
    changes: Any
    answers: Any


def comparison_tab(frame: Frame) -> Tab:
    """Build the tab."""
    with gr.Row():
        run_before = gr.Dropdown([], label="前の評価")
        run_after = gr.Dropdown([], label="後の評価")
    compare_button = gr.Button("比べる", variant="primary", size="sm")
    totals = table("2つの評価", TOTALS, visible=False)
    gate = html_area(elem_id="release")
    changes = table("変わった問い", CHANGES, visible=False, elem_id="changes")
    answers = html_area(elem_id="changed")
    outputs = _ComparisonView(run_before, run_after, totals, gate, changes, answers)

    comparison = _RunComparisonEvents(frame.bench)
    tab = Tab("comparison", {"one": run_before, "two": run_after}, outputs, comparison.open)
    frame.reopen_on([compare_button.click], tab)
    frame.on_row(changes, comparison.choose_row, [run_before, run_after], [answers])
    return tab


class _RunComparisonEvents:
    """Answers the events of the tab; each method returns the new values of components."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench

    def open(self, _person: SignedInPerson, fields: Fields) -> _ComparisonView:
        runs = self._bench.runs.all()
        names = (fields.one("one"), fields.one("two"))
        run_before, run_after = run_pair_dropdowns(runs, names)
        if not all(names):
            hidden = gr.Dataframe(visible=False)
            return _ComparisonView(run_before, run_after, totals=hidden, gate="", changes=hidden, answers="")
        comparison = compare_runs(*(self._bench.runs.load(name) for name in names))
        # The gate's demands on a set that neither run asked do not apply here.
        gate = gate_against_run(load_gate(GATE), comparison.before, comparison.after)
        reasons = find_shortfalls(comparison.after, gate)
        titles = {run.name: run.title for run in runs}
        before_title, after_title = (titles.get(name, name) for name in names)
        totals = [
            _total_cells(f"前 {before_title}", comparison.before),
            _total_cells(f"後 {after_title}", comparison.after),
        ]
        return _ComparisonView(
            run_before=run_before,
            run_after=run_after,
            totals=gr.Dataframe(table_value(TOTALS, totals), visible=True),
            gate=render("gate.html", one=names[0], two=names[1], reasons=reasons, comparison=comparison),
            changes=_changes_table(comparison),
            answers="",
        )

    def choose_row(self, row: list[str], *names: str) -> list[str]:
        return [render_answers(self._bench, names, CaseKey(row[-1], row[-2]))]


def _total_cells(title: str, run: Run) -> list[str]:
    rate = pass_rate(run.rows)
    return [title, f"{rate.passed}/{rate.n}", f"{percent(rate.rate)} ± {percent(rate.se)}"]


def _changes_table(comparison: RunComparison) -> gr.Dataframe:
    groups = {"失った": comparison.worse, "得た": comparison.better, "文が変わった": comparison.reworded}
    rows = []
    for label, changes in groups.items():
        rows += [_change_cells(label, change) for change in changes]
    counts = "、".join(f"{label} {len(changes)}問" for label, changes in groups.items())
    return gr.Dataframe(table_value(CHANGES, rows), visible=True, label=counts)


def _change_cells(label: str, pair: RowPair) -> list[str]:
    case = pair[1].case
    name = pair[1].set
    return [label, " → ".join(case.turns), SETS.get(name, name), str(case.priority), case.id, name]
