"""Form in which a case is written or changed: a new one, a copy of another, or one made from an answer."""

from typing import Any

import gradio as gr

from bot.auth import SignedInPerson
from bot.http.form_fields import Fields
from eval.dataset.case_labels import BEHAVIOUR_LABELS, FIELD_LABELS, KIND_DESCRIPTIONS
from eval.errors import SetFileError
from eval.workbench.case_form import case_from_form, form_values, survives_form
from eval.workbench.case_proposal import propose_case
from eval.workbench.frame import Frame, fields_of, label_choices
from ingest.configuration.audit import record_event

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
