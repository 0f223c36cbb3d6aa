"""Reads case files with the location of each case, and reports invalid lines."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from eval.dataset.case import Case, read_case, read_case_lines
from eval.errors import CaseFileError


@dataclass(frozen=True, slots=True)
class CaseProblem:
    """A problem of a case file: `place` is "file:line", `id` the case ("" if unreadable).

    `check` names the check; `text` says in Japanese what is wrong and how to fix it.
    """

    place: str
    id: str
    check: str
    text: str


@dataclass(frozen=True, slots=True)
class LocatedCase:
    """A case with its location "file:line"."""

    place: str
    case: Case

    def problem(self, check: str, text: str) -> CaseProblem:
        """Return a problem of this case."""
        return CaseProblem(self.place, self.case.id, check, text)


def read_located_cases(files: Iterable[Path]) -> tuple[list[LocatedCase], list[CaseProblem]]:
    """Return the cases of `files`, and a problem for each invalid line.

    Raises CaseFileError if a file cannot be read or there are no cases.
    """
    located: list[LocatedCase] = []
    problems: list[CaseProblem] = []
    for place, line in (located_line for file in files for located_line in read_case_lines(file)):
        try:
            located.append(LocatedCase(place, read_case(line, place)))
        except CaseFileError as error:
            problems.append(CaseProblem(place, "", "form", str(error).removeprefix(f"{place}: ")))
    if not located and not problems:
        raise CaseFileError("評価の問いが1つもありません。--cases に問いのファイル(*.jsonl)を指定してください。")
    return located, problems
