"""Run the cases one after the other."""

from collections.abc import Sequence

from eval.ask import Ask, converse
from eval.data import Case
from eval.errors import RefusedError
from eval.progress import tracked
from eval.record import Row
from eval.score import failed, score


def run_cases(name: str, cases: Sequence[Case], ask: Ask) -> tuple[Row, ...]:
    """Ask and score each case of the set called `name`; a progress bar shows on a terminal (stderr)."""
    return tuple(_row(name, case, ask) for case in tracked(cases, f"評価しています({name})"))


def _row(name: str, case: Case, ask: Ask) -> Row:
    try:
        answer = converse(ask, case)
    except RefusedError as error:
        return Row(case, None, failed(f"回答を受け取れない({error})"), name)
    return Row(case, answer, score(case, answer), name)
