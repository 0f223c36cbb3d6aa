"""Tab that shows several runs side by side; of two also what was gained and lost, and whether they meet the gate."""

from collections.abc import Mapping, Sequence
from itertools import chain

import gradio as gr

from bot.auth import SignedInPerson
from bot.http.form_fields import Fields
from eval.dataset.case_labels import KIND_LABELS
from eval.dataset.sets import SETS
from eval.metrics.run_metrics import METRICS, pass_rate
from eval.runs.release_gate import GATE, find_shortfalls, gate_against_run, load_gate
from eval.runs.run_comparison import compare_runs
from eval.scoring.run_record import CaseKey, Run, RunRow
from eval.workbench.frame import Changes, Frame, Tab, html_area, percent, render, run_choices, table, table_value
from eval.workbench.tabs.cases_tab import RESULTS

# More columns cannot be read on a desktop.
MAX_RUNS = 4


class ComparisonTab(Tab):
    """The tab."""

    name = "comparison"

    def __init__(self, frame: Frame) -> None:
        self._bench = frame.bench
        gr.Markdown(
            "同じ問いに答えた評価を、古い順に並べます。言語モデルを変えた評価は、「実行」でモデルを選ぶと作れます。"
        )
        self.runs = gr.CheckboxGroup([], label=f"評価（2〜{MAX_RUNS}つ）")
        self.every_case = gr.Checkbox(label="結果が同じ問いも見る")
        show = gr.Button("比べる", variant="primary", size="sm")
        self.gate = html_area(elem_id="release")
        self.figures = table("評価ごとの結果", ["項目"], visible=False)
        self.cases = table("結果の分かれた問い", ["問い"], visible=False, elem_id="changes")
        self.answers = html_area(elem_id="changed")
        self.fields = {"run": self.runs, "all": self.every_case}
        self.outputs = [self.runs, self.every_case, self.gate, self.figures, self.cases, self.answers]
        frame.reopen_on([show.click], self)
        frame.on_row(self.cases, self._choose_row, [self.runs], [self.answers])

    def open(self, _person: SignedInPerson, fields: Fields) -> Changes:
        """Compare the runs, the oldest first; without an address only offer the newest two."""
        saved = self._bench.runs.all()
        wanted = [self._bench.runs.path(name).name for name in fields.all("run")] or [run.name for run in saved[:2]]
        chosen = [run for run in reversed(saved) if run.name in wanted][:MAX_RUNS]
        names, titles = [run.name for run in chosen], [run.title for run in chosen]
        changes: Changes = {
            self.runs: gr.CheckboxGroup(run_choices(saved), value=names),
            self.every_case: bool(fields.one("all")),
            self.gate: "" if saved else "まだ評価がありません。",
            self.figures: gr.Dataframe(visible=False),
            self.cases: gr.Dataframe(visible=False),
            self.answers: "",
        }
        if not fields.all("run") or len(chosen) < 2:
            return changes
        loaded = [self._bench.runs.load(name) for name in names]
        rows = self._rows_by_case(names)
        results = {key: {row.score.passed for row in of_case if row} for key, of_case in rows.items()}
        listed = {key: of_case for key, of_case in rows.items() if fields.one("all") or len(results[key]) > 1}
        label = f"{'問い' if fields.one('all') else '結果の分かれた問い'}（{len(listed)}問）"
        headers = ["問い", *titles, "質問集", "id", "質問集の名前"]
        cells = [_cells(key, of_case) for key, of_case in listed.items()]
        return changes | {
            self.gate: _gate_html(names, *loaded) if len(loaded) == 2 else "",
            self.figures: gr.Dataframe(table_value(["項目", *titles], _figures(loaded)), visible=True),
            self.cases: gr.Dataframe(table_value(headers, cells), label=label, visible=True),
        }

    def _choose_row(self, row: list[str], wanted: list[str]) -> Changes:
        titles = {name: title for name, title in reversed(self._bench.runs.titles().items()) if name in wanted}
        rows = self._rows_by_case(list(titles))[CaseKey(row[-1], row[-2])]
        titled = [(name, title, answered) for (name, title), answered in zip(titles.items(), rows, strict=True)]
        return {self.answers: render("answers.html", case=next(filter(None, rows)).case, rows=titled)}

    def _rows_by_case(self, names: Sequence[str]) -> Mapping[CaseKey, Sequence[RunRow | None]]:
        by_run = [self._bench.runs.rows(name) for name in names]
        return {key: [rows.get(key) for rows in by_run] for key in dict.fromkeys(chain.from_iterable(by_run))}


def _cells(key: CaseKey, rows: Sequence[RunRow | None]) -> list[str]:
    turns = next(filter(None, rows)).case.turns
    results = ["—" if row is None else RESULTS["passed" if row.score.passed else "failed"] for row in rows]
    return [" → ".join(turns), *results, SETS.get(key.set, key.set), key.case_id, key.set]


def _gate_html(names: Sequence[str], before: Run, after: Run) -> str:
    # The gate's demands on a set that neither run asked do not apply here.
    reasons = find_shortfalls(after, gate_against_run(load_gate(GATE), before, after))
    return render("gate.html", names=names, reasons=reasons, comparison=compare_runs(before, after))


def _figures(runs: Sequence[Run]) -> list[list[str]]:
    kinds = dict.fromkeys(row.case.kind for run in runs for row in run.rows)
    rates = {"合格": [pass_rate(run.rows) for run in runs]}
    for kind in kinds:
        of_kind = [[row for row in run.rows if row.case.kind == kind] for run in runs]
        rates[f"合格: {KIND_LABELS.get(kind, kind)}"] = list(map(pass_rate, of_kind))
    figures = [
        [title, *(f"{rate.passed}/{rate.n}（{percent(rate.rate)} ± {percent(rate.se)}）" for rate in of_runs)]
        for title, of_runs in rates.items()
    ]
    for metric in METRICS:
        means = [metric.mean_over(run.rows) for run in runs]
        if any(mean.n for mean in means):
            figures.append([metric.title, *map(metric.format_mean, means)])
    return figures
