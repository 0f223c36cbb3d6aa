"""A saved run on disk, whatever was measured: config.json, rows.jsonl (one JSON object a line), figures.json."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from eval.errors import RunFolderError

Saved = tuple[dict[str, Any], list[dict[str, Any]], dict[str, Any]]
"""Config, rows and figures of a run, as JSON."""


def write_folder(folder: Path, config: dict[str, Any], rows: Iterable[dict[str, Any]], figures: dict[str, Any]) -> None:
    """Write a run into `folder`, which is made where it is missing.

    Raises RunFolderError where the folder cannot be written.
    """
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "config.json").write_text(_pretty(config), "utf-8")
        (folder / "rows.jsonl").write_text("".join(f"{line}\n" for line in lines), "utf-8")
        (folder / "figures.json").write_text(_pretty(figures), "utf-8")
    except OSError as error:
        raise RunFolderError(
            f"{folder}: 書き込めません({error})。--out に別のフォルダーを指定してください。"
        ) from error


def read_folder(folder: Path) -> Saved:
    """Return what is saved in `folder`; raises RunFolderError where it holds no run that can be read."""
    try:
        rows = [json.loads(line) for line in (folder / "rows.jsonl").read_text("utf-8").split("\n") if line]
        config, figures = (json.loads((folder / name).read_text("utf-8")) for name in ("config.json", "figures.json"))
    except (OSError, ValueError) as error:
        raise not_a_run(folder, error) from error
    if not all(isinstance(value, dict) for value in (config, figures, *rows)):
        raise not_a_run(folder, "JSON のオブジェクトではありません")
    return config, rows, figures


def command_of(folder: Path) -> str:
    """Return the subcommand that saved the run in `folder`; raises RunFolderError.

    Runs of the regression cases were saved without it at first: what names none is one of them.
    """
    return str(read_folder(folder)[0].get("command", "run"))


def not_a_run(folder: Path, reason: object) -> RunFolderError:
    """Return the error for a folder that holds no run that can be read."""
    return RunFolderError(
        f"{folder}: 保存された評価として読めません({reason})。python -m eval の --out で保存した先を指定してください。"
    )


def _pretty(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"
