"""`python -m eval pages`, from PDFs and questions to figures."""

import json
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from eval.benchmarks.pages import page_metrics
from eval.benchmarks.ranked import load_ranked
from tests.eval.eval_command import evaluate_here
from tests.ingest.pdf_files import PICTURE, lines, page, pdf

QUESTIONS = (
    {"id": "fee", "question": "証明書の手数料はいくらですか。", "file": "fees.pdf", "page": 2, "answer": None},
    {"id": "open", "question": "図書館の開館時間は何時ですか。", "file": "places/library.pdf", "page": 1},
    {"id": "weather", "question": "明日の天気を教えてください。", "file": None, "page": None},
)


def write_set(folder: Path, *questions: dict[str, Any]) -> list[str | Path]:
    """Write three PDFs, one of which is a picture, and the questions; return the arguments that name them."""
    (folder / "pdfs" / "places").mkdir(parents=True)
    fees = pdf(page(*lines("窓口の受付は九時からです。")), page(*lines("証明書の手数料は三百円です。")))
    (folder / "pdfs" / "fees.pdf").write_bytes(fees)
    (folder / "pdfs" / "places" / "library.pdf").write_bytes(pdf(page(*lines("図書館の開館時間は九時から七時です。"))))
    (folder / "pdfs" / "scan.pdf").write_bytes(pdf(PICTURE))
    (folder / "questions.jsonl").write_text("".join(json.dumps(q) + "\n" for q in questions), "utf-8")
    return ["pages", "--pdfs", folder / "pdfs", "--questions", folder / "questions.jsonl"]


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, CompletedProcess[str]]:
    """Measure the tiny set once; return the saved run and the ended command."""
    folder = tmp_path_factory.mktemp("pages")
    arguments = write_set(folder, *QUESTIONS)
    return folder / "run", evaluate_here(*arguments, "--out", folder / "run", "--json", folder=folder)


def test_the_figures_are_those_of_the_questions_with_a_page(measured: tuple[Path, CompletedProcess[str]]) -> None:
    assert measured[1].returncode == 0, measured[1].stderr
    output = json.loads(measured[1].stdout)
    assert output["n"] == 2
    assert output["no_answer"] == 1
    assert output["files"] == 2
    assert output["unread"] == 1
    assert output["hit@1"] == 1
    assert output["hit@5"] == 1
    assert output["mrr"] == 1
    assert output["file_hit@1"] == 1
    assert output["hit@1_se"] == 0
    assert 0 < output["p50_ms"] <= output["p95_ms"]


def test_unreadable_pdfs_are_reported(measured: tuple[Path, CompletedProcess[str]]) -> None:
    assert "scan.pdf: 文字を読み取れるページがありません" in measured[1].stderr


def test_the_saved_run_lists_the_retrieved_pages(measured: tuple[Path, CompletedProcess[str]]) -> None:
    run = load_ranked(measured[0])
    assert run.command == "pages"
    assert [row.id for row in run.rows] == ["fee", "open"]
    assert run.rows[0].details["wanted"] == run.rows[0].details["ranked"][0] == {"file": "fees.pdf", "page": 2}
    assert run.rows[1].details["ranked"][0]["file"] == "places/library.pdf"


def test_a_lower_ranked_page_counts_by_its_rank() -> None:
    pages = [("a.pdf", 1), ("b.pdf", 1), ("a.pdf", 2)]
    assert page_metrics(pages, ("a.pdf", 2)) == {"hit@1": 0, "hit@5": 1, "mrr": pytest.approx(1 / 3), "file_hit@1": 1}
    assert page_metrics([], ("a.pdf", 2)) == {"hit@1": 0, "hit@5": 0, "mrr": 0, "file_hit@1": 0}


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        ({"id": "x", "question": "", "file": "fees.pdf", "page": 1}, "JSON として読めません"),
        ({"id": "x", "question": "?", "file": "fees.pdf", "page": 0}, "JSON として読めません"),
        ({"id": "x", "question": "?", "file": "fees.pdf", "page": None}, "両方書くか、両方 null"),
        ({"id": "x", "question": "?", "file": "none.pdf", "page": 1}, "「none.pdf」が --pdfs のフォルダーにありません"),
        (QUESTIONS[0], "id「fee」は2回目"),
    ],
)
def test_the_error_for_an_invalid_question_names_file_and_line(
    broken: dict[str, Any], reason: str, tmp_path: Path
) -> None:
    ended = evaluate_here(*write_set(tmp_path, QUESTIONS[0], broken), folder=tmp_path)
    assert ended.returncode == 2
    assert "questions.jsonl:2" in ended.stderr
    assert reason in ended.stderr


def test_a_folder_without_pdfs_is_refused(tmp_path: Path) -> None:
    arguments = write_set(tmp_path, *QUESTIONS)
    (tmp_path / "empty").mkdir()
    ended = evaluate_here(*arguments[:2], tmp_path / "empty", *arguments[3:], folder=tmp_path)
    assert ended.returncode == 2
    assert "PDF がありません" in ended.stderr


def test_questions_without_any_page_are_refused(tmp_path: Path) -> None:
    ended = evaluate_here(*write_set(tmp_path, QUESTIONS[2]), folder=tmp_path)
    assert ended.returncode == 2
    assert "答えのページ" in ended.stderr
