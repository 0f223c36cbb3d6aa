"""Reads case files and reports each line that is not a valid case."""

from collections.abc import Iterable
from pathlib import Path

from eval.checks.case_problem import LocatedCase, Problem
from eval.dataset.case import read_case, read_case_lines
from eval.errors import CaseFileError


def read_located_cases(files: Iterable[Path]) -> tuple[list[LocatedCase], list[Problem]]:
    """Return the cases of `files` with their places, and a problem for each line that holds none.

    Raises CaseFileError where a file cannot be read at all, or where there is no line in any.
    """
    placed: list[LocatedCase] = []
    problems: list[Problem] = []
    for place, line in (placed_line for file in files for placed_line in read_case_lines(file)):
        try:
            placed.append(LocatedCase(place, read_case(line, place)))
        except CaseFileError as error:
            problems.append(Problem(place, "", "form", str(error).removeprefix(f"{place}: ")))
    if not placed and not problems:
        raise CaseFileError("評価の問いが1つもありません。--cases に問いのファイル(*.jsonl)を指定してください。")
    return placed, problems
