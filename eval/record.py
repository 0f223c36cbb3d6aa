"""A run of the regression cases, and how it is saved."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from eval.data import Case
from eval.folder import not_a_run, read_folder, write_folder
from eval.score import Finding, Score


@dataclass(frozen=True, slots=True)
class Row:
    """One case of a set with what was answered (the API's JSON; None where the question was refused) and its score."""

    case: Case
    answer: dict[str, Any] | None
    score: Score
    set: str


@dataclass(frozen=True, slots=True)
class Run:
    """A saved run."""

    config: dict[str, Any]
    rows: tuple[Row, ...]
    figures: dict[str, Any]


def save_run(folder: Path, run: Run) -> None:
    """Write `run` into `folder`, which is made where it is missing.

    Raises RunFolderError where the folder cannot be written.
    """
    write_folder(folder, run.config, map(_row_json, run.rows), run.figures)


def load_run(folder: Path) -> Run:
    """Return the run saved in `folder`; raises RunFolderError where it holds none that can be read."""
    config, rows, figures = read_folder(folder)
    try:
        return Run(config, tuple(map(_row, rows)), figures)
    except (KeyError, TypeError, ValidationError) as error:
        raise not_a_run(folder, error) from error


def _row_json(row: Row) -> dict[str, Any]:
    return {
        "set": row.set,
        "case": row.case.model_dump(mode="json"),
        "passed": row.score.passed,
        "findings": [asdict(finding) for finding in row.score.findings],
        "answer": row.answer,
    }


def _row(saved: dict[str, Any]) -> Row:
    findings = tuple(Finding(**finding) for finding in saved["findings"])
    # Runs saved before there were several sets are of the first.
    return Row(Case.model_validate(saved["case"]), saved["answer"], Score(findings), saved.get("set", "kanazawa"))
