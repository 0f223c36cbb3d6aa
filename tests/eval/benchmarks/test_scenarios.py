"""`python -m eval scenarios` over two small documents, and `dictionary` over a leaflet."""

import json
from pathlib import Path

import pytest

from tests.bot.curation.dictionary.leaflet import LEAFLET, MANIFEST
from tests.eval.eval_command import evaluate_here

_NOTICE = "# 水川町 入浴券のお知らせ\n\n## 入浴券の配布\n\n70歳以上の人に、入浴券を年12枚配ります。\n"
_LONG = (
    "# 水川町 会館の案内\n\n## 会議室の料金\n\n"
    + "会館はどなたでも使えます。" * 20
    + "会議室の料金は1時間450円です。\n"
)


def _folder(tmp_path: Path, *scenarios: dict[str, object]) -> Path:
    documents = tmp_path / "documents"
    documents.mkdir()
    (documents / "bath.md").write_text(_NOTICE, "utf-8")
    (documents / "hall.md").write_text(_LONG, "utf-8")
    file = tmp_path / "scenarios.jsonl"
    file.write_text("\n".join(json.dumps(scenario, ensure_ascii=False) for scenario in scenarios), "utf-8")
    return file


def test_each_scenario_is_asked_over_its_documents_only(tmp_path: Path) -> None:
    asked = {"as_of": "2026-11-25", "turns": ["入浴券は年に何枚もらえますか?"], "must": [["12枚"]]}
    file = _folder(
        tmp_path,
        {"id": "found", "documents": ["bath"], **asked},
        {"id": "elsewhere", "documents": ["hall"], **asked},
        {"id": "nothing", "documents": ["hall"], **asked, "must": [], "status": ["no_answer"]},
    )
    run = evaluate_here("scenarios", file, "--json", "--out", tmp_path / "out", folder=tmp_path)
    figures = json.loads(run.stdout)
    assert run.returncode == 0, run.stderr
    assert figures["right"]["value"] == 2 / 3
    assert figures["right"]["n"] == 3
    assert figures["answered_where_none"]["n"] == 1
    rows = [json.loads(line) for line in (tmp_path / "out" / "rows.jsonl").read_text("utf-8").splitlines()]
    assert {row["id"]: row["right"] for row in rows} == {"found": True, "elsewhere": False, "nothing": True}


def test_a_scenario_without_its_document_is_an_error_that_names_it(tmp_path: Path) -> None:
    file = _folder(tmp_path, {"id": "lost", "documents": ["pool"], "as_of": "2026-11-25", "turns": ["料金は?"]})
    run = evaluate_here("scenarios", file, folder=tmp_path)
    assert run.returncode == 2
    assert "pool" in run.stderr


def test_an_invalid_scenario_is_an_error_with_its_line(tmp_path: Path) -> None:
    file = _folder(tmp_path, {"id": "broken", "documents": ["bath"], "as_of": "2026-13-25", "turns": ["料金は?"]})
    run = evaluate_here("scenarios", file, folder=tmp_path)
    assert run.returncode == 2
    assert "scenarios.jsonl:1" in run.stderr


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
