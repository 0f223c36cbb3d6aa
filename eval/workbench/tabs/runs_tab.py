"""Tab of the runs: saved ones, the one under way, and the form that starts one."""

import os
from typing import Any

import gradio as gr

from bot.answering.rendering.date_format import format_time
from bot.running.auth.person import SignedInPerson
from bot.running.http.form_fields import Fields
from eval.dataset.sets import SETS, project_sets
from eval.errors import SetFileError
from eval.runs.run_plan import NO_MODEL
from eval.workbench.frame import Changes, Frame, Tab, html_area, percent, render, table, table_value
from eval.workbench.runs import RunSummary
from ingest.configuration.settings import Settings

# Each job is a process with an index of its own, some 300 MB.
_MAX_JOBS = 8
_LONGEST_NAME = 60
_LONGEST_NOTE = 500
_HEADERS = ("評価", "日時", "質問集", "合格", "率 ± 標準誤差", "対象", "モデル", "覚え書き", "フォルダー")


class RunsTab(Tab):
    """The tab."""

    name = "runs"

    def __init__(self, frame: Frame) -> None:
        self._bench = frame.bench
        self.timer = gr.Timer(1, active=False)
        self.cancel = gr.Button("止める", visible=False, size="sm")
        self.status = html_area()
        inputs, start = self._build_form(frame.bench.settings)
        self.saved_runs = table("保存した評価", _HEADERS, elem_id="saved-runs")
        self.run = gr.Dropdown([], label="選んだ評価")
        self.fields = {"run": self.run}
        of_run = [self.status, self.timer, self.cancel, self.run]
        self.outputs = [*of_run, self.saved_runs, self.sets]
        frame.on([self.timer.tick], self._refresh, [self.run], self.outputs, done=None)
        started = "評価を始めました。この画面を閉じても続きます。"
        frame.on([start.click], self._start, [self.run, *inputs], self.outputs, started)
        frame.on([self.cancel.click], self._cancel, [self.run], self.outputs, "止めました。")
        frame.reopen_on([self.run.input], self)
        frame.on_row(self.saved_runs, lambda _person, row: self._choose(row[-1]), [], of_run)

    def _build_form(self, settings: Settings) -> tuple[list[Any], gr.Button]:
        with gr.Accordion("評価を始める", open=False, elem_id="start"):
            with gr.Row():
                called = gr.Textbox(label="呼び名", max_length=_LONGEST_NAME, placeholder="例: 新しい計画を加えた後")
                note = gr.Textbox(label="覚え書き", max_length=_LONGEST_NOTE)
            choices = _set_choices(settings)
            self.sets = gr.CheckboxGroup(choices, value=[choices[0][1]], label="質問集", elem_id="sets")
            with gr.Row():
                subjects = [("質問集ごとの文書（評価用に索引を作る）", "own"), ("いま使っている索引", "data")]
                subject = gr.Radio(subjects, value="own", label="尋ねる相手")
                models = [("設定のまま", ""), *((llm.model, llm.model) for llm in settings.llm), ("使わない", NO_MODEL)]
                model = gr.Dropdown(models, value="", label="言語モデル", visible=bool(settings.llm))
                job_counts = list(range(1, min(_MAX_JOBS, os.cpu_count() or 1) + 1))
                jobs = gr.Dropdown(job_counts, value=1, label="同時に尋ねる数")
            # In the order of the parameters of `_start`.
            return [self.sets, subject, model, jobs, called, note], gr.Button("始める", variant="primary", size="sm")

    def open(self, _person: SignedInPerson, fields: Fields) -> Changes:
        """Show the saved runs and the one under way."""
        return {
            **self._choose(fields.one("run")),
            self.saved_runs: table_value(_HEADERS, map(_cells, self._bench.runs.all())),
            self.sets: gr.CheckboxGroup(_set_choices(self._bench.settings)),
        }

    def _choose(self, name: str | None) -> Changes:
        runs, running = self._bench.runs.all(), self._bench.running
        index = next((index for index, run in enumerate(runs) if run.name == name), 0)
        run, earlier = next(iter(runs[index:]), None), next(iter(runs[index + 1 :]), None)
        return {
            self.status: render("run.html", running=running, run=run, earlier=earlier),
            self.timer: gr.Timer(active=running.is_running),
            self.cancel: gr.Button(visible=running.is_running),
            self.run: gr.Dropdown(self._bench.runs.choices(), value=run.name if run else None),
        }

    def _refresh(self, person: SignedInPerson, chosen: str | None) -> Changes:
        if self._bench.running.is_running:
            return self._choose(chosen)
        return self.open(person, Fields([("run", chosen or "")]))

    def _start(self, person: SignedInPerson, chosen: str | None, sets: list[str], *form: Any) -> Changes:
        subject, model, jobs, called, note = form
        if not sets:
            raise SetFileError("質問集を1つ以上選んでください。")
        options = [f"--set={name}" for name in sets]
        options += [f"--data={self._bench.settings.data}"] if subject == "data" else []
        options += [f"--llm={model}"] if model else []
        options += [f"--jobs={min(max(int(jobs), 1), _MAX_JOBS)}"]
        self._bench.running.start(*options, f"--called={called[:_LONGEST_NAME]}", f"--note={note[:_LONGEST_NOTE]}")
        return self._refresh(person, chosen)

    def _cancel(self, person: SignedInPerson, chosen: str | None) -> Changes:
        self._bench.running.cancel()
        return self._refresh(person, chosen)


def _cells(run: RunSummary) -> list[str]:
    options, figures = run.config.get("options", {}), run.figures
    subjects = {"data": "使っている索引", "url": "サーバー", "corpora": "指定した文書"}
    subject = next((label for name, label in subjects.items() if options.get(name)), "質問集ごとの文書")
    return [
        run.title,
        format_time(run.date) if run.date else "",
        "、".join(SETS.get(name, name) for name in run.config.get("sets", ())),
        f"{figures['passed']}/{figures['n']}",
        percent(figures["rate"], figures["rate_se"]),
        subject,
        str(options.get("llm", "")).partition("=")[0],
        options.get("note", ""),
        run.name,
    ]


def _set_choices(settings: Settings) -> list[tuple[str, str]]:
    missing = "。文書がこの環境にありません"
    return [
        (
            f"{SETS.get(case_set.name, case_set.name)}（{case_set.name}{'' if case_set.is_available else missing}）",
            case_set.name,
        )
        for case_set in project_sets(settings=settings)
    ]
