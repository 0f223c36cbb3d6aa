import json
from pathlib import Path

import pytest
from openpyxl import load_workbook

from eval.dataset.case import load_cases
from tests.eval.eval_command import evaluate_here


def test_an_exported_table_that_was_edited_becomes_cases_of_the_office(tmp_path: Path) -> None:
    table = tmp_path / "cases.xlsx"
    assert evaluate_here("cases", "export", table, "--set", "minato", "--json", folder=tmp_path).returncode == 0
    book = load_workbook(table)
    sheet = book.worksheets[0]
    sheet.delete_rows(4, sheet.max_row)
    sheet["A2"], sheet["A3"] = "own-1", "own-2"
    book.save(table)
    done = evaluate_here("cases", "import", table, "--json", folder=tmp_path)
    assert json.loads(done.stdout)["added"] == 2
    assert [case.id for case in load_cases([tmp_path / "var" / "cases" / "workbench.jsonl"])] == ["own-1", "own-2"]
    sheet["C3"] = ""
    book.save(table)
    done = evaluate_here("cases", "import", table, folder=tmp_path)
    assert done.returncode == 1
    assert "3行目: " in done.stdout


@pytest.mark.parametrize("content", [None, b"PK", b"\x93\xfa"])
def test_a_file_that_is_no_table_is_bad_input(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "cases.xlsx").write_bytes(content)
    assert evaluate_here("cases", "import", tmp_path / "cases.xlsx", folder=tmp_path).returncode == 2
