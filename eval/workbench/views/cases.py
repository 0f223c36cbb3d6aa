"""The cases, as they are written now or as a run answered them: browsed, narrowed, searched."""

from bot.auth import Person
from bot.pages.views import Address, DrawnView, View
from eval.workbench.bench import Bench
from eval.workbench.case_list import RESULTS, Entry, EntryFilter, filter_choices, run_entries
from eval.workbench.list_page import slice_page
from eval.workbench.render import render_view

PRIORITIES = {"1": "1 決して落とさない", "2": "2 ふつう", "3": "3 急がない"}


def entries(bench: Bench, run: str) -> list[Entry]:
    """Return the cases of a run with their answers, or those of all sets where `run` is "". Raises EvalError."""
    if run:
        return run_entries(bench.runs.load(run).rows)
    return [Entry(one.set, one.case) for one in bench.cases.all()]


def _show(bench: Bench, at: Address, _by: Person) -> DrawnView:
    run = at.one("run")
    told = entries(bench, run)
    wanted = EntryFilter.of(at)
    found = [entry for entry in told if wanted.matches(entry)]
    html = render_view(
        "cases.html",
        run=run,
        runs=bench.runs.all(),
        offered=filter_choices(told),
        wanted=wanted,
        q=at.one("q"),
        results=RESULTS,
        priorities=PRIORITIES,
        part=slice_page(found, at.number("part", 1)),
        of=len(told),
        narrowed=at.without_field("part"),
    )
    return DrawnView(html)


CASES = View(_show)
