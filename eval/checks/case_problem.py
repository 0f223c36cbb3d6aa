"""A problem found in a case file, and a case with its file and line."""

from dataclasses import dataclass

from eval.dataset.case import Case


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
