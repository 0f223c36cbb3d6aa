"""`python -m eval dictionary` over a small leaflet."""

import json
from pathlib import Path

import pytest

from tests.bot.curation.dictionary.leaflet import LEAFLET, MANIFEST
from tests.eval.eval_command import evaluate_here


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with the leaflet, a dictionary and three questions."""
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "leaflet.md").write_text(LEAFLET, "utf-8")
    (tmp_path / "corpus" / "manifest.toml").write_text(MANIFEST, "utf-8")
    (tmp_path / "words.csv").write_text("呼び名,正式な名前\n佐久良館,第一体育館\n", "utf-8")
    questions: list[dict[str, object]] = [
        {"id": "hall", "question": "佐久良館の開館時間は?", "must": [["21時"]]},
        {"id": "other", "question": "伊予原館の開館時間は?"},
        {"id": "bus", "turns": ["地域循環バスの運賃は?", "日曜日は走る?"], "must": [["運休"]], "as_of": "2026-04-01"},
    ]
    lines = (json.dumps(question, ensure_ascii=False) for question in questions)
    (tmp_path / "questions.jsonl").write_text("\n".join(lines), "utf-8")
    return tmp_path


def measure(folder: Path, *more: str) -> tuple[int, str, str]:
    """Return the exit status and the output of the command."""
    fixed = ("--entries", "words.csv", "--questions", "questions.jsonl", "--corpus", "corpus")
    run = evaluate_here("dictionary", *fixed, *more, folder=folder)
    return run.returncode, run.stdout, run.stderr


def test_questions_are_asked_without_and_with_the_entries(folder: Path) -> None:
    status, printed, _ = measure(folder, "--json", "--out", "out")
    figures = json.loads(printed)
    assert status == 0
    assert [round(figures[name]["value"], 2) for name in ("right_before", "right_after")] == [0.67, 1.0]
    assert figures["named_worse"] == 0
    rows = [json.loads(line) for line in (folder / "out" / "rows.jsonl").read_text("utf-8").splitlines()]
    assert [row["id"] for row in rows if not row["right_before"]] == ["hall"]


def test_a_wrong_file_is_an_error_with_its_line(folder: Path) -> None:
    (folder / "words.csv").write_text("呼び名,正式な名前\nどこ,第一体育館\n", "utf-8")
    assert "2行目: 「どこ」" in measure(folder)[2]
    (folder / "words.csv").write_text("呼び名,正式な名前\n佐久良館,第一体育館\n", "utf-8")
    (folder / "questions.jsonl").write_text('{"id": "a"}\n', "utf-8")
    status, _, errors = measure(folder)
    assert status == 2
    assert "questions.jsonl:1" in errors
