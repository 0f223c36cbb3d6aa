"""Two runs compared: case by case what was gained and lost, and whether the later one may be released."""

from dataclasses import dataclass

from bot.auth import Person
from bot.pages.views import Address, DrawnView, View
from eval.runs.comparison import Comparison, compare_runs
from eval.runs.figures import pass_rate
from eval.runs.gate import GATE, find_shortfalls, gate_against_run, load_gate
from eval.workbench.bench import Bench
from eval.workbench.render import render_view


@dataclass(frozen=True, slots=True)
class Held:
    """What came of holding the later run against the gate: `reasons` keep it back, none where it may be released."""

    reasons: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether nothing keeps it back."""
        return not self.reasons


def _show(bench: Bench, at: Address, _by: Person) -> DrawnView:
    runs, one, two = bench.runs.all(), at.one("one"), at.one("two")
    if not (one and two):
        return DrawnView(render_view("comparison.html", runs=runs, one=one, two=two, comparison=None))
    comparison = compare_runs(bench.runs.load(one), bench.runs.load(two))
    rates = pass_rate(comparison.before.rows), pass_rate(comparison.after.rows)
    titles = {run.name: run.title for run in runs}
    html = render_view(
        "comparison.html",
        runs=runs,
        one=one,
        two=two,
        comparison=comparison,
        totals=[("前", titles.get(one, one), rates[0]), ("後", titles.get(two, two), rates[1])],
        gate=check_gate(comparison),
    )
    return DrawnView(html)


def check_gate(comparison: Comparison) -> Held:
    """Hold the later run against the gate's file, with the earlier one as what nothing may be lost of.

    What the gate asks of a set that neither run asked counts for nothing here.
    """
    gate = gate_against_run(load_gate(GATE), comparison.before, comparison.after)
    return Held(find_shortfalls(comparison.after, gate))


COMPARISON = View(_show)
