"""The cases, as they are written now or as a run answered them: browsed, narrowed, searched."""

from urllib.parse import parse_qsl, urlencode

from eval.workbench.bench import Bench
from eval.workbench.entries import RESULTS, Entry, Wanted, entries_of, offered
from eval.workbench.fields import Address
from eval.workbench.part import part_of
from eval.workbench.render import drawn
from eval.workbench.view import Shown, View

PRIORITIES = {"1": "1 決して落とさない", "2": "2 ふつう", "3": "3 急がない"}


def entries(bench: Bench, run: str) -> list[Entry]:
    """Return the cases of a run with their answers, or those of all sets where `run` is "". Raises EvalError."""
    if run:
        return entries_of(bench.runs.load(run).rows)
    return [Entry(one.set, one.case) for one in bench.cases.all()]


def _show(bench: Bench, at: Address, _by: str) -> Shown:
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
        narrowed=_narrowed(at),
    )
    return Shown(html)


def _narrowed(at: Address) -> str:
    """Return what the address asks for but the part of the list, to be carried into the next part."""
    query = at.written.partition("?")[2]
    return urlencode([(name, value) for name, value in parse_qsl(query) if name != "part"])


CASES = View(_show)
