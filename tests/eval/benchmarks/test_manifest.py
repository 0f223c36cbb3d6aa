"""`python -m eval manifest`, from PDFs and true metadata to figures."""

import json
from pathlib import Path

import pytest

from eval.benchmarks.proposed_metadata import is_same_title
from tests.eval.eval_command import evaluate_here
from tests.ingest.pdf_files import PICTURE, Text, lines, page, pdf

BODY = page(*lines(*["市は、港のにぎわいを取り戻すため、市民や事業者とともに次の取組を進めます。"] * 20))


@pytest.mark.parametrize(
    ("proposed", "wanted", "same"),
    [
        ("美浜市 港づくり計画（概要版）", "美浜市港づくり計画", 1),
        ("美浜市港づくり計画 〜海とともに〜", "美浜市港づくり計画", 1),
        ("「港づくり計画」", "港づくり計画", 1),
        ("第２期港づくり計画", "第2期 港づくり計画", 1),
        ("港づくり計画", "第２期港づくり計画", 0),
        ("港づくり計画の改定について", "港づくり計画", 0),
    ],
)
def test_titles_are_compared_without_spaces_brackets_and_subtitle(proposed: str, wanted: str, same: int) -> None:
    assert is_same_title(proposed, wanted) == bool(same)


def test_the_figures_are_rates_of_right_values(tmp_path: Path) -> None:
    cover = page(
        Text("美浜市港づくり計画", left=150, base=640, size=28), Text("令和８年３月", left=250, base=160, size=14)
    )
    (tmp_path / "plan.pdf").write_bytes(pdf(cover, BODY))
    (tmp_path / "scan.pdf").write_bytes(pdf(PICTURE))
    truth = [
        {"file": "plan.pdf", "title": "港づくり", "also": ["美浜市 港づくり計画"], "published": "2026-03"},
        {"file": "scan.pdf", "title": "港の図", "publisher": None},
        {"file": "elsewhere.pdf", "title": "ほか"},
    ]
    (tmp_path / "truth.jsonl").write_text("".join(json.dumps(line) + "\n" for line in truth), "utf-8")
    arguments = ("manifest", "--pdfs", tmp_path, "--truth", tmp_path / "truth.jsonl", "--json")
    output = json.loads(evaluate_here(*arguments, folder=tmp_path).stdout)
    assert output["files"] == 2
    assert output["title"] == 0.5
    assert output["title_n"] == 2
    assert output["published"] == 1
    assert output["published_n"] == 1
    assert output["title_sure"] == 1
    assert output["title_sure_n"] == 1
    assert output["title_se"] == 0.5


def test_the_error_for_an_invalid_true_value_names_its_line(tmp_path: Path) -> None:
    (tmp_path / "plan.pdf").write_bytes(pdf(BODY))
    (tmp_path / "truth.jsonl").write_text("{\n", "utf-8")
    ended = evaluate_here("manifest", "--pdfs", tmp_path, "--truth", tmp_path / "truth.jsonl", folder=tmp_path)
    assert ended.returncode == 2
    assert "truth.jsonl:1" in ended.stderr
