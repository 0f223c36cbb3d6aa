"""Tab of the cases: as written now or as a run answered them, as files to download, and edited ones to upload."""

from collections.abc import Iterator, Sequence

import gradio as gr

from bot.running.auth.person import SignedInPerson
from bot.running.http.form_fields import Fields
from eval.dataset.case_labels import KIND_LABELS
from eval.dataset.sets import OFFICE, SETS, project_sets
from eval.errors import SetFileError
from eval.scoring.run_record import RunRow
from eval.workbench.bench import Bench
from eval.workbench.case_upload import CaseUpload, read_upload, save_upload
from eval.workbench.frame import (
    ALL,
    Changes,
    Frame,
    Tab,
    html_area,
    label_choices,
    render,
    tab_link,
    table,
    table_value,
)
from ingest.configuration.audit import record_event
from ingest.japanese import nfkc

RESULTS = {"failed": "不合格", "passed": "合格"}
MAX_BYTES = 10_000_000
_FILTERS = {"run": "評価", "set": "質問集", "kind": "種類", "result": "結果"}
_COLUMN_WIDTHS_PX = {"結果": 80, "問い": 420, "種類": 90, "質問集": 150, "理由": 220, "id": 150, "質問集の名前": 120}
_COLUMNS = tuple(_COLUMN_WIDTHS_PX)
"""The columns of the list; the last two are the key of a case."""
_PREVIEW = ("変化", "id", "問い", "行", "直すところ")


def load_entries(bench: Bench, run: str) -> Sequence[RunRow]:
    """Return the rows of a run, or if `run` is "" the cases of all sets, without findings. Raises EvalError."""
    if run:
        return bench.runs.load(run).rows
    sets = [one for one in project_sets(settings=bench.settings) if one.in_our_format and one.files]
    return [RunRow(case, None, (), one.name) for one in sets for case in one.read_cases()]


def matches(row: RunRow, filters: Fields) -> bool:
    """Whether a case satisfies the filters of an address; `q` are words of the case or its answer."""
    case = row.case
    values = {"set": row.set, "kind": case.kind, "result": _result(row)}
    text = "\n".join([case.id, *case.turns, *case.tags, case.note, row.answer["answer"] if row.answer else ""])
    return all(filters.one(name) in ("", value) for name, value in values.items()) and all(
        word in nfkc(text).lower() for word in nfkc(filters.one("q")).lower().split()
    )


def _result(row: RunRow) -> str:
    return "" if not row.findings else "passed" if row.passed else "failed"


class CasesTab(Tab):
    """The tab."""

    name = "cases"

    def __init__(self, frame: Frame) -> None:
        self._bench = frame.bench
        self._address = frame.address
        with gr.Row(equal_height=True):
            self.filters = {name: gr.Dropdown([ALL], label=label, value="") for name, label in _FILTERS.items()}
            self.words = gr.Textbox(label="言葉", placeholder="質問、回答、id の中の言葉")
        filter_button = gr.Button("絞り込む", variant="primary", size="sm")
        self.files = html_area(elem_id="files")
        with gr.Accordion("直した表を戻す", open=False, elem_id="upload"):
            gr.Markdown(
                "Excel か JSONL で書き出し、直してから戻します。同じ id の問いは置き換わり、新しい id なら加わります。"
                "保存するまで、何も変わりません。"
            )
            file = gr.UploadButton("ファイルを選ぶ", file_types=[".xlsx", ".jsonl"], type="binary", size="sm")
            self.removes = gr.Checkbox(label="この役所の問いのうち、表にないものを消す")
            self.preview = table("保存すると変わるもの", _PREVIEW, visible=False, elem_id="preview")
            self.save = gr.Button("この内容で保存する", visible=False, variant="primary", size="sm")
        self.upload = gr.State()
        widths = list(_COLUMN_WIDTHS_PX.values())
        self.cases = table("問いの一覧", _COLUMNS, column_widths=widths, elem_id="cases")
        self.case_id = gr.Textbox(visible="hidden", label="開いている問い")
        self.case = html_area(elem_id="case")
        self.fields = {**self.filters, "q": self.words, "case": self.case_id}
        of_case = [self.case_id, self.case]
        self.outputs = [*self.filters.values(), self.words, self.files, self.cases, *of_case]
        frame.reopen_on([filter_button.click, self.words.submit], self, *self.filters, "q")
        frame.on_row(self.cases, self._choose_row, [self.filters["run"]], [*of_case, frame.address])
        of_upload = [self.upload, self.preview, self.save]
        frame.on([file.upload], self._preview_file, [file, self.removes], of_upload)
        frame.on(
            [self.removes.input],
            lambda person, upload, removes: self._preview_file(person, upload and upload.content, removes),
            [self.upload, self.removes],
            of_upload,
        )
        frame.on([self.save.click], self._save, [self.upload], [*of_upload, *self.outputs], "保存しました。")

    def open(self, _person: SignedInPerson, fields: Fields) -> Changes:
        """Show the cases that satisfy the filters, and one of them."""
        run = fields.one("run")
        entries = load_entries(self._bench, run)
        matching = [row for row in entries if matches(row, fields)]
        found = f"{len(entries)}問のうち{len(matching)}問"
        closed = {self.case_id: "", self.case: ""}
        filters = tab_link("cases", **{name: fields.one(name) for name in (*_FILTERS, "q")})
        return {
            **self._filter_dropdowns(entries, fields),
            self.words: fields.one("q"),
            self.files: render("files.html", found=found, any=bool(matching), filters=filters),
            self.cases: table_value(_COLUMNS, map(_cells, matching)),
            **(self._show_case(run, fields.one("set"), fields.one("case")) if fields.one("case") else closed),
        }

    def _filter_dropdowns(self, entries: Sequence[RunRow], fields: Fields) -> Changes:
        choices = {
            "run": [("いまの問い", ""), *self._bench.runs.choices()],
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

    def _choose_row(self, _person: SignedInPerson, row: list[str], run: str) -> Changes:
        address = render("address.html", address=tab_link("cases", run=run, set=row[-1], case=row[-2]))
        return {**self._show_case(run, row[-1], row[-2]), self._address: address}

    def _show_case(self, run: str, name: str, case_id: str) -> Changes:
        entries = load_entries(self._bench, run)
        row = next((one for one in entries if one.case.id == case_id and name in ("", one.set)), None)
        if row is None:
            raise SetFileError(f"質問集「{name}」に問い「{case_id}」はありません。一覧から選び直してください。")
        answers = [("評価のときの回答", row, self._bench.sources(row))] if row.findings else []
        html = render("answer.html", turns=row.case.turns, answers=answers, judged=True, case=row.case)
        return {self.case_id: case_id, self.case: html}

    def _preview_file(self, _person: SignedInPerson, content: bytes | None, removes: bool) -> Changes:  # noqa: FBT001
        if not content:
            return {}
        upload = read_upload(content, self._bench.settings, removes=removes)
        counts = {"加わる": upload.added, "変わる": upload.changed, "消える": upload.removed, "誤り": upload.errors}
        label = "、".join(f"{what} {len(of)}" for what, of in counts.items())
        preview = table_value(_PREVIEW, _preview_cells(upload))
        return {
            self.upload: upload,
            self.preview: gr.Dataframe(preview, label=f"保存すると変わるもの（{label}）", visible=True),
            self.save: gr.Button(visible=upload.can_be_saved),
        }

    def _save(self, person: SignedInPerson, upload: CaseUpload) -> Changes:
        save_upload(upload, self._bench.settings)
        ids = "、".join([*upload.added, *upload.changed, *upload.removed])
        record_event(self._bench.settings, person.name, "case", (), f"問いの表を保存しました（{ids}）")
        hidden = {self.upload: None, self.preview: gr.Dataframe(visible=False), self.save: gr.Button(visible=False)}
        return {**self.open(person, Fields([("set", OFFICE)])), **hidden}


def _cells(row: RunRow) -> list[str]:
    case, result = row.case, RESULTS.get(_result(row), "")
    kind, called = KIND_LABELS.get(case.kind, case.kind), SETS.get(row.set, row.set)
    return [result, " → ".join(case.turns), kind, called, next(iter(row.reasons), ""), case.id, row.set]


def _preview_cells(upload: CaseUpload) -> Iterator[tuple[str, ...]]:
    """Yield what changes, rows with problems first; rows that stay as they are have no line."""
    for row in sorted(upload.rows, key=lambda row: row.number not in upload.errors):
        case_id, turns = (row.case.id, " → ".join(row.case.turns)) if row.case else ("", "")
        change = "加わる" if case_id in upload.added else "変わる" if case_id in upload.changed else ""
        error, advice = upload.errors.get(row.number, ""), upload.advice.get(row.number, "")
        if error or change:
            yield "誤り" if error else change, case_id, turns, str(row.number), error or advice
    yield from (("消える", case_id, "", "", "") for case_id in upload.removed)
