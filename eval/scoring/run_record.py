"""Rows and runs of the regression cases, and their JSON form."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError

from eval.dataset.case import Case
from eval.scoring.score import AnswerFinding
from eval.storage.run_folder import read_folder, unreadable_run_error, write_folder


class CaseKey(NamedTuple):
    """A case within a run: ids are unique, but one case may be asked in several sets."""

    set: str
    case_id: str


@dataclass(frozen=True, slots=True)
class RunRow:
    """One case of a set with its answer (JSON of the API; None if the question was refused) and findings.

    `observations` are JSON recorded with the answer: times, retrieved passages, model calls.
    """

    case: Case
    answer: dict[str, Any] | None
    findings: tuple[AnswerFinding, ...]
    set: str
    observations: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> CaseKey:
        """Set and id of the case."""
        return CaseKey(self.set, self.case.id)

    @property
    def passed(self) -> bool:
        """Whether every check passed."""
        return all(finding.passed for finding in self.findings)

    @property
    def reasons(self) -> tuple[str, ...]:
        """The reasons of the failed checks."""
        return tuple(finding.reason for finding in self.findings if not finding.passed)


@dataclass(frozen=True, slots=True)
class Run:
    """A saved run."""

    config: dict[str, Any]
    rows: tuple[RunRow, ...]
    figures: dict[str, Any]


def save_run(folder: Path, run: Run) -> None:
    """Write `run` to `folder`, which is created if missing; raises RunFolderError."""
    write_folder(folder, run.config, map(row_json, run.rows), run.figures)


def load_run(folder: Path) -> Run:
    """Return the run in `folder`; raises RunFolderError if it cannot be read."""
    config, rows, figures = read_folder(folder)
    try:
        return Run(config, tuple(map(row_from_json, rows)), figures)
    except (KeyError, TypeError, AttributeError, ValidationError) as error:
        raise unreadable_run_error(folder, error) from error


def row_json(row: RunRow) -> dict[str, Any]:
    """Return a row as JSON."""
    return {
        "set": row.set,
        "case": row.case.model_dump(mode="json"),
        "passed": row.passed,
        "findings": [asdict(finding) for finding in row.findings],
        "answer": row.answer,
        **({"beside": dict(row.observations)} if row.observations else {}),
    }


def row_from_json(saved: dict[str, Any]) -> RunRow:
    """Return a stored row; one of a judged set passes if its first metric is 1. Raises what `load_run` catches."""
    if "metrics" in saved:
        fields = {"id": saved["id"], "kind": "query", "turns": [saved["text"]], "behave": "abstain"}
        passed = next(iter(saved["metrics"].values()), 0) == 1
        found = AnswerFinding("status", passed, "")
        return RunRow(Case.model_validate(fields), None, (found,), "query", {"metrics": saved["metrics"]})
    findings = tuple(AnswerFinding(**finding) for finding in saved["findings"])
    case = Case.model_validate(saved["case"])
    return RunRow(case, saved["answer"], findings, saved["set"], saved.get("beside", {}))
