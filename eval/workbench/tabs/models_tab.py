"""Tab that shows several runs side by side, for example with different language models."""

from collections.abc import Mapping, Sequence
from typing import Any

import gradio as gr

from bot.auth import SignedInPerson
from bot.http.form_fields import Fields
from eval.dataset.case_labels import KIND_LABELS
from eval.report.model_table import LINES
from eval.runs.language_models import summarise_models
from eval.runs.run_figures import pass_rate
from eval.scoring.judgements import CaseKey
from eval.scoring.run_record import Run, RunRow
from eval.workbench.bench import Bench
from eval.workbench.case_list import RESULTS
from eval.workbench.frame import Frame, Tab, html_area, run_choices, table, table_value
from eval.workbench.html import percent, render

# More columns cannot be read on a desktop.
MOST = 4
Rows = Mapping[CaseKey, Sequence[RunRow | None]]


def models_tab(frame: Frame) -> Tab:
    """Build the tab."""
    bench = frame.bench
    lead = "同じ問いに答えた評価を並べます。言語モデルを変えた評価は、「実行」でモデルを選ぶと作れます。"
    gr.Markdown(lead)
    runs = gr.CheckboxGroup([], label=f"評価（2〜{MOST}つ）")
    every = gr.Checkbox(label="結果が同じ問いも見る")
    show = gr.Button("並べる", variant="primary", size="sm")
    figures = table("評価ごとの結果", ["項目"], visible=False, line_breaks=True)
    kinds = table("種類ごとの合格", ["種類"], visible=False)
    cases = table("結果の分かれた問い", ["問い"], visible=False, elem_id="divided")
    answers = html_area(elem_id="side-by-side")
    outputs = [runs, every, figures, kinds, cases, answers]

    def open_tab(_person: SignedInPerson, fields: Fields) -> list[Any]:
        saved = bench.runs.all()
        chosen = [run for run in saved if run.name in fields.all("run")][:MOST]
        names = [run.name for run in chosen]
        offered = gr.CheckboxGroup(run_choices(saved), value=names)
        if not chosen[1:]:
            hidden = [gr.Dataframe(visible=False), gr.Dataframe(visible=False), gr.Dataframe(visible=False)]
            return [offered, bool(fields.one("all")), *hidden, "" if saved else "まだ評価がありません。"]
        loaded = {name: bench.runs.load(name) for name in names}
        titles = [run.title for run in chosen]
        summaries = summarise_models(loaded)
        rows = _rows_by_case(loaded)
        listed = {key: answers for key, answers in rows.items() if fields.one("all") or _differ(answers)}
        headers = ["問い", *titles, "id", "質問集の名前"]
        return [
            offered,
            bool(fields.one("all")),
            gr.Dataframe(
                table_value(["項目", *titles], [[name, *map(line, summaries)] for name, line in LINES.items()]),
                visible=True,
            ),
            gr.Dataframe(table_value(["種類", *titles], _rates_by_kind(list(loaded.values()))), visible=True),
            gr.Dataframe(
                table_value(headers, [_cells(key, answers) for key, answers in listed.items()]),
                label=f"{'問い' if fields.one('all') else '結果の分かれた問い'}（{len(listed)}問）",
                visible=True,
            ),
            "",
        ]

    def choose(row: list[str], names: list[str]) -> list[Any]:
        return [render_answers(bench, names[:MOST], CaseKey(row[-1], row[-2]))]

    tab = Tab("models", {"run": runs, "all": every}, outputs, open_tab)
    frame.reopen_on([show.click], tab)
    frame.on_row(cases, choose, [runs], [answers])
    return tab


def render_answers(bench: Bench, names: Sequence[str], key: CaseKey) -> str:
    """Return the answers of several runs to one case, as HTML."""
    titles = {run.name: run.title for run in bench.runs.all()}
    rows = _rows_by_case({name: bench.runs.load(name) for name in names})[key]
    case = next(row.case for row in rows if row)
    shown = [(name, titles.get(name, name), row) for name, row in zip(names, rows, strict=True)]
    return render("answers.html", case=case, rows=shown)


def _rows_by_case(runs: Mapping[str, Run]) -> Rows:
    by_run = [{CaseKey(row.set, row.case.id): row for row in run.rows} for run in runs.values()]
    keys = dict.fromkeys(key for rows in by_run for key in rows)
    return {key: [rows.get(key) for rows in by_run] for key in keys}


def _differ(rows: Sequence[RunRow | None]) -> bool:
    return len({row.score.passed for row in rows if row}) > 1


def _cells(key: CaseKey, rows: Sequence[RunRow | None]) -> list[str]:
    case = next(row.case for row in rows if row)
    results = ["—" if row is None else RESULTS["passed" if row.score.passed else "failed"] for row in rows]
    return [" → ".join(case.turns), *results, key.case_id, key.set]


def _rates_by_kind(runs: Sequence[Run]) -> list[list[str]]:
    kinds = dict.fromkeys(row.case.kind for run in runs for row in run.rows)
    rates = {kind: [pass_rate([row for row in run.rows if row.case.kind == kind]) for run in runs] for kind in kinds}
    return [
        [
            KIND_LABELS.get(kind, kind),
            *(f"{rate.passed}/{rate.n}（{percent(rate.rate)}）" if rate.n else "—" for rate in by_run),
        ]
        for kind, by_run in rates.items()
    ]
