"""Registry of the extra observations that a run can make for each answer."""

from collections.abc import Callable, Iterable
from typing import Any

from eval.dataset.case import Case
from eval.robustness.repeated_questions import ask_variants, repeat_question
from eval.robustness.same_answer import Answer
from eval.systems.ask import Ask

Look = Callable[[Ask, Case, Answer], Any]

LOOKS: dict[str, Look] = {"again": repeat_question, "variants": ask_variants}
"""Name in the row -> what is looked at, as JSON; it may ask further questions."""


def run_looks(names: Iterable[str], ask: Ask, case: Case, answer: Answer) -> dict[str, Any]:
    """Return what the looks called `names` tell of the answer to a case."""
    return {name: LOOKS[name](ask, case, answer) for name in names}
