"""Runs on disk."""

from pathlib import Path

import pytest

from eval.errors import RunFolderError
from eval.scoring.run_record import RunRow, load_run, save_run
from eval.scoring.score import failed_score
from tests.eval.examples import make_case, make_row, make_run


def test_a_run_is_loaded_as_it_was_saved(tmp_path: Path) -> None:
    refused = RunRow(make_case(id="b", as_of="2024-06-01"), None, failed_score("HTTP 422"), "own")
    run = make_run(make_row("a", passed=True), refused)
    save_run(tmp_path / "new" / "run", run)
    assert load_run(tmp_path / "new" / "run") == run


def test_the_error_for_a_folder_without_a_run_names_it(tmp_path: Path) -> None:
    with pytest.raises(RunFolderError, match=rf"{tmp_path.name}.*--out"):
        load_run(tmp_path)


def test_the_error_for_a_damaged_run_names_its_folder(tmp_path: Path) -> None:
    save_run(tmp_path, make_run(make_row("a", passed=True)))
    rows = tmp_path / "rows.jsonl"
    rows.write_text(rows.read_text("utf-8")[:-20], "utf-8")
    with pytest.raises(RunFolderError, match="読めません"):
        load_run(tmp_path)


def test_the_error_for_an_unwritable_folder_names_it(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(RunFolderError, match=r"別のフォルダーに.*--out"):
        save_run(tmp_path / "file" / "run", make_run())
