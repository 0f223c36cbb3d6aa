"""Tab of the cases: as written now or as a run answered them, with the details of one case and its form."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import gradio as gr

from bot.auth import SignedInPerson
from bot.errors import UnknownAnswerError
from bot.http.form_fields import Fields
from bot.state import Answer
from bot.state.citation_marks import remove_marks
from eval.dataset.case import Case
from eval.dataset.case_labels import BEHAVIOUR_LABELS, FIELD_LABELS, KIND_DESCRIPTIONS, KIND_LABELS
from eval.dataset.sets import SETS, project_sets
from eval.errors import SetFileError
from eval.scoring.run_record import CaseKey, RunRow, run_transport
from eval.scoring.score import PASSING
from eval.workbench.bench import Bench, FreshAnswer, load_answer_sources
from eval.workbench.cases import case_from_form, form_values, survives_form
from eval.workbench.frame import (
    ALL,
    Changes,
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
from ingest.japanese import dates, nfkc
from ingest.japanese.mentions.quantities import figures
from ingest.japanese.word_differences import diff_words

RESULTS = {"failed": "不合格", "passed": "合格"}


@dataclass(frozen=True, slots=True)
class CaseEntry:
    """A case of a set; `row` is its result in a run, None outside a run."""

    set: str
    case: Case
    row: RunRow | None = None

    @property
    def key(self) -> CaseKey:
        """The key of the case in a run."""
        return CaseKey(self.set, self.case.id)

    @property
    def result(self) -> str:
        """The key of `RESULTS` that applies; "" outside a run."""
        if self.row is None:
            return ""
        return "passed" if self.row.score.passed else "failed"

    def matches(self, filters: Fields) -> bool:
        """Whether the entry satisfies the filters of an address; `q` are words of the case or its answer."""
        case = self.case
        answer = self.row.answer if self.row else None
        values = {"set": self.set, "kind": case.kind, "result": self.result}
        text = "\n".join([case.id, *case.turns, *case.tags, case.note, answer["answer"] if answer else ""])
        return all(filters.one(name) in ("", value) for name, value in values.items()) and all(
            word in nfkc(text).lower() for word in nfkc(filters.one("q")).lower().split()
        )


def load_entries(bench: Bench, run: str) -> list[CaseEntry]:
    """Return the cases of a run with their results, or those of all sets if `run` is "". Raises EvalError."""
    if run:
        return [CaseEntry(row.set, row.case, row) for row in bench.runs.load(run).rows]
    return [CaseEntry(stored.set, stored.case) for stored in bench.cases.all()]


def propose_case(bench: Bench, fields: Fields) -> dict[str, Any]:
    """Return the fields of a case about the answer that an address names, as JSON; `{}` if it names none.

    The fields of the address are `conversation` and `answer` (a recorded turn), or `asked` (turns asked on the
    workbench). Raises BotError.
    """
    if conversation_id := fields.one("conversation"):
        recorded = bench.service.conversation(conversation_id)
        if not recorded:
            raise UnknownAnswerError("この会話には、まだ質問がありません。番号を確かめてください。")
        turns = [turn.question for turn in recorded]
        last_index = next(
            (index for index, turn in enumerate(recorded) if turn.answer.answer_id == fields.one("answer")),
            len(recorded) - 1,
        )
        return case_from_answer(turns[: last_index + 1], recorded[last_index].answer)
    if turns := fields.lines("asked"):
        case = Case.model_validate({"id": "asked", "kind": "asked", "turns": turns, "behave": "abstain"})
        answer = bench.asker.ask(case).answer
        return case_from_answer(turns, Answer.model_validate(answer)) if answer else {"turns": turns}
    return {}


def case_from_answer(turns: list[str], answer: Answer) -> dict[str, Any]:
    """Return the fields of a case that expects an answer; its author corrects them."""
    behave = next((name for name, statuses in PASSING.items() if answer.status in statuses), "answer")
    kind = "followup" if turns[1:] else {"answer": "fact", "abstain": "not_there", "clarify": "vague"}[behave]
    digest = sha256("\0".join(turns).encode()).hexdigest()
    case: dict[str, Any] = {"id": f"asked-{digest[:8]}", "kind": kind, "turns": turns, "behave": behave}
    if behave == "answer":
        cited = (f"{citation.doc_id}#{citation.section}" for citation in answer.citations if citation.section)
        case |= {"must": [[fact] for fact in stated_facts(answer.answer)], "cite": list(dict.fromkeys(cited))}
    return case


def stated_facts(text: str) -> list[str]:
    """Return the figures and dates that a text states, in order and each once."""
    plain = nfkc(remove_marks(text))
    days = [(mention.start, mention.end) for mention in dates(plain)]
    amounts = [
        (figure.start, figure.end)
        for figure in figures(plain)
        if not any(start < figure.end and figure.start < end for start, end in days)
    ]
    return list(dict.fromkeys(plain[start:end].strip() for start, end in sorted(days + amounts)))


CHOICES = {
    "behave": BEHAVIOUR_LABELS,
    "audience": {"citizen": "市民", "staff": "職員"},
    "style": {"standard": "ふつう", "easy": "やさしい日本語"},
    "priority": {"1": "1 決して落とさない", "2": "2 ふつう", "3": "3 急がない"},
    "provenance": {"written": "書いた質問", "from-staff": "職員から", "from-feedback": "利用者の声から"},
}


class CaseEditor:
    """The form; `open` fills it in for an address."""

    def __init__(self, frame: Frame) -> None:
        self._bench = frame.bench
        initial = form_values({})
        with gr.Accordion("新しい問いを書く", open=False, elem_id="editor") as self.form:
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
            self.based_on = gr.State("")
        self.fields = {"id": case_id, "kind": kind, "turns": turns, **chosen, "as_of": as_of}
        self.fields |= {"must": must, "must_not": must_not, "cite": cite, "tags": tags, "note": note}
        self.outputs = [self.form, *self.fields.values(), self.based_on]
        self._names = [*self.fields, "anyway", "based_on"]
        inputs = [*self.fields.values(), anyway, self.based_on]
        saved = f"{self._bench.cases.folder.name} に保存しました。"
        frame.on([save.click], self._save, inputs, [case_id, self.based_on], saved)
        frame.on([check.click], self._check, inputs, [], "問題は見つかりませんでした。保存できます。")

    def open(self, fields: Fields) -> Changes:
        """Return the form filled in, if an address asks for it by `edit`. Raises EvalError, BotError."""
        if not fields.one("edit"):
            return {}
        title, values, version = "新しい問いを書く", form_values(propose_case(self._bench, fields)), ""
        if fields.one("id"):
            title, values, version = self._load_case(fields.one("id"))
        filled = {component: values[name] for name, component in self.fields.items()}
        case_id = gr.Textbox(values["id"], interactive=not version)
        opened = {self.form: gr.Accordion(title, open=True), self.based_on: version}
        return {**filled, self.fields["id"]: case_id, **opened}

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

    def _check(self, _person: SignedInPerson, *values: Any) -> Changes:
        _, problems, _ = self._read_form(values)
        if problems:
            raise SetFileError("\n".join(problems))
        return {}

    def _save(self, person: SignedInPerson, *values: Any) -> Changes:
        case, problems, form = self._read_form(values)
        if problems and not form.one("anyway"):
            more = "それでも保存するときは「問題があっても保存する」に印を付けてください。"
            raise SetFileError("\n".join([*problems, more]))
        file = self._bench.cases.save(case, form.one("based_on"))
        done = "直しました" if form.one("based_on") else "加えました"
        record_event(self._bench.settings, person.name, "case", (), f"問い「{case.id}」を{done}（{file.name}）")
        stored = self._bench.cases.find(case.id)
        case_id = gr.Textbox(case.id, interactive=False)
        return {self.fields["id"]: case_id, self.based_on: stored.version if stored else ""}

    def _read_form(self, values: Sequence[Any]) -> tuple[Case, list[str], Fields]:
        form = fields_of(dict(zip(self._names, values, strict=True)))
        case = case_from_form(form)
        return case, self._bench.cases.problems(case, form.one("based_on")), form


_FILTERS = {"run": "評価", "set": "質問集", "kind": "種類", "result": "結果"}
_COLUMN_WIDTHS_PX = {"結果": 80, "問い": 420, "種類": 90, "質問集": 150, "理由": 220, "id": 150, "質問集の名前": 120}
_COLUMNS = tuple(_COLUMN_WIDTHS_PX)
"""The columns of the list; the last two are the key of a case."""


class CasesTab(Tab):
    """The tab."""

    name = "cases"

    def __init__(self, frame: Frame) -> None:
        self._bench = frame.bench
        self.editor = CaseEditor(frame)
        with gr.Row(equal_height=True):
            self.filters = {name: gr.Dropdown([ALL], label=label, value="") for name, label in _FILTERS.items()}
            self.words = gr.Textbox(label="言葉", placeholder="質問、回答、id の中の言葉")
        filter_button = gr.Button("絞り込む", variant="primary", size="sm")
        self.count = html_area()
        widths = list(_COLUMN_WIDTHS_PX.values())
        self.cases = table("問いの一覧", _COLUMNS, column_widths=widths, elem_id="cases")
        self.case_id = gr.Textbox(visible="hidden", label="開いている問い")
        self.case_set = gr.State("")
        self.ask_button = gr.Button("いま尋ねる", visible=False, size="sm")
        self.case = html_area(elem_id="case")
        self.fields = {**self.filters, "q": self.words, "case": self.case_id}
        of_case = [self.case_id, self.case_set, self.ask_button, self.case]
        self.outputs = [*self.filters.values(), self.words, self.count, self.cases, *of_case, *self.editor.outputs]
        frame.reopen_on([filter_button.click, self.words.submit], self, *self.filters, "q")
        frame.on_row(self.cases, self._choose_row, [self.filters["run"]], [*of_case, frame.address])
        self._address = frame.address
        inputs = [self.filters["run"], self.case_set, self.case_id]
        frame.on(
            [self.ask_button.click],
            lambda _person, run, *key: self._show_case(run, CaseKey(*key), is_asked_again=True),
            inputs,
            of_case,
        )

    def open(self, _person: SignedInPerson, fields: Fields) -> Changes:
        """Show the cases that satisfy the filters, and one of them."""
        run = fields.one("run")
        entries = load_entries(self._bench, run)
        matching = [entry for entry in entries if entry.matches(fields)]
        found = f"{len(entries)}問のうち{len(matching)}問"
        closed = {self.case_id: "", self.case_set: "", self.ask_button: gr.Button(visible=False), self.case: ""}
        key = CaseKey(fields.one("set"), fields.one("case"))
        return {
            **self._filter_dropdowns(entries, fields),
            self.words: fields.one("q"),
            self.count: found if matching else "あてはまる問いはありません。条件をゆるめてください。",
            self.cases: table_value(_COLUMNS, map(_cells, matching)),
            **(self._show_case(run, key) if key.case_id else closed),
            **self.editor.open(fields),
        }

    def _filter_dropdowns(self, entries: Sequence[CaseEntry], fields: Fields) -> Changes:
        choices = {
            "run": [("いまの問い", ""), *run_choices(self._bench.runs.all())],
            "set": [ALL, *label_choices((entry.set for entry in entries), SETS)],
            "kind": [ALL, *label_choices((entry.case.kind for entry in entries), KIND_LABELS)],
            "result": [ALL, *label_choices(RESULTS, RESULTS)],
        }
        return {
            self.filters[name]: gr.Dropdown(
                offered, value=fields.one(name) if fields.one(name) in dict(offered).values() else ""
            )
            for name, offered in choices.items()
        }

    def _choose_row(self, row: list[str], run: str) -> Changes:
        key = CaseKey(row[-1], row[-2])
        address = address_html("cases", run=run, set=key.set, case=key.case_id)
        return {**self._show_case(run, key), self._address: address}

    def _show_case(self, run: str, key: CaseKey, *, is_asked_again: bool = False) -> Changes:
        entries = load_entries(self._bench, run)
        entry = next((one for one in entries if one.case.id == key.case_id and key.set in ("", one.set)), None)
        if entry is None:
            raise SetFileError(f"質問集「{key.set}」に問い「{key.case_id}」はありません。一覧から選び直してください。")
        fresh = self._bench.asker.ask(entry.case, self._corpora(run, entry.set)) if is_asked_again else None
        return {
            self.case_id: entry.case.id,
            self.case_set: entry.set,
            self.ask_button: gr.Button(visible=True),
            self.case: self._render_case(entry, run, fresh),
        }

    def _corpora(self, run: str, name: str) -> tuple[Path, ...]:
        """Return the folders of the documents of a set, as the run or else the set names them.

        Return none for the index in service: the set names no documents, or they are not on this machine.
        """
        if run:
            sets_of_run = self._bench.runs.load(run).config.get("sets", {})
            corpora = tuple(map(Path, sets_of_run.get(name, {}).get("corpus", ())))
        else:
            sets = project_sets(settings=self._bench.settings)
            corpora = next((case_set.corpora for case_set in sets if case_set.name == name), ())
        return corpora if all(corpus.is_dir() for corpus in corpora) else ()

    def _render_case(self, entry: CaseEntry, run: str, fresh: FreshAnswer | None) -> str:
        bench = self._bench
        saved = entry.row.answer if entry.row else None
        answer = saved or (fresh.answer if fresh else None)
        answered = entry.row or fresh
        observations = answered.observations if answered else {}
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
            observations=observations,
            details=load_answer_sources(bench.service, answer, observations, entry.case.as_of) if answer else None,
            scored=[verdict for verdict in verdicts if verdict.key == entry.key],
            writable=bench.cases.writes(entry.case.id),
        )


def _cells(entry: CaseEntry) -> list[str]:
    case, row = entry.case, entry.row
    reason = row.score.reasons[0] if row and not row.score.passed else ""
    kind, called = KIND_LABELS.get(case.kind, case.kind), SETS.get(entry.set, entry.set)
    return [RESULTS.get(entry.result, ""), " → ".join(case.turns), kind, called, reason, case.id, entry.set]
