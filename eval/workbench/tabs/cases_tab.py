"""Tab of the cases: as written now or as a run answered them, with the details of one case and its form."""

from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import gradio as gr

from bot.auth import SignedInPerson
from bot.http.form_fields import Fields
from eval.dataset.case_labels import BEHAVIOUR_LABELS, FIELD_LABELS, KIND_DESCRIPTIONS, KIND_LABELS
from eval.dataset.sets import SETS, project_sets
from eval.errors import SetFileError
from eval.scoring.judgements import CaseKey
from eval.scoring.run_record import run_transport
from eval.workbench.bench import Bench, FreshAnswer, load_answer_details
from eval.workbench.case_list import RESULTS, CaseEntry, load_entries, propose_case
from eval.workbench.cases import case_from_form, form_values, survives_form
from eval.workbench.frame import (
    ALL,
    Frame,
    Tab,
    address_html,
    fields_of,
    html_area,
    label_choices,
    render,
    run_choices,
    table,
    table_value,
)
from eval.workbench.verdicts import current_verdicts
from ingest.configuration.audit import record_event
from ingest.japanese.word_differences import diff_words

CHOICES = {
    "behave": BEHAVIOUR_LABELS,
    "audience": {"citizen": "市民", "staff": "職員"},
    "style": {"standard": "ふつう", "easy": "やさしい日本語"},
    "priority": {"1": "1 決して落とさない", "2": "2 ふつう", "3": "3 急がない"},
    "provenance": {"written": "書いた質問", "from-staff": "職員から", "from-feedback": "利用者の声から"},
}


class CaseEditor:
    """The form; `open` returns the values of its `outputs` for an address."""

    def __init__(self, frame: Frame) -> None:
        self._bench = frame.bench
        initial = form_values({})
        with gr.Accordion("新しい問いを書く", open=False, elem_id="editor") as form:
            with gr.Row(equal_height=True):
                case_id = gr.Textbox(label="id", placeholder="例: gomi-bunbetsu-1")
                kinds = [(f"{description}（{name}）", name) for name, description in KIND_DESCRIPTIONS.items()]
                kind = gr.Dropdown(kinds, label="種類", value=None, allow_custom_value=True)
            turns = gr.Textbox(label="発言（1行に1つ。最後の発言への回答を採点します）", lines=3)
            with gr.Row(equal_height=True):
                chosen = {
                    name: gr.Dropdown(label_choices(labels, labels), label=FIELD_LABELS[name], value=initial[name])
                    for name, labels in CHOICES.items()
                }
                as_of = gr.Textbox(label="いつの時点か（空なら今日）", placeholder="例: 2026-04-01")
            how = "必要な言葉（1行に1群。どれか1つあればよい言い方は | で区切る）"
            must = gr.Textbox(label=how, lines=3, placeholder="例: 10,000件 | 1万件")
            must_not = gr.Textbox(label="あってはならない言葉（1行に1つ）", lines=2)
            cite = gr.Textbox(label="出典（1行に1つ。文書ID#節）", lines=3)
            tags = gr.Textbox(label="タグ（「、」で区切る）")
            note = gr.Textbox(label="覚え書き", lines=2)
            anyway = gr.Checkbox(label="問題があっても保存する")
            with gr.Row():
                save = gr.Button("保存する", variant="primary", size="sm")
                check = gr.Button("確かめるだけ", size="sm")
            based_on = gr.State("")
        fields = {"id": case_id, "kind": kind, "turns": turns, **chosen, "as_of": as_of}
        fields |= {"must": must, "must_not": must_not, "cite": cite, "tags": tags, "note": note}
        self._names = [*fields, "anyway", "based_on"]
        self.outputs = [form, *fields.values(), based_on]
        inputs = [*fields.values(), anyway, based_on]
        saved = f"{self._bench.cases.folder.name} に保存しました。"
        frame.on([save.click], self._save, inputs, [case_id, based_on], saved)
        frame.on([check.click], self._check, inputs, [], "問題は見つかりませんでした。保存できます。")

    def open(self, fields: Fields) -> list[Any]:
        """Return the form filled in, if an address asks for it by `edit`. Raises EvalError, BotError."""
        if not fields.one("edit"):
            return [gr.skip()] * len(self.outputs)
        title, values, version = self._load_case(fields.one("id")) if fields.one("id") else self._propose_case(fields)
        return [
            gr.Accordion(title, open=True),
            gr.Textbox(values.pop("id"), interactive=not version),
            *(values[name] for name in self._names[1:-2]),
            version,
        ]

    def _propose_case(self, fields: Fields) -> tuple[str, dict[str, str], str]:
        return "新しい問いを書く", form_values(propose_case(self._bench, fields)), ""

    def _load_case(self, case_id: str) -> tuple[str, dict[str, str], str]:
        stored = self._bench.cases.find(case_id)
        if stored is None:
            raise SetFileError(f"問い「{case_id}」はありません。一覧から選び直してください。")
        if not survives_form(stored.case):
            raise SetFileError(
                f"問い「{case_id}」には、この画面の欄に収まらない書き方（発言の中の改行や「|」など）があります。"
                f"管理者に、ファイル {stored.file.name} で直すよう伝えてください。"
            )
        values = form_values(stored.case.model_dump(mode="json"))
        if self._bench.cases.writes(case_id):
            return "問いを直す", values, stored.version
        title = f"問いを写して書く（「{case_id}」は製品に付いてくる問いです。写しに新しい id を付けてください）"
        return title, values | {"id": ""}, ""

    def _check(self, _person: SignedInPerson, *values: Any) -> list[Any]:
        form = fields_of(dict(zip(self._names, values, strict=True)))
        problems = self._bench.cases.problems(case_from_form(form), form.one("based_on"))
        if problems:
            raise SetFileError("\n".join(problems))
        return []

    def _save(self, person: SignedInPerson, *values: Any) -> list[Any]:
        form = fields_of(dict(zip(self._names, values, strict=True)))
        case = case_from_form(form)
        based_on = form.one("based_on")
        problems = self._bench.cases.problems(case, based_on)
        if problems and not form.one("anyway"):
            more = "それでも保存するときは「問題があっても保存する」に印を付けてください。"
            raise SetFileError("\n".join([*problems, more]))
        file = self._bench.cases.save(case, based_on)
        done = "直しました" if based_on else "加えました"
        record_event(self._bench.settings, person.name, "case", (), f"問い「{case.id}」を{done}（{file.name}）")
        stored = self._bench.cases.find(case.id)
        return [gr.Textbox(case.id, interactive=False), stored.version if stored else ""]


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
