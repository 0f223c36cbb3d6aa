"""The runs: those that are saved, the one under way, and the form that starts one."""

import os

from bot.sign_in import Person
from eval.errors import CaseFileError
from eval.regression.options import RunOptions
from eval.regression.sets import own_sets
from eval.workbench.bench import Bench
from eval.workbench.fields import Address, Fields
from eval.workbench.render import drawn
from eval.workbench.view import Done, Shown, View

# Each job is a process with an index of its own, some 300 MB.
MOST_JOBS = 8


def _show(bench: Bench, _at: Address, _by: str) -> Shown:
    state = bench.under_way.state
    going = state.name if state and bench.under_way.goes_on else ""
    html = drawn(
        "runs.html",
        runs=bench.runs.all(),
        cut_off=[name for name in bench.runs.cut_off() if name != going],
        state=state,
        going=bool(going),
        sets=own_sets(settings=bench.settings),
        jobs=range(1, min(MOST_JOBS, os.cpu_count() or 1) + 1),
    )
    return Shown(html)


def _start(bench: Bench, form: Fields, _at: Address, by: Person) -> Done:
    sets = tuple(form.all("set"))
    if not sets:
        raise CaseFileError("質問集を1つ以上選んでください。")
    standing = form.one("subject") == "standing"
    jobs = min(max(form.number("jobs", 1), 1), MOST_JOBS)
    options = RunOptions(sets=sets, data=bench.settings.data if standing else None, jobs=jobs)
    name = bench.under_way.start(options, by.name)
    return Done(f"評価「{name}」を始めました。この画面を閉じても続きます。")


def _cancel(bench: Bench, _form: Fields, _at: Address, _by: Person) -> Done:
    bench.under_way.cancel()
    return Done("いま尋ねている問いが終わりしだい止めます。")


def _resume(bench: Bench, form: Fields, _at: Address, by: Person) -> Done:
    name = bench.under_way.resume(bench.runs.path(form.one("run")), by.name)
    return Done(f"評価「{name}」の続きを始めました。")


RUNS = View(_show, {"start": _start, "cancel": _cancel, "resume": _resume})
