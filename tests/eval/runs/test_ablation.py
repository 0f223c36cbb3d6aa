"""Measuring the cases without each adjustment."""

import json
from pathlib import Path

import pytest

from tests.eval.eval_command import evaluate_here
from tests.eval.examples import make_case

MANIFEST = """
[[document]]
file = "library.md"
id = "library"
title = "青葉市立図書館のしおり"
issuer = "青葉市"
"""
DOCUMENT = "# 青葉市立図書館のしおり\n\n## 貸出の決まり\n\n図書館の本の貸出期間は15日間です。\n"


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """Return a corpus of one city, with a case about another one beside it."""
    folder = tmp_path / "corpus"
    folder.mkdir()
    (folder / "manifest.toml").write_text(MANIFEST, "utf-8")
    (folder / "library.md").write_text(DOCUMENT, "utf-8")
    case = make_case(kind="not_there", turns=["高山市の図書館の本の貸出期間は?"], behave="abstain")
    (tmp_path / "cases.jsonl").write_text(case.model_dump_json(), "utf-8")
    return folder


def test_a_case_that_needs_an_adjustment_fails_without_it(corpus: Path, tmp_path: Path) -> None:
    ended = evaluate_here(
        "ablation", "--cases", tmp_path / "cases.jsonl", "--corpus", corpus, "--json", folder=tmp_path
    )
    assert ended.returncode == 0, ended.stderr
    rows = {row["adjustment"]: row for row in json.loads(ended.stdout)["ablations"]}
    assert rows["filter_absent_towns"]["lost"] == ["target"]
    assert {name for name, row in rows.items() if row["lost"] or row["gained"]} == {"filter_absent_towns"}


@pytest.mark.parametrize(("without", "passed"), [("drop_same_place", 1), ("filter_absent_towns,drop_same_place", 0)])
def test_a_run_can_disable_adjustments(corpus: Path, tmp_path: Path, without: str, passed: int) -> None:
    ended = evaluate_here(
        "run", "--cases", tmp_path / "cases.jsonl", "--corpus", corpus, "--without", without, "--json", folder=tmp_path
    )
    assert json.loads(ended.stdout)["passed"] == passed, ended.stderr


def test_an_unknown_adjustment_is_bad_input(corpus: Path, tmp_path: Path) -> None:
    with pytest.raises(SystemExit):
        evaluate_here("run", "--corpus", corpus, "--without", "nothing", folder=tmp_path)
