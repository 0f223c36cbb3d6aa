"""What a run can be asked to look at beside each answer; a new look is a function and a line here."""

from collections.abc import Callable, Iterable
from typing import Any

from eval.asking.ask import Ask
from eval.beside.again import asked_again, asked_otherwise
from eval.beside.same_answer import Answer
from eval.dataset.case import Case

Look = Callable[[Ask, Case, Answer], Any]

LOOKS: dict[str, Look] = {"again": asked_again, "variants": asked_otherwise}
"""Name in the row -> what is looked at, as JSON; it may ask further questions."""


def looked_at(names: Iterable[str], ask: Ask, case: Case, answer: Answer) -> dict[str, Any]:
    """Return what the looks called `names` tell of the answer to a case."""
    return {name: LOOKS[name](ask, case, answer) for name in names}
