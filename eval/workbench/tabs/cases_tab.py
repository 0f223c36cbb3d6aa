"""Tab of the cases, as written now or as a run answered them, with the details of one case."""

from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

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
from eval.workbench.unrecorded_asker import FreshAnswer
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


class _CaseView(NamedTuple):
    """The components about the chosen case, or their new values."""

    case_id: Any
    case_set: Any
    ask_button: Any
    details: Any


def cases_tab(frame: Frame) -> Tab:
    """Build the tab."""
    editor = CaseEditor(frame)
    with gr.Row(equal_height=True):
        filters = {name: gr.Dropdown([ALL], label=label, value="") for name, label in FILTERS.items()}
        words = gr.Textbox(label="言葉", placeholder="質問、回答、id の中の言葉")
    filter_button = gr.Button("絞り込む", variant="primary", size="sm")
    count = html_area()
    case_list = table("問いの一覧", COLUMNS, column_widths=list(_COLUMN_WIDTHS_PX.values()), elem_id="cases")
    case_id = gr.Textbox(visible="hidden", label="開いている問い")
    case_set = gr.State("")
    ask_button = gr.Button("いま尋ねる", visible=False, size="sm")
    case_view = _CaseView(case_id, case_set, ask_button, html_area(elem_id="case"))
    outputs = [*filters.values(), words, count, case_list, *case_view, *editor.outputs]

    cases = _Cases(frame.bench, editor)
    filter_fields = {**filters, "q": words}
    frame.reopen_on([filter_button.click, words.submit], Tab("cases", filter_fields, outputs, cases.open))
    frame.on_row(case_list, cases.choose_row, [filters["run"]], [*case_view, frame.address])
    frame.on([ask_button.click], cases.ask_again, [filters["run"], case_set, case_id], case_view)
    return Tab("cases", {**filter_fields, "case": case_id}, outputs, cases.open)


class _Cases:
    """Answers the events of the tab; each method returns the new values of components."""

    def __init__(self, bench: Bench, editor: CaseEditor) -> None:
        self._bench = bench
        self._editor = editor

    def open(self, _person: SignedInPerson, fields: Fields) -> list[Any]:
        run = fields.one("run")
        entries = load_entries(self._bench, run)
        matching = [entry for entry in entries if entry.matches(fields)]
        case_view = _CaseView("", "", gr.Button(visible=False), "")
        if fields.one("case"):
            case_view = self._show_case(run, CaseKey(fields.one("set"), fields.one("case")))
        return [
            *self._filter_dropdowns(entries, fields),
            fields.one("q"),
            f"{len(entries)}問のうち{len(matching)}問" if matching else NOTHING_FOUND,
            table_value(COLUMNS, map(_cells, matching)),
            *case_view,
            *self._editor.open(fields),
        ]

    def choose_row(self, row: list[str], run: str) -> list[Any]:
        key = CaseKey(row[-1], row[-2])
        return [*self._show_case(run, key), address_html("cases", run=run, set=key.set, case=key.case_id)]

    def ask_again(self, _person: SignedInPerson, run: str, set_name: str, case_id: str) -> _CaseView:
        return self._show_case(run, CaseKey(set_name, case_id), is_asked_again=True)

    def _filter_dropdowns(self, entries: Sequence[CaseEntry], fields: Fields) -> list[gr.Dropdown]:
        tags = chain.from_iterable(entry.case.tags for entry in entries)
        choices = {
            "run": [("いまの問い", ""), *run_choices(self._bench.runs.all())],
            "set": [ALL, *label_choices((entry.set for entry in entries), SETS)],
            "kind": [ALL, *label_choices((entry.case.kind for entry in entries), KIND_LABELS)],
            "tag": [ALL, *label_choices(tags, {})],
            "priority": [ALL, *label_choices(CHOICES["priority"], CHOICES["priority"])],
            "result": [ALL, *label_choices(RESULTS, RESULTS)],
        }
        dropdowns = []
        for name, offered in choices.items():
            is_offered = fields.one(name) in dict(offered).values()
            dropdowns.append(gr.Dropdown(offered, value=fields.one(name) if is_offered else ""))
        return dropdowns

    def _show_case(self, run: str, key: CaseKey, *, is_asked_again: bool = False) -> _CaseView:
        entry = self._find_entry(run, key)
        fresh = None
        if is_asked_again:
            fresh = self._bench.asker.ask(entry.case, _find_corpora(self._bench, run, entry.set))
        html = self._render_case(entry, run, fresh)
        return _CaseView(entry.case.id, entry.set, gr.Button(visible=True), html)

    def _find_entry(self, run: str, key: CaseKey) -> CaseEntry:
        for entry in load_entries(self._bench, run):
            if entry.key == key or (not key.set and entry.case.id == key.case_id):
                return entry
        raise SetFileError(f"質問集「{key.set}」に問い「{key.case_id}」はありません。一覧から選び直してください。")

    def _render_case(self, entry: CaseEntry, run: str, fresh: FreshAnswer | None) -> str:
        bench = self._bench
        row = entry.row
        saved = row.answer if row else None
        answer = saved or (fresh.answer if fresh else None)
        answered = row or fresh
        details = None
        if answer and answered:
            details = load_answer_details(bench.service, answer, answered.observations, entry.case.as_of)
        differences = None
        if saved and fresh and fresh.answer:
            differences = diff_words(saved["answer"], fresh.answer["answer"])
        verdicts = current_verdicts(bench.verdicts.scored(run)) if run else ()
        return render(
            "case.html",
            entry=entry,
            run=run,
            answer=saved,
            again=fresh,
            both=differences,
            transport=run_transport(bench.runs.load(run)) if run else None,
            details=details,
            scored=[verdict for verdict in verdicts if verdict.key == entry.key],
            writable=bench.cases.writes(entry.case.id),
        )


def _find_corpora(bench: Bench, run: str, name: str) -> tuple[Path, ...]:
    """Return the folders of the documents of a set, as the run or else the set names them.

    Return none for the index in service: the set names no documents, or they are not on this machine.
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
