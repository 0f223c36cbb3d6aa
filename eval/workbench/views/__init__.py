"""The views of the workbench by the names that stand in their addresses; a new one is a file and a line here."""

from collections.abc import Mapping

from bot.pages.views import View
from eval.workbench.bench import Bench
from eval.workbench.views.asking import ASKING
from eval.workbench.views.blind import BLIND
from eval.workbench.views.case import CASE
from eval.workbench.views.cases import CASES
from eval.workbench.views.comparison import COMPARISON
from eval.workbench.views.editing import EDITING
from eval.workbench.views.models import MODELS
from eval.workbench.views.runs import RUNS
from eval.workbench.views.scoring import SCORING
from eval.workbench.views.verdicts import VERDICTS

VIEWS: Mapping[str, View[Bench]] = {
    "runs": RUNS,
    "cases": CASES,
    "case": CASE,
    "edit": EDITING,
    "ask": ASKING,
    "compare": COMPARISON,
    "models": MODELS,
    "scoring": SCORING,
    "blind": BLIND,
    "verdicts": VERDICTS,
}
