"""`python -m eval golden`: answers compared with stored ones."""

import json
from pathlib import Path
from typing import Any

import pytest

from eval.__main__ import main
from eval.scoring.run_record import RunRow, save_run
from tests.eval.examples import make_row, make_run


def saved(folder: Path, *rows: RunRow) -> str:
    save_run(folder, make_run(*rows))
    return str(folder)


def golden(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any]]:
    capsys.readouterr()
    status = main(["golden", *arguments, "--json"])
    return status, json.loads(capsys.readouterr().out)


def test_only_changed_answers_are_shown_with_their_differences(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    same = make_row("same", passed=True, of="kanazawa")
    before = saved(tmp_path / "a", same, make_row("moved", passed=True, of="kanazawa", text="前の文[1]。"))
    after = saved(tmp_path / "b", same, make_row("moved", passed=True, of="kanazawa", text="後の文[1]。"))
    kept = ("--golden", str(tmp_path / "golden"))
    assert golden(capsys, before, *kept, "--accept") == (0, {"accepted": 2, "golden": str(tmp_path / "golden")})
    assert golden(capsys, before, *kept, "--strict")[0] == 0
    status, shown = golden(capsys, after, *kept, "--strict")
    assert status == 1
    assert [(one["id"], one["diff"]) for one in shown["differences"]] == [("moved", "-前の文[1]。\n+後の文[1]。")]
    assert golden(capsys, after, *kept)[0] == 0


def test_answers_about_external_documents_are_stored_as_digests(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = ("--golden", str(tmp_path / "golden"))
    before = saved(tmp_path / "a", make_row("one", passed=True, of="sources", text="市の文書の言葉[1]。"))
    after = saved(tmp_path / "b", make_row("one", passed=True, of="sources", text="ほかの言葉[1]。"))
    golden(capsys, before, *kept, "--accept")
    assert "市の文書" not in (tmp_path / "golden" / "sources.jsonl").read_text("utf-8")
    assert [one["diff"] for one in golden(capsys, after, *kept)[1]["differences"]] == [""]


def test_sets_that_were_not_run_keep_their_golden_answers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kept = ("--golden", str(tmp_path / "golden"))
    golden(capsys, saved(tmp_path / "a", make_row("one", passed=True, of="minato")), *kept, "--accept")
    other = saved(tmp_path / "b", make_row("two", passed=True, of="ashino"))
    assert golden(capsys, other, *kept, "--accept")[0] == 0
    assert sorted(path.stem for path in (tmp_path / "golden").iterdir()) == ["ashino", "minato"]
    assert golden(capsys, other, *kept)[1]["differences"] == []


def test_the_error_for_an_invalid_golden_file_says_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "golden").mkdir()
    (tmp_path / "golden" / "minato.jsonl").write_text("<<<<<<<\n", "utf-8")
    run = saved(tmp_path / "a", make_row("one", passed=True, of="minato"))
    assert main(["golden", run, "--golden", str(tmp_path / "golden")]) == 2
    assert "--accept" in capsys.readouterr().err
