"""Tab of the cases, as written now or as a run answered them, with the details of one case."""

from pathlib import Path
from typing import Any

import gradio as gr

from bot.auth import SignedInPerson
from bot.http.form_fields import Fields
from bot.rendering.html.text_spans import diff_words
from eval.dataset.case_labels import KIND_LABELS
from eval.dataset.sets import SETS, project_sets
from eval.errors import SetFileError
from eval.scoring.judgements import CaseKey
from eval.scoring.run_record import run_transport
from eval.workbench.answer_details import load_answer_details
from eval.workbench.bench import Bench
from eval.workbench.case_list import RESULTS, CaseEntry, load_entries
from eval.workbench.frame import ALL, Frame, Tab, html_area, label_choices, run_choices, table, table_value
from eval.workbench.html import address_html, render
from eval.workbench.tabs.case_editor import CHOICES, CaseEditor
from eval.workbench.verdict_store import current_verdicts

FILTERS = {"run": "評価", "set": "質問集", "kind": "種類", "tag": "タグ", "priority": "優先度", "result": "結果"}
_COLUMN_WIDTHS_PX = {
    "結果": 80,
    "問い": 380,
    "種類": 90,
    "質問集": 150,
    "優先度": 80,
    "理由": 200,
    "id": 150,
    "質問集の名前": 120,
}
NOTHING_FOUND = "あてはまる問いはありません。条件をゆるめてください。"
COLUMNS = tuple(_COLUMN_WIDTHS_PX)
"""The columns of the list; the last two are the key of a case."""


def cases_tab(frame: Frame) -> Tab:
    """Build the tab."""
    bench = frame.bench
    editor = CaseEditor(frame)
    with gr.Row(equal_height=True):
        filters = {name: gr.Dropdown([ALL], label=label, value="") for name, label in FILTERS.items()}
        words = gr.Textbox(label="言葉", placeholder="質問、回答、id の中の言葉")
    apply = gr.Button("絞り込む", variant="primary", size="sm")
    count = html_area()
    cases = table("問いの一覧", COLUMNS, column_widths=list(_COLUMN_WIDTHS_PX.values()), elem_id="cases")
    case_id = gr.Textbox(visible="hidden", label="開いている問い")
    case_set = gr.State("")
    again = gr.Button("いま尋ねる", visible=False, size="sm")
    detail = html_area(elem_id="case")
    one_case = [case_id, case_set, again, detail]
    outputs = [*filters.values(), words, count, cases, *one_case, *editor.outputs]

    def open_tab(_person: SignedInPerson, fields: Fields) -> list[Any]:
        entries = load_entries(bench, fields.one("run"))
        matching = [entry for entry in entries if entry.matches(fields)]
        choices = {
            "run": [("いまの問い", ""), *run_choices(bench.runs.all())],
            "set": [ALL, *label_choices((entry.set for entry in entries), SETS)],
            "kind": [ALL, *label_choices((entry.case.kind for entry in entries), KIND_LABELS)],
            "tag": [ALL, *label_choices((tag for entry in entries for tag in entry.case.tags), {})],
            "priority": [ALL, *label_choices(CHOICES["priority"], CHOICES["priority"])],
            "result": [ALL, *label_choices(RESULTS, RESULTS)],
        }
        shown: list[Any] = ["", "", gr.Button(visible=False), ""]
        if fields.one("case"):
            shown = show_case(bench, fields.one("run"), CaseKey(fields.one("set"), fields.one("case")))
        return [
            *(
                gr.Dropdown(offered, value=fields.one(name) if fields.one(name) in dict(offered).values() else "")
                for name, offered in choices.items()
            ),
            fields.one("q"),
            f"{len(entries)}問のうち{len(matching)}問" if matching else NOTHING_FOUND,
            table_value(COLUMNS, map(_cells, matching)),
            *shown,
            *editor.open(fields),
        ]

    def choose(row: list[str], run: str) -> list[Any]:
        key = CaseKey(row[-1], row[-2])
        return [*show_case(bench, run, key), address_html("cases", run=run, set=key.set, case=key.case_id)]

    def ask_again(_person: SignedInPerson, run: str, set_name: str, name: str) -> list[Any]:
        return show_case(bench, run, CaseKey(set_name, name), again=True)

    filter_fields = {**filters, "q": words}
    frame.reopen_on([apply.click, words.submit], Tab("cases", filter_fields, outputs, open_tab))
    frame.on_row(cases, choose, [filters["run"]], [*one_case, frame.address])
    frame.on([again.click], ask_again, [filters["run"], case_set, case_id], one_case)
    return Tab("cases", {**filter_fields, "case": case_id}, outputs, open_tab)


def show_case(bench: Bench, run: str, key: CaseKey, *, again: bool = False) -> list[Any]:
    """Return the details of a case, with a new answer if `again`. Raises EvalError, BotError, IngestError."""
    entries = load_entries(bench, run)
    entry = next(
        (entry for entry in entries if entry.key == key or (not key.set and entry.case.id == key.case_id)), None
    )
    if entry is None:
        raise SetFileError(f"質問集「{key.set}」に問い「{key.case_id}」はありません。一覧から選び直してください。")
    fresh = bench.asker.ask(entry.case, _find_corpora(bench, run, entry.set)) if again else None
    saved = entry.row.answer if entry.row else None
    answer = saved or (fresh.answer if fresh else None)
    observations = entry.row.observations if entry.row else fresh.observations if fresh else {}
    html = render(
        "case.html",
        entry=entry,
        run=run,
        answer=saved,
        again=fresh,
        both=diff_words(saved["answer"], fresh.answer["answer"]) if saved and fresh and fresh.answer else None,
        transport=run_transport(bench.runs.load(run)) if run else None,
        details=load_answer_details(bench.service, answer, observations, entry.case.as_of) if answer else None,
        scored=[verdict for verdict in current_verdicts(bench.verdicts.scored(run)) if verdict.key == entry.key]
        if run
        else [],
        writable=bench.cases.writes(entry.case.id),
    )
    return [entry.case.id, entry.set, gr.Button(visible=True), html]


def _find_corpora(bench: Bench, run: str, name: str) -> tuple[Path, ...]:
    """Return the folders of the documents of a set: those of the run, else its own; none for the index in service.

    A set without documents of its own, or whose documents are not on this machine, is asked of the index in service.
    """
    if run:
        corpora = tuple(map(Path, bench.runs.load(run).config.get("sets", {}).get(name, {}).get("corpus", ())))
    else:
        corpora = next(
            (case_set.corpora for case_set in project_sets(settings=bench.settings) if case_set.name == name), ()
        )
    return corpora if all(corpus.is_dir() for corpus in corpora) else ()


def _cells(entry: CaseEntry) -> list[str]:
    case = entry.case
    row = entry.row
    reason = row.score.reasons[0] if row and not row.score.passed else ""
    kind = KIND_LABELS.get(case.kind, case.kind)
    called = SETS.get(entry.set, entry.set)
    result = RESULTS.get(entry.result, "")
    return [result, " → ".join(case.turns), kind, called, str(case.priority), reason, case.id, entry.set]
