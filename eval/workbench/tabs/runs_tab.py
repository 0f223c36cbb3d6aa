"""Tab of the runs: saved ones, the one under way, and the form that starts one."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import gradio as gr
from gradio.components import Component

from bot.auth import SignedInPerson
from bot.http.form_fields import Fields
from bot.rendering.html.date_format import format_time
from eval.dataset.sets import SETS, project_sets
from eval.errors import SetFileError
from eval.runs.run_plan import RunOptions
from eval.workbench.bench import Bench
from eval.workbench.frame import Frame, Tab, html_area, percent, render, run_choices, table, table_value
from eval.workbench.saved_runs import LONGEST_NAME, LONGEST_NOTE, RunSummary
from ingest.configuration.settings import Settings

# Each job is a process with an index of its own, some 300 MB.
MAX_JOBS = 8
# The choice of the index in service instead of the documents of each set.
_CURRENT_INDEX = "standing"
HEADERS = ("評価", "日時", "質問集", "合格", "率 ± 標準誤差", "対象", "モデル", "覚え書き", "フォルダー")


class _StatusView(NamedTuple):
    """The components about the run under way, or their new values."""

    status: Any
    timer: Any
    cancel_button: Any


class _RunView(NamedTuple):
    """The components about the chosen run, or their new values."""

    links: Any
    name: Any
    note: Any


class _RunsView(NamedTuple):
    """The components of the tab that events change, or their new values."""

    status: Any
    timer: Any
    cancel_button: Any
    saved_runs: Any
    run: Any
    links: Any
    name: Any
    note: Any
    interrupted: Any
    resume_button: Any
    sets: Any


@dataclass(frozen=True, slots=True)
class _StartForm:
    """The components of the form that starts a run."""

    name: gr.Textbox
    note: gr.Textbox
    sets: gr.CheckboxGroup
    subject: gr.Radio
    model: gr.Dropdown
    jobs: gr.Dropdown
    start_button: gr.Button

    @property
    def inputs(self) -> list[Component]:
        """The components in the order of the parameters of `_Runs.start`."""
        return [self.sets, self.subject, self.model, self.jobs, self.name, self.note]


def runs_tab(frame: Frame) -> Tab:
    """Build the tab."""
    status = html_area()
    timer = gr.Timer(1, active=False)
    cancel_button = gr.Button("止める", visible=False, size="sm")
    form = _start_form(frame.bench.settings)
    saved_runs = table("保存した評価", HEADERS, elem_id="saved-runs")
    run = gr.Dropdown([], label="選んだ評価")
    links = html_area()
    with gr.Accordion("名前と覚え書き", open=False):
        with gr.Row():
            # Labels are unique on the page: the form above has the same two without a space.
            name = gr.Textbox(label="呼び名 ", max_length=LONGEST_NAME)
            note = gr.Textbox(label="覚え書き ", max_length=LONGEST_NOTE)
        describe_button = gr.Button("保存する", size="sm")
    interrupted = gr.Dropdown([], label="途中で止まった評価", visible=False)
    resume_button = gr.Button("続きから", visible=False, size="sm")
    run_view = _RunView(links, name, note)
    status_view = _StatusView(status, timer, cancel_button)
    outputs = _RunsView(*status_view, saved_runs, run, *run_view, interrupted, resume_button, form.sets)

    runs = _Runs(frame.bench)
    frame.on([timer.tick], runs.refresh, [run], outputs, done=None)
    started = "評価を始めました。この画面を閉じても続きます。"
    frame.on([form.start_button.click], runs.start, [run, *form.inputs], outputs, started)
    frame.on([cancel_button.click], runs.cancel, [], status_view, "止めました。")
    frame.on([resume_button.click], runs.resume, [interrupted, run], outputs, "評価の続きを始めました。")
    frame.on([run.input], runs.choose, [run], run_view)
    frame.on([describe_button.click], runs.describe, [run, name, note], outputs, "保存しました。")
    frame.on_row(saved_runs, runs.choose_row, [], [run, *run_view])
    return Tab("runs", {"run": run}, outputs, runs.open)


def _start_form(settings: Settings) -> _StartForm:
    with gr.Accordion("評価を始める", open=False, elem_id="start"):
        with gr.Row():
            name = gr.Textbox(label="呼び名", max_length=LONGEST_NAME, placeholder="例: 新しい計画を加えた後")
            note = gr.Textbox(label="覚え書き", max_length=LONGEST_NOTE)
        choices = _set_choices(settings)
        sets = gr.CheckboxGroup(choices, value=[value for _, value in choices[:1]], label="質問集", elem_id="sets")
        with gr.Row():
            subjects = [("質問集ごとの文書（評価用に索引を作る）", "own"), ("いま使っている索引", _CURRENT_INDEX)]
            subject = gr.Radio(subjects, value="own", label="尋ねる相手")
            models = [("設定のまま", ""), *((llm.model, llm.model) for llm in settings.llm), ("使わない", "none")]
            model = gr.Dropdown(models, value="", label="言語モデル", visible=bool(settings.llm))
            job_counts = list(range(1, min(MAX_JOBS, os.cpu_count() or 1) + 1))
            jobs = gr.Dropdown(job_counts, value=1, label="同時に尋ねる数")
        start_button = gr.Button("始める", variant="primary", size="sm")
    return _StartForm(
        name=name, note=note, sets=sets, subject=subject, model=model, jobs=jobs, start_button=start_button
    )


class _Runs:
    """Answers the events of the tab; each method returns the new values of components."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench

    def open(self, _person: SignedInPerson, fields: Fields) -> _RunsView:
        runs = self._bench.runs.all()
        is_running = self._bench.running.is_running
        interrupted = self._bench.runs.interrupted()
        names = [summary.name for summary in runs]
        chosen = fields.one("run") if fields.one("run") in names else next(iter(names), None)
        return _RunsView(
            *self._show_status(),
            saved_runs=table_value(HEADERS, map(_cells, runs)),
            run=gr.Dropdown(run_choices(runs), value=chosen),
            **_describe_run(runs, chosen)._asdict(),
            interrupted=gr.Dropdown(interrupted, value=next(iter(interrupted), None), visible=bool(interrupted)),
            resume_button=gr.Button(visible=bool(interrupted), interactive=not is_running),
            sets=gr.CheckboxGroup(_set_choices(self._bench.settings)),
        )

    def refresh(self, person: SignedInPerson, chosen: str | None) -> Sequence[Any]:
        if self._bench.running.is_running:
            status = self._show_status()
            return [*status, *[gr.skip()] * (len(_RunsView._fields) - len(status))]
        return self.open(person, Fields([("run", chosen or "")]))

    def start(
        self,
        person: SignedInPerson,
        chosen: str | None,
        sets: list[str],
        subject: str,
        model: str,
        *options: Any,
    ) -> Sequence[Any]:
        jobs, name, note = options
        if not sets:
            raise SetFileError("質問集を1つ以上選んでください。")
        run_options = RunOptions(
            sets=tuple(sets),
            data=self._bench.settings.data if subject == _CURRENT_INDEX else None,
            llm=model or None,
            jobs=min(max(int(jobs), 1), MAX_JOBS),
            called=name,
            note=note,
        )
        self._bench.running.start(run_options)
        return self.refresh(person, chosen)

    def cancel(self, _person: SignedInPerson) -> _StatusView:
        self._bench.running.cancel()
        return self._show_status()

    def resume(self, person: SignedInPerson, name: str | None, chosen: str | None) -> Sequence[Any]:
        self._bench.running.resume(self._bench.runs.path(name or ""))
        return self.refresh(person, chosen)

    def choose(self, _person: SignedInPerson, name: str | None) -> _RunView:
        return _describe_run(self._bench.runs.all(), name)

    def choose_row(self, row: list[str]) -> list[Any]:
        return [row[-1], *_describe_run(self._bench.runs.all(), row[-1])]

    def describe(self, person: SignedInPerson, run: str | None, name: str, note: str) -> _RunsView:
        self._bench.runs.describe(run or "", name, note)
        return self.open(person, Fields([("run", run)]))

    def _show_status(self) -> _StatusView:
        is_running = self._bench.running.is_running
        html = render("status.html", run=self._bench.running)
        return _StatusView(html, gr.Timer(active=is_running), gr.Button(visible=is_running))


def _describe_run(runs: Sequence[RunSummary], name: str | None) -> _RunView:
    names = [summary.name for summary in runs]
    if name not in names:
        return _RunView("", "", "")
    run, *earlier = runs[names.index(name) :]
    links = render("run.html", run=run, earlier=next(iter(earlier), None))
    return _RunView(links, run.called, run.note)


def _cells(run: RunSummary) -> list[str]:
    sets = "、".join(SETS.get(name, name) for name in run.sets)
    rate = f"{percent(run.rate)} ± {percent(run.se)}"
    date = format_time(run.date) if run.date else ""
    return [run.title, date, sets, f"{run.passed}/{run.n}", rate, run.subject, run.model, run.note, run.name]


def _set_choices(settings: Settings) -> list[tuple[str, str]]:
    missing = "。文書がこの環境にありません"
    return [
        (f"{case_set.description}（{case_set.name}{'' if case_set.is_available else missing}）", case_set.name)
        for case_set in project_sets(settings=settings)
    ]
