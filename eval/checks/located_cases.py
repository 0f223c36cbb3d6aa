"""Reads case files with the place of each case, and reports the lines that are not valid."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from eval.dataset.case import Case, read_case, read_case_lines
from eval.errors import CaseFileError


@dataclass(frozen=True, slots=True)
class Problem:
    """Something to mend: `place` is "file:line", `id` that of the case ("" where it cannot be read).

    `check` names the check that found it; `text` says in Japanese what is wrong and how to mend it.
    """

    place: str
    id: str
    check: str
    text: str


@dataclass(frozen=True, slots=True)
class LocatedCase:
    """A case with its place, "file:line"."""

    place: str
    case: Case

    def problem(self, check: str, text: str) -> Problem:
        """Return something to mend in this case."""
        return Problem(self.place, self.case.id, check, text)


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
