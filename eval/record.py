"""A run on disk: config.json, rows.jsonl, figures.json."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from eval.data import Case
from eval.errors import RunFolderError
from eval.score import Finding, Score


@dataclass(frozen=True, slots=True)
class Row:
    """One case with what was answered (the API's JSON; None where the question was refused) and its score."""

    case: Case
    answer: dict[str, Any] | None
    score: Score


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
    lines = [json.dumps(_row_json(row), ensure_ascii=False) for row in run.rows]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "config.json").write_text(_pretty(run.config), "utf-8")
        (folder / "rows.jsonl").write_text("".join(f"{line}\n" for line in lines), "utf-8")
        (folder / "figures.json").write_text(_pretty(run.figures), "utf-8")
    except OSError as error:
        raise RunFolderError(
            f"{folder}: 書き込めません({error})。--out に別のフォルダーを指定してください。"
        ) from error


def load_run(folder: Path) -> Run:
    """Return the run saved in `folder`; raises RunFolderError where it holds none that can be read."""
    try:
        rows = [_row(json.loads(line)) for line in (folder / "rows.jsonl").read_text("utf-8").splitlines()]
        config = json.loads((folder / "config.json").read_text("utf-8"))
        return Run(config, tuple(rows), json.loads((folder / "figures.json").read_text("utf-8")))
    except (OSError, UnicodeDecodeError, ValueError, KeyError, TypeError, ValidationError) as error:
        raise RunFolderError(
            f"{folder}: 保存された評価として読めません({error})。python -m eval run の --out を指定してください。"
        ) from error


def _row_json(row: Row) -> dict[str, Any]:
    return {
        "case": row.case.model_dump(mode="json"),
        "passed": row.score.passed,
        "findings": [asdict(finding) for finding in row.score.findings],
        "answer": row.answer,
    }


def _row(saved: dict[str, Any]) -> Row:
    findings = tuple(Finding(**finding) for finding in saved["findings"])
    return Row(Case.model_validate(saved["case"]), saved["answer"], Score(findings))


def _pretty(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"
