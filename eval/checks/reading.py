"""Case files as they are: what can be read of them, and each line that cannot."""

from collections.abc import Iterable
from pathlib import Path

from eval.checks.problem import Placed, Problem
from eval.dataset.case import case_lines, read_case
from eval.errors import CaseFileError


def read_placed(files: Iterable[Path]) -> tuple[list[Placed], list[Problem]]:
    """Return the cases of `files` with their places, and a problem for each line that holds none.

    Raises CaseFileError where a file cannot be read at all, or where there is no line in any.
    """
    placed: list[Placed] = []
    problems: list[Problem] = []
    for place, line in (placed_line for file in files for placed_line in case_lines(file)):
        try:
            placed.append(Placed(place, read_case(line, place)))
        except CaseFileError as error:
            problems.append(Problem(place, "", "form", str(error).removeprefix(f"{place}: ")))
    if not placed and not problems:
        raise CaseFileError("評価の問いが1つもありません。--cases に問いのファイル(*.jsonl)を指定してください。")
    return placed, problems
