"""Tab of the cases: those written now or as a run answered them, and each of them in detail."""

from pathlib import Path
from typing import Any

import gradio as gr

from bot.auth import Person
from bot.http.form_fields import Fields
from bot.rendering.html.text_spans import diff_words
from eval.dataset.labels import SHORT
from eval.dataset.sets import SETS, project_sets
from eval.errors import CaseFileError
from eval.scoring.judgements import CaseKey
from eval.scoring.run_record import run_door
from eval.workbench.answer_details import load_answer_details
from eval.workbench.bench import Bench
from eval.workbench.case_list import RESULTS, Entry, EntryFilter, filter_choices, run_entries
from eval.workbench.frame import Frame, Tab, html_area, table, table_value
from eval.workbench.html import label_choices, render, run_choices
from eval.workbench.tabs.case_editor import CaseEditor
from eval.workbench.unrecorded_asker import FreshAnswer
from eval.workbench.verdicts import current_verdicts

PRIORITIES = {"1": "1 決して落とさない", "2": "2 ふつう", "3": "3 急がない"}
HEADERS = ("問い", "結果", "種類", "質問集", "優先度", "理由", "id", "集")
ALL = ("すべて", "")


def cases_tab(frame: Frame) -> Tab:
    """Build the tab."""
    bench = frame.bench
    with gr.Row(equal_height=True):
        run = gr.Dropdown([], label="評価")
        chosen_set, kind, tag, priority, result = (
            gr.Dropdown([], label=label) for label in ("質問集", "種類", "タグ", "優先度", "結果")
        )
        words = gr.Textbox(label="言葉", placeholder="質問、回答、id の中の言葉")
    narrow = gr.Button("絞り込む", variant="primary", size="sm")
    count = html_area()
    cases = table("問いの一覧", HEADERS, elem_id="cases")
    case_id = gr.Textbox(visible="hidden", label=" ")
    case_set = gr.State("")
    again = gr.Button("いま尋ねる", visible=False, size="sm", elem_id="again")
    detail = html_area(elem_id="case")
    editor = CaseEditor(frame)
    fields = {
        "run": run,
        "set": chosen_set,
        "kind": kind,
        "tag": tag,
        "priority": priority,
        "result": result,
        "q": words,
        "case": case_id,
    }
    filters = [run, chosen_set, kind, tag, priority, result, words]
    outputs = [*filters, count, cases, case_id, case_set, again, detail, *editor.outputs]

    def open_tab(_person: Person, at: Fields) -> list[Any]:
        entries = load_entries(bench, at.one("run"))
        wanted = EntryFilter.of(at)
        found = [entry for entry in entries if wanted.matches(entry)]
        offered = filter_choices(entries)
        choices = [
            ("run", [("いま書かれている問い（評価なし）", ""), *run_choices(bench.runs.all())]),
            ("set", [ALL, *label_choices(offered.sets, SETS)]),
            ("kind", [ALL, *label_choices(offered.kinds, SHORT)]),
            ("tag", [ALL, *label_choices(offered.tags, {})]),
            ("priority", [ALL, *label_choices(offered.priorities, PRIORITIES)]),
            ("result", [ALL, *((called, name) for name, called in RESULTS.items())]),
        ]
        shown: list[Any] = ["", "", gr.Button(visible=False), ""]
        if at.one("case"):
            shown = show_case(bench, at.one("run"), CaseKey(at.one("set"), at.one("case")), again=bool(at.one("again")))
        return [
            *(gr.Dropdown(of, value=at.one(name)) for name, of in choices),
            at.one("q"),
            f"{len(entries)}問のうち{len(found)}問",
            table_value(HEADERS, map(_cells, found)),
            *shown,
            *editor.open(at),
        ]

    def choose(_person: Person, row: list[str], run_now: str) -> list[Any]:
        return show_case(bench, run_now or "", CaseKey(row[-1], row[-2]))

    def ask_again(_person: Person, run_now: str, set_now: str, id_now: str) -> list[Any]:
        return show_case(bench, run_now or "", CaseKey(set_now, id_now), again=True)

    tab = Tab("cases", fields, outputs, open_tab)
    one_case = [case_id, case_set, again, detail]
    frame.reopen_on([narrow.click, words.submit], Tab("cases", dict(list(fields.items())[:-1]), outputs, open_tab))
    frame.on_row(cases, choose, [run], one_case)
    frame.on([again.click], ask_again, [run, case_set, case_id], one_case)
    return tab


def load_entries(bench: Bench, run: str) -> list[Entry]:
    """Return the cases of a run with their answers, or those of all sets where `run` is "". Raises EvalError."""
    if run:
        return run_entries(bench.runs.load(run).rows)
    return [Entry(one.set, one.case) for one in bench.cases.all()]


def show_case(bench: Bench, run: str, key: CaseKey, *, again: bool = False) -> list[Any]:
    """Return a case in detail, asked once more if `again`. Raises EvalError."""
    entries = load_entries(bench, run)
    entry = next((one for one in entries if one.key == key or (not key.set and one.case.id == key.case_id)), None)
    if entry is None:
        raise CaseFileError(f"質問集「{key.set}」に問い「{key.case_id}」はありません。一覧から選び直してください。")
    fresh = bench.aside.ask(entry.case, find_corpora(bench, run, entry.set)) if again else None
    saved = entry.row.answer if entry.row else None
    answer = saved or (fresh.answer if fresh else None)
    beside = entry.row.beside if entry.row else fresh.beside if fresh else {}
    html = render(
        "case.html",
        entry=entry,
        run=run,
        answer=saved,
        again=fresh,
        both=_word_difference(saved, fresh),
        door=run_door(bench.runs.load(run)) if run else None,
        details=load_answer_details(bench.service, answer, beside, entry.case.as_of) if answer else None,
        scored=[one for one in current_verdicts(bench.verdicts.scored(run)) if one.key == entry.key] if run else [],
        writable=bench.cases.writes(entry.case.id),
    )
    return [entry.case.id, entry.set, gr.Button(visible=True), html]


def find_corpora(bench: Bench, run: str, name: str) -> tuple[Path, ...]:
    """Return the folders of the documents that a set is asked over: those of the run, else its own; none in service.

    A set without documents of its own, or whose documents are not on this machine, is asked of the index in service.
    """
    if run:
        corpora = tuple(map(Path, bench.runs.load(run).config.get("sets", {}).get(name, {}).get("corpus", ())))
    else:
        corpora = next((one.corpora for one in project_sets(settings=bench.settings) if one.name == name), ())
    return corpora if all(corpus.is_dir() for corpus in corpora) else ()


def _word_difference(saved: dict[str, Any] | None, fresh: FreshAnswer | None) -> Any:
    return diff_words(saved["answer"], fresh.answer["answer"]) if saved and fresh and fresh.answer else None


def _cells(entry: Entry) -> list[str]:
    case, row = entry.case, entry.row
    result = "" if row is None else RESULTS["passed" if row.score.passed else "failed"]
    reason = row.score.reasons[0] if row and not row.score.passed else ""
    kind, name = SHORT.get(case.kind, case.kind), SETS.get(entry.set, entry.set)
    return [" → ".join(case.turns), result, kind, name, str(case.priority), reason, case.id, entry.set]
