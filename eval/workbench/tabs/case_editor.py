"""Form in which a case is written or changed: from nothing, from another case, or from an answer."""

from typing import Any

import gradio as gr

from bot.auth import Person
from bot.http.form_fields import Fields
from eval.dataset.labels import BEHAVIOURS, KINDS, NAMES
from eval.errors import CaseFileError
from eval.workbench.case_files import Written
from eval.workbench.case_form import case_from_form, form_values, survives_form
from eval.workbench.case_proposal import propose_case
from eval.workbench.frame import Frame, fields_of
from ingest.configuration.audit import record_event

CHOICES = {
    "behave": BEHAVIOURS,
    "audience": {"citizen": "市民", "staff": "職員"},
    "style": {"standard": "ふつう", "easy": "やさしい日本語"},
    "priority": {"1": "1 決して落とさない", "2": "2 ふつう", "3": "3 急がない"},
    "provenance": {"written": "書いた質問", "from-staff": "職員から", "from-feedback": "利用者の声から"},
}


class CaseEditor:
    """The form; `open` returns the values of `outputs` for an address."""

    def __init__(self, frame: Frame) -> None:
        self._bench = frame.bench
        with gr.Accordion("問いを書く", open=False, elem_id="editor") as self._frame:
            with gr.Row():
                case_id = gr.Textbox(label="id", placeholder="例: gomi-bunbetsu-1")
                kinds = [(f"{called}（{name}）", name) for name, called in KINDS.items()]
                kind = gr.Dropdown(kinds, label="種類", value=None, allow_custom_value=True)
            turns = gr.Textbox(label="発言（1行に1つ。最後の発言への回答を採点します）", lines=3)
            with gr.Row():
                chosen = {
                    name: gr.Dropdown([(called, value) for value, called in values.items()], label=NAMES[name])
                    for name, values in CHOICES.items()
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
        self._fields: dict[str, Any] = {
            "id": case_id,
            "kind": kind,
            "turns": turns,
            **chosen,
            "as_of": as_of,
            "must": must,
            "must_not": must_not,
            "cite": cite,
            "tags": tags,
            "note": note,
        }
        self.outputs = [self._frame, *self._fields.values(), based_on]
        inputs = {**self._fields, "anyway": anyway, "based_on": based_on}
        self._inputs = inputs
        where = f"{self._bench.cases.folder.name} に保存しました。"
        frame.on([save.click], self._save, list(inputs.values()), [case_id, based_on], where)
        found_nothing = "問題は見つかりませんでした。保存できます。"
        frame.on([check.click], self._check, list(inputs.values()), [], found_nothing)

    def open(self, at: Fields) -> list[Any]:
        """Return the form filled in, where an address asks for it by `edit`. Raises EvalError, BotError."""
        if not at.one("edit"):
            return [gr.skip()] * len(self.outputs)
        written, known = self._known_case(at)
        changes = written is not None and self._bench.cases.writes(written.case.id)
        if written and not changes:
            known |= {"id": ""}  # one of the product's own: a copy of it is written
        values = form_values(known)
        filled: list[Any] = [values[name] for name in self._fields]
        filled[0] = gr.Textbox(value=values["id"], interactive=not changes)
        label = "問いを直す" if changes else "問いを写して書く" if written else "新しい問いを書く"
        return [gr.Accordion(label, open=True), *filled, written.version if written and changes else ""]

    def _known_case(self, at: Fields) -> tuple[Written | None, dict[str, Any]]:
        """Return the case to change, if there is one, and what the form begins with."""
        case_id = at.one("id")
        if not case_id:
            return None, propose_case(self._bench, at)
        written = self._bench.cases.find(case_id)
        if written is None:
            raise CaseFileError(f"問い「{case_id}」はありません。一覧から選び直してください。")
        if not survives_form(written.case):
            raise CaseFileError(
                f"問い「{case_id}」には、この画面の欄に収まらない書き方（発言の中の改行や「|」など）があります。"
                f"管理者に、ファイル {written.file.name} で直すよう伝えてください。"
            )
        return written, written.case.model_dump(mode="json")

    def _check(self, _person: Person, *values: Any) -> list[Any]:
        form = fields_of(self._inputs, values)
        problems = self._bench.cases.problems(case_from_form(form), form.one("based_on"))
        if problems:
            raise CaseFileError("\n".join(problems))
        return []

    def _save(self, person: Person, *values: Any) -> list[Any]:
        form = fields_of(self._inputs, values)
        case, based_on = case_from_form(form), form.one("based_on")
        problems = self._bench.cases.problems(case, based_on)
        if problems and not form.one("anyway"):
            more = "それでも保存するときは「問題があっても保存する」に印を付けてください。"
            raise CaseFileError("\n".join([*problems, more]))
        file = self._bench.cases.save(case, based_on)
        done = "直しました" if based_on else "加えました"
        record_event(self._bench.settings, person.name, "case", (), f"問い「{case.id}」を{done}（{file.name}）")
        written = self._bench.cases.find(case.id)
        return [gr.Textbox(value=case.id, interactive=False), written.version if written else ""]
