"""The cases, as they are written now or as a run answered them: browsed, narrowed, searched."""

from bot.sign_in import Person
from bot.ui.views import Address, Shown, View
from eval.workbench.bench import Bench
from eval.workbench.entries import RESULTS, Entry, Wanted, entries_of, offered
from eval.workbench.part import part_of
from eval.workbench.render import drawn

PRIORITIES = {"1": "1 決して落とさない", "2": "2 ふつう", "3": "3 急がない"}


def entries(bench: Bench, run: str) -> list[Entry]:
    """Return the cases of a run with their answers, or those of all sets where `run` is "". Raises EvalError."""
    if run:
        return entries_of(bench.runs.load(run).rows)
    return [Entry(one.set, one.case) for one in bench.cases.all()]


def _show(bench: Bench, at: Address, _by: Person) -> Shown:
    run = at.one("run")
    told = entries(bench, run)
    wanted = Wanted.of(at)
    found = [entry for entry in told if wanted.takes(entry)]
    html = drawn(
        "cases.html",
        run=run,
        runs=bench.runs.all(),
        offered=offered(told),
        wanted=wanted,
        q=at.one("q"),
        results=RESULTS,
        priorities=PRIORITIES,
        part=part_of(found, at.number("part", 1)),
        of=len(told),
        narrowed=at.narrowed("part"),
    )
    return Shown(html)


CASES = View(_show)
