"""Several runs side by side, as `python -m eval run --llm A --llm B` makes them: what each tells, answer by answer."""

from collections.abc import Mapping
from typing import NamedTuple

from bot.auth import Person
from bot.pages.views import Address, DrawnView, View
from eval.dataset.case import Case
from eval.report.model_table import LINES
from eval.runs.figures import pass_rate
from eval.runs.language_models import summarise_models
from eval.scoring.judgements import CaseKey
from eval.scoring.run_record import Row, Run
from eval.workbench.bench import Bench
from eval.workbench.list_page import slice_page
from eval.workbench.render import render_view

# What stands beside each other on a desktop and can still be read.
MOST = 4


class Together(NamedTuple):
    """A case with what each of the runs made of it, None where a run did not ask it."""

    key: CaseKey
    case: Case
    rows: list[Row | None]

    @property
    def differ(self) -> bool:
        """Whether some passed and some did not."""
        return len({row.score.passed for row in self.rows if row}) > 1


def _show(bench: Bench, at: Address, _by: Person) -> DrawnView:
    runs = bench.runs.all()
    chosen = [one for one in runs if one.name in at.all("run")][:MOST]
    asked = {"runs": runs, "chosen": chosen, "wanted": at.all("run"), "most": MOST, "every": bool(at.one("all"))}
    if len(chosen) < len(("one", "other")):
        return DrawnView(render_view("models.html", **asked))
    loaded = {one.name: bench.runs.load(one.name) for one in chosen}
    told = summarise_models(loaded)
    together = _align_cases(loaded)
    shown = together if at.one("all") else [one for one in together if one.differ]
    kinds = list(dict.fromkeys(one.case.kind for one in together))
    html = render_view(
        "models.html",
        **asked,
        lines=[(name, [line(one) for one in told]) for name, line in LINES.items()],
        kinds=[(kind, [pass_rate(_rows_of_kind(run, kind)) for run in loaded.values()]) for kind in kinds],
        part=slice_page(shown, at.number("part", 1)),
        narrowed="&".join([*(f"run={one.name}" for one in chosen), *(["all=1"] if at.one("all") else [])]),
    )
    return DrawnView(html)


def _rows_of_kind(run: Run, kind: str) -> list[Row]:
    return [row for row in run.rows if row.case.kind == kind]


def _align_cases(runs: Mapping[str, Run]) -> list[Together]:
    by_run = [{CaseKey(row.set, row.case.id): row for row in run.rows} for run in runs.values()]
    cases = {key: row.case for rows in by_run for key, row in rows.items()}
    return [Together(key, case, [rows.get(key) for rows in by_run]) for key, case in cases.items()]


MODELS = View(_show, area="compare")
