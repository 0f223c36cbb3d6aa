"""Reads and writes the folder of a saved run: config.json, rows.jsonl, figures.json."""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from eval.errors import RunFolderError
from ingest.configuration.storage import replace_text

FORMAT = 1
"""Stored in config.json; runs of releases up to 0.29 have none and are refused."""
CONFIG = "config.json"
ROWS = "rows.jsonl"
FIGURES = "figures.json"


def write_folder(folder: Path, config: dict[str, Any], rows: Iterable[dict[str, Any]], figures: dict[str, Any]) -> None:
    """Write a run to `folder`, which is created if missing; raises RunFolderError."""
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    with convert_write_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / CONFIG).write_text(to_pretty_json({"format": FORMAT} | config), "utf-8")
        # Replaced atomically: the file already has the rows that were appended during the run.
        replace_text(folder / ROWS, "".join(f"{line}\n" for line in lines))
        (folder / FIGURES).write_text(to_pretty_json(figures), "utf-8")


@contextmanager
def convert_write_errors(folder: Path) -> Iterator[None]:
    """Turn OSError into RunFolderError, which says what to do."""
    try:
        yield
    except OSError as error:
        raise RunFolderError(
            f"{folder}: 書き込めません({error})。フォルダーの権限と空き容量を確かめるか、"
            "別のフォルダーにしてください（コマンドでは --out）。"
        ) from error


def read_folder(folder: Path) -> tuple[dict[str, Any], list[dict[str, Any]], dict[str, Any]]:
    """Return config, rows and figures of the run in `folder`; raises RunFolderError if it cannot be read."""
    if (folder / CONFIG).is_file() and not (folder / FIGURES).exists():
        raise unreadable_run_error(folder, "途中で止まっています。新しく測ってください")
    try:
        rows = [json.loads(line) for line in (folder / ROWS).read_text("utf-8").split("\n") if line]
        config, figures = (json.loads((folder / name).read_text("utf-8")) for name in (CONFIG, FIGURES))
    except (OSError, ValueError) as error:
        raise unreadable_run_error(folder, error) from error
    if not all(isinstance(value, dict) for value in (config, figures, *rows)):
        raise unreadable_run_error(folder, "JSON のオブジェクトではありません")
    if config.get("format") != FORMAT:
        raise RunFolderError(
            f"{folder}: 0.29 以前の評価か、別の版の評価なので読めません。"
            "その版の python -m eval report で書き出すか、新しく測ってください。"
        )
    return config, rows, figures


def saved_command(folder: Path) -> str:
    """Return the subcommand that wrote the run; raises RunFolderError."""
    return str(read_folder(folder)[0].get("command"))


def unreadable_run_error(folder: Path, reason: object) -> RunFolderError:
    """Return the error for a folder that has no readable run."""
    return RunFolderError(
        f"{folder}: 保存された評価として読めません({reason})。"
        "別の評価を選んでください（コマンドでは、--out で保存した先）。"
    )


def to_pretty_json(value: dict[str, Any]) -> str:
    """Return indented JSON with a final line feed."""
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"
