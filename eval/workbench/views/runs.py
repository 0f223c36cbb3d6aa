"""The runs: those that are saved, the one under way, and the form that starts one."""

import os

from bot.auth import Person
from bot.http.form_fields import Fields
from bot.pages.views import ActionResult, Address, DrawnView, View
from eval.dataset.sets import project_sets
from eval.errors import CaseFileError
from eval.runs.options import RunOptions
from eval.workbench.bench import Bench
from eval.workbench.render import render_view
from eval.workbench.saved_runs import LONGEST_NAME, LONGEST_NOTE

# Each job is a process with an index of its own, some 300 MB.
MOST_JOBS = 8


def _show(bench: Bench, at: Address, _by: Person) -> DrawnView:
    state = bench.under_way.state
    going = state.name if state and bench.under_way.goes_on else ""
    html = render_view(
        "runs.html",
        runs=bench.runs.all(),
        cut_off=[name for name in bench.runs.cut_off() if name != going],
        state=state,
        going=bool(going),
        sets=project_sets(settings=bench.settings),
        models=[(model.model, model.model) for model in bench.settings.llm],
        naming=at.one("name"),
        jobs=range(1, min(MOST_JOBS, os.cpu_count() or 1) + 1),
    )
    return DrawnView(html)


def _start(bench: Bench, form: Fields, _at: Address, by: Person) -> ActionResult:
    sets = tuple(form.all("set"))
    if not sets:
        raise CaseFileError("質問集を1つ以上選んでください。")
    standing = form.one("subject") == "standing"
    jobs = min(max(form.number("jobs", 1), 1), MOST_JOBS)
    options = RunOptions(
        sets=sets,
        data=bench.settings.data if standing else None,
        llm=form.one("llm") or None,
        jobs=jobs,
        called=form.one("called")[:LONGEST_NAME],
        note=form.one("note")[:LONGEST_NOTE],
    )
    name = bench.under_way.start(options, by.name)
    return ActionResult(f"評価「{name}」を始めました。この画面を閉じても続きます。")


def _cancel(bench: Bench, _form: Fields, _at: Address, _by: Person) -> ActionResult:
    bench.under_way.cancel()
    return ActionResult("いま尋ねている問いが終わりしだい止めます。")


def _resume(bench: Bench, form: Fields, _at: Address, by: Person) -> ActionResult:
    name = bench.under_way.resume(bench.runs.path(form.one("run")), by.name)
    return ActionResult(f"評価「{name}」の続きを始めました。")


def _describe(bench: Bench, form: Fields, _at: Address, _by: Person) -> ActionResult:
    bench.runs.describe(form.one("run"), form.one("called"), form.one("note"))
    return ActionResult("保存しました。", "runs")


RUNS = View(_show, {"describe": _describe, "start": _start, "cancel": _cancel, "resume": _resume})
