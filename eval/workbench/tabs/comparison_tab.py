"""Tab that compares two runs: figures, cases gained and lost, the release gate and the golden answers."""

import gradio as gr

from bot.running.auth.person import SignedInPerson
from bot.running.http.form_fields import Fields
from eval.dataset.case_labels import KIND_LABELS
from eval.dataset.sets import SETS
from eval.errors import RunFolderError
from eval.runs.golden import compare_golden
from eval.runs.release_gate import GATE, find_shortfalls, gate_against_run, load_gate
from eval.runs.run_comparison import CHANGE_HEADERS, RunComparison, changed_figures, compare_runs
from eval.scoring.run_record import CaseKey, RunRow
from eval.workbench.frame import Changes, Frame, Tab, html_area, render, table, table_value

_CASES = ("変化", "問い", "種類", "質問集", "id", "質問集の名前")


class ComparisonTab(Tab):
    """The tab."""

    name = "comparison"

    def __init__(self, frame: Frame) -> None:
        self._bench = frame.bench
        with gr.Row():
            self.before = gr.Dropdown([], label="前の評価")
            self.after = gr.Dropdown([], label="後の評価")
        self.gate = html_area(elem_id="release")
        self.figures = table("両方にある問いの合格と、変わった指標", CHANGE_HEADERS, visible=False)
        self.cases = table("変わった問い", _CASES, visible=False, elem_id="changes")
        self.answers = html_area(elem_id="changed")
        self.fields = {"before": self.before, "after": self.after}
        self.outputs = [self.before, self.after, self.gate, self.figures, self.cases, self.answers]
        frame.reopen_on([self.before.input, self.after.input], self)
        frame.on_row(self.cases, self._choose_row, [self.before, self.after], [self.answers])

    def open(self, _person: SignedInPerson, fields: Fields) -> Changes:
        """Compare the runs, by default the newest two."""
        choices = self._bench.runs.choices()
        newest = [*(name for _, name in choices[:2]), "", ""]
        before, after = fields.one("before") or newest[1], fields.one("after") or newest[0]
        changes: Changes = {
            self.before: gr.Dropdown(choices, value=before or None),
            self.after: gr.Dropdown(choices, value=after or None),
            self.gate: "比べるには、評価が2つ要ります。「実行」で測ってください。",
            self.figures: gr.Dataframe(visible=False),
            self.cases: gr.Dataframe(visible=False),
            self.answers: "",
        }
        if not (before and after):
            return changes
        try:
            compared = compare_runs(self._bench.runs.load(before), self._bench.runs.load(after))
        except RunFolderError as error:  # the runs stay chosen, so that another can be
            return changes | {self.gate: str(error)}
        # The gate's demands on a set that neither run asked do not apply here.
        reasons = find_shortfalls(compared.after, gate_against_run(load_gate(GATE), compared.before, compared.after))
        golden = compare_golden(compared.after.rows)
        cases = _changed_cases(compared)
        return changes | {
            self.gate: render("gate.html", before=before, after=after, reasons=reasons, golden=golden),
            self.figures: gr.Dataframe(table_value(CHANGE_HEADERS, changed_figures(compared.pairs)), visible=True),
            self.cases: gr.Dataframe(table_value(_CASES, cases), label=f"変わった問い（{len(cases)}問）", visible=True),
        }

    def _choose_row(self, _person: SignedInPerson, row: list[str], before: str, after: str) -> Changes:
        key = CaseKey(row[-1], row[-2])
        rows = {name: self._bench.runs.rows(run).get(key) for name, run in (("前", before), ("後", after))}
        answers = [(name, of, self._bench.sources(of)) for name, of in rows.items() if of]
        case = answers[0][1].case
        html = render("answer.html", turns=case.turns, answers=answers, judged=True, case=case)
        return {self.answers: html}


def _changed_cases(compared: RunComparison) -> list[list[str]]:
    groups = {
        "失った": [row for _, row in compared.worse],
        "得た": [row for _, row in compared.better],
        "文が変わった": [row for _, row in compared.reworded],
        "後だけ": compared.added,
        "前だけ": compared.removed,
    }
    return [_cells(change, row) for change, rows in groups.items() for row in rows]


def _cells(change: str, row: RunRow) -> list[str]:
    case = row.case
    kind, called = KIND_LABELS.get(case.kind, case.kind), SETS.get(row.set, row.set)
    return [change, " → ".join(case.turns), kind, called, case.id, row.set]
