"""Rows and runs of the regression cases, and their JSON form."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError

from eval.dataset.case import Case
from eval.scoring.score import PASSING, Finding, Score
from eval.storage.run_folder import read_folder, unreadable_run_error, write_folder

Door = Literal["process", "url", "endpoint"]
"""Through what the questions of a run are asked: this process, a running Shirube, another system."""


@dataclass(frozen=True, slots=True)
class Row:
    """One case of a set with what was answered (the API's JSON; None where the question was refused) and its score.

    `beside` is what was looked at beside the answer (`eval/robustness`), JSON by the name of the look; may be empty.
    """

    case: Case
    answer: dict[str, Any] | None
    score: Score
    set: str
    beside: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Run:
    """A saved run."""

    config: dict[str, Any]
    rows: tuple[Row, ...]
    figures: dict[str, Any]


def run_door(run: Run) -> Door:
    """Return through what the questions of `run` were asked; runs saved before it was told were asked in a process."""
    door: Door = run.config.get("door", "process")
    return door


def due_answer(row: Row) -> dict[str, Any] | None:
    """Return the answer's JSON where the question has an answer and one was given; else None."""
    due = row.case.behave == "answer"
    return row.answer if due and row.answer is not None and row.answer["status"] in PASSING["answer"] else None


def save_run(folder: Path, run: Run) -> None:
    """Write `run` into `folder`, which is made where it is missing.

    Raises RunFolderError where the folder cannot be written.
    """
    write_folder(folder, run.config, map(row_json, run.rows), run.figures)


def load_run(folder: Path) -> Run:
    """Return the run saved in `folder`; raises RunFolderError where it holds none that can be read."""
    config, rows, figures = read_folder(folder)
    try:
        return Run(config, tuple(map(row_from_json, rows)), figures)
    except (KeyError, TypeError, ValidationError) as error:
        raise unreadable_run_error(folder, error) from error


def row_json(row: Row) -> dict[str, Any]:
    """Return a row as JSON."""
    return {
        "set": row.set,
        "case": row.case.model_dump(mode="json"),
        "passed": row.score.passed,
        "findings": [asdict(finding) for finding in row.score.findings],
        "answer": row.answer,
        **({"beside": dict(row.beside)} if row.beside else {}),
    }


def row_from_json(saved: dict[str, Any]) -> Row:
    """Return a row that was kept as JSON; raises KeyError, TypeError or ValidationError for a broken one."""
    findings = tuple(Finding(**finding) for finding in saved["findings"])
    # Runs saved before there were several sets are of the first.
    case, asked = Case.model_validate(saved["case"]), saved.get("set", "kanazawa")
    return Row(case, saved["answer"], Score(findings), asked, saved.get("beside", {}))
