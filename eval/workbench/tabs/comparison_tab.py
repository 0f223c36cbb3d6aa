"""Tab that compares two runs: the cases gained and lost, and whether the later run may be released."""

from typing import Any

import gradio as gr

from bot.auth import SignedInPerson
from bot.http.form_fields import Fields
from eval.dataset.sets import SETS
from eval.runs.release_gate import GATE, find_shortfalls, gate_against_run, load_gate
from eval.runs.run_comparison import CaseChange, compare_runs
from eval.runs.run_figures import pass_rate
from eval.scoring.judgements import CaseKey
from eval.workbench.frame import Frame, Tab, html_area, run_choices, table, table_value
from eval.workbench.html import percent, render
from eval.workbench.tabs.models_tab import render_answers

TOTALS = ("評価", "合格", "率 ± 標準誤差")
CHANGES = ("変化", "問い", "質問集", "優先度", "id", "質問集の名前")


def comparison_tab(frame: Frame) -> Tab:
    """Build the tab."""
    bench = frame.bench
    with gr.Row():
        run_before, run_after = (gr.Dropdown([], label=label) for label in ("前の評価", "後の評価"))
    compare = gr.Button("比べる", variant="primary", size="sm")
    totals = table("2つの評価", TOTALS, visible=False)
    gate = html_area(elem_id="release")
    changes = table("変わった問い", CHANGES, visible=False, elem_id="changes")
    answers = html_area(elem_id="changed")
    outputs = [run_before, run_after, totals, gate, changes, answers]

    def open_tab(_person: SignedInPerson, fields: Fields) -> list[Any]:
        runs = bench.runs.all()
        names = (fields.one("one"), fields.one("two"))
        latest = [run.name for run in runs[1::-1]] if runs[1:] else [None, None]
        chosen = [
            gr.Dropdown(run_choices(runs), value=name or default) for name, default in zip(names, latest, strict=True)
        ]
        if not all(names):
            return [*chosen, gr.Dataframe(visible=False), "", gr.Dataframe(visible=False), ""]
        comparison = compare_runs(*(bench.runs.load(name) for name in names))
        # What the gate asks of a set that neither run asked counts for nothing here.
        reasons = find_shortfalls(
            comparison.after, gate_against_run(load_gate(GATE), comparison.before, comparison.after)
        )
        titles = {run.name: run.title for run in runs}
        rows = []
        for when, name, run in zip(("前", "後"), names, (comparison.before, comparison.after), strict=True):
            rate = pass_rate(run.rows)
            share = f"{percent(rate.rate)} ± {percent(rate.se)}"
            rows.append([f"{when} {titles.get(name, name)}", f"{rate.passed}/{rate.n}", share])
        groups = (("失った", comparison.worse), ("得た", comparison.better), ("文が変わった", comparison.reworded))
        return [
            *chosen,
            gr.Dataframe(table_value(TOTALS, rows), visible=True),
            render("gate.html", one=names[0], two=names[1], reasons=reasons, comparison=comparison),
            gr.Dataframe(
                table_value(CHANGES, [_cells(label, change) for label, group in groups for change in group]),
                visible=True,
                label="、".join(f"{label} {len(group)}問" for label, group in groups),
            ),
            "",
        ]

    def choose(row: list[str], *names: str) -> list[Any]:
        return [render_answers(bench, names, CaseKey(row[-1], row[-2]))]

    tab = Tab("comparison", {"one": run_before, "two": run_after}, outputs, open_tab)
    frame.reopen_on([compare.click], tab)
    frame.on_row(changes, choose, [run_before, run_after], [answers])
    return tab


def _cells(label: str, change: CaseChange) -> list[str]:
    case = change.after.case
    name = change.after.set
    return [label, " → ".join(case.turns), SETS.get(name, name), str(case.priority), case.id, name]
