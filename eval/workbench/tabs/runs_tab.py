"""Tab of the runs: saved ones, the one under way, and the form that starts one."""

import os
from collections.abc import Sequence
from typing import Any

import gradio as gr

from bot.auth import SignedInPerson
from bot.http.form_fields import Fields
from bot.rendering.html.date_format import format_time
from eval.dataset.sets import SETS, project_sets
from eval.errors import SetFileError
from eval.runs.options import RunOptions
from eval.workbench.frame import Frame, Tab, html_area, run_choices, table, table_value
from eval.workbench.html import percent, render
from eval.workbench.saved_runs import LONGEST_NAME, LONGEST_NOTE, RunSummary
from ingest.configuration.settings import Settings

# Each job is a process with an index of its own, some 300 MB.
MOST_JOBS = 8
HEADERS = ("評価", "日時", "質問集", "合格", "率 ± 標準誤差", "対象", "モデル", "覚え書き", "フォルダー")


def runs_tab(frame: Frame) -> Tab:  # noqa: C901, PLR0915 - one statement a component, one function an event
    """Build the tab."""
    bench = frame.bench
    status = html_area()
    timer = gr.Timer(1, active=False)
    cancel = gr.Button("止める", visible=False, size="sm")
    with gr.Accordion("評価を始める", open=False, elem_id="start"):
        with gr.Row():
            called = gr.Textbox(label="呼び名", max_length=LONGEST_NAME, placeholder="例: 新しい計画を加えた後")
            note = gr.Textbox(label="覚え書き", max_length=LONGEST_NOTE)
        offered = _set_choices(bench.settings)
        sets = gr.CheckboxGroup(offered, value=[name for _, name in offered[:1]], label="質問集", elem_id="sets")
        with gr.Row():
            subjects = [("質問集ごとの文書（評価用に索引を作る）", "own"), ("いま使っている索引", "standing")]
            subject = gr.Radio(subjects, value="own", label="尋ねる相手")
            models = [("設定のまま", ""), *((llm.model, llm.model) for llm in bench.settings.llm), ("使わない", "none")]
            model = gr.Dropdown(models, value="", label="言語モデル", visible=bool(bench.settings.llm))
            jobs = gr.Dropdown(list(range(1, min(MOST_JOBS, os.cpu_count() or 1) + 1)), value=1, label="同時に尋ねる数")
        start = gr.Button("始める", variant="primary", size="sm")
    saved = table("保存した評価", HEADERS, elem_id="saved-runs")
    run = gr.Dropdown([], label="選んだ評価")
    links = html_area()
    with gr.Accordion("名前と覚え書き", open=False):
        with gr.Row():
            new_name = gr.Textbox(label="呼び名 ", max_length=LONGEST_NAME)
            new_note = gr.Textbox(label="覚え書き ", max_length=LONGEST_NOTE)
        describe = gr.Button("保存する", size="sm")
    cut_off = gr.Dropdown([], label="途中で止まった評価", visible=False)
    resume = gr.Button("続きから", visible=False, size="sm")
    one_run = [links, new_name, new_note]
    outputs = [status, timer, cancel, saved, run, *one_run, cut_off, resume, sets]

    def open_tab(_person: SignedInPerson, fields: Fields) -> list[Any]:
        runs, going = bench.runs.all(), bench.supervisor.is_running
        state = bench.supervisor.state
        stopped = [name for name in bench.runs.cut_off() if not (going and state and name == state.name)]
        names = [summary.name for summary in runs]
        chosen = fields.one("run") if fields.one("run") in names else next(iter(names), None)
        return [
            *_progress(),
            table_value(HEADERS, map(_cells, runs)),
            gr.Dropdown(run_choices(runs), value=chosen),
            *_describe_run(runs, chosen),
            gr.Dropdown(stopped, value=next(iter(stopped), None), visible=bool(stopped)),
            gr.Button(visible=bool(stopped), interactive=not going),
            gr.CheckboxGroup(_set_choices(bench.settings)),
        ]

    def _progress() -> list[Any]:
        going = bench.supervisor.is_running
        html = render("status.html", state=bench.supervisor.state, going=going)
        return [html, gr.Timer(active=going), gr.Button(visible=going)]

    def tick(person: SignedInPerson, chosen: str | None) -> list[Any]:
        if bench.supervisor.is_running:
            return [*_progress(), *[gr.skip()] * (len(outputs) - 3)]
        return open_tab(person, Fields([("run", chosen or "")]))

    def begin(person: SignedInPerson, *values: Any) -> list[Any]:
        wanted, subject_now, model_now, jobs_now, called_now, note_now, chosen = values
        if not wanted:
            raise SetFileError("質問集を1つ以上選んでください。")
        options = RunOptions(
            sets=tuple(wanted),
            data=bench.settings.data if subject_now == "standing" else None,
            llm=model_now or None,
            jobs=min(max(int(jobs_now), 1), MOST_JOBS),
            called=called_now,
            note=note_now,
        )
        bench.supervisor.start(options, person.name)
        return tick(person, chosen)

    def stop(_person: SignedInPerson) -> list[Any]:
        bench.supervisor.cancel()
        return _progress()

    def go_on(person: SignedInPerson, name: str | None, chosen: str | None) -> list[Any]:
        bench.supervisor.resume(bench.runs.path(name or ""), person.name)
        return tick(person, chosen)

    def choose(name: str | None) -> list[Any]:
        return _describe_run(bench.runs.all(), name)

    def rename(person: SignedInPerson, name: str | None, called_now: str, note_now: str) -> list[Any]:
        bench.runs.describe(name or "", called_now, note_now)
        return open_tab(person, Fields([("run", name)]))

    frame.on([timer.tick], tick, [run], outputs, done=None)
    started = "評価を始めました。この画面を閉じても続きます。"
    frame.on([start.click], begin, [sets, subject, model, jobs, called, note, run], outputs, started)
    frame.on([cancel.click], stop, [], [status, timer, cancel], "いま尋ねている問いが終わりしだい止めます。")
    frame.on([resume.click], go_on, [cut_off, run], outputs, "評価の続きを始めました。")
    frame.on([run.input], lambda _person, name: choose(name), [run], one_run)
    frame.on([describe.click], rename, [run, new_name, new_note], outputs, "保存しました。")
    frame.on_row(saved, lambda row: [row[-1], *choose(row[-1])], [], [run, *one_run])
    return Tab("runs", {"run": run}, outputs, open_tab)


def _describe_run(runs: Sequence[RunSummary], name: str | None) -> list[Any]:
    """Return the links of a run, its name and its note."""
    names = [summary.name for summary in runs]
    if name not in names:
        return ["", "", ""]
    run, *earlier = runs[names.index(name) :]
    return [render("run.html", run=run, earlier=next(iter(earlier), None)), run.called, run.note]


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
