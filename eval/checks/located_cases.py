"""Reads case files with the location of each case, and reports invalid lines."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from eval.dataset.case import Case, read_case
from eval.errors import SetFileError
from eval.storage.numbered_lines import read_numbered_lines


@dataclass(frozen=True, slots=True)
class CaseProblem:
    """A problem of a case file.

    Attributes:
        location: "file:line".
        id: the case; "" if it cannot be read.
        check: the name of the check.
        text: what is wrong and how to mend it, in Japanese.
    """

    location: str
    id: str
    check: str
    text: str


@dataclass(frozen=True, slots=True)
class LocatedCase:
    """A case with its location "file:line"."""

    location: str
    case: Case

    def problem(self, check: str, text: str) -> CaseProblem:
        """Return a problem of this case."""
        return CaseProblem(self.location, self.case.id, check, text)


def read_located_cases(files: Iterable[Path]) -> tuple[list[LocatedCase], list[CaseProblem]]:
    """Return the cases of `files`, and a problem for each invalid line.

    Raises SetFileError if a file cannot be read or there are no cases.
    """
    located: list[LocatedCase] = []
    problems: list[CaseProblem] = []
    for location, line in (numbered for file in files for numbered in read_numbered_lines(file)):
        try:
            located.append(LocatedCase(location, read_case(line, location)))
        except SetFileError as error:
            problems.append(CaseProblem(location, "", "form", str(error).removeprefix(f"{location}: ")))
    if not located and not problems:
        raise SetFileError("評価の問いが1つもありません。--cases に問いのファイル(*.jsonl)を指定してください。")
    return located, problems
