"""Measuring in this process, from documents to figures."""

import json
from pathlib import Path

import pytest

from eval.scoring.run_record import load_run
from tests.conftest import without_records
from tests.eval.eval_command import evaluate_here
from tests.eval.examples import make_case

MANIFEST = """
[[document]]
file = "library.md"
id = "library"
title = "みどり市立図書館のしおり"
"""
DOCUMENT = """
# みどり市立図書館のしおり

## 貸出の決まり

みどり市立図書館の貸出期間は15日間です。
みどり市立図書館で一度に借りられる本は8冊です。
"""


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """Return a corpus of one short document."""
    folder = tmp_path / "corpus"
    folder.mkdir()
    (folder / "manifest.toml").write_text(MANIFEST, "utf-8")
    (folder / "library.md").write_text(DOCUMENT, "utf-8")
    return folder


def write_case(folder: Path, question: str, must: str, cite: str) -> Path:
    """Write one case to a file."""
    file = folder / "cases.jsonl"
    file.write_text(make_case(turns=[question], must=[[must]], cite=[cite]).model_dump_json(), "utf-8")
    return file


def test_a_corpus_is_measured_without_changing_the_data_folder(corpus: Path, tmp_path: Path) -> None:
    cases = write_case(tmp_path, "図書館の貸出期間を教えてください", "15日間", "library#貸出の決まり")
    out = tmp_path / "run"
    ended = evaluate_here("run", "--cases", cases, "--corpus", corpus, "--out", out, "--json", folder=tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout)["passed"] == 1
    assert [path.name for path in (tmp_path / "var").iterdir()] == ["eval"]
    assert not list((tmp_path / "var").rglob("*.sqlite"))
    assert load_run(out).config["sets"]["cases"]["generation"]


def test_the_current_index_can_be_measured(corpus_data: Path, tmp_path: Path) -> None:
    without_records(corpus_data, tmp_path / "data")
    cases = write_case(
        tmp_path, "DXアクションプラン2.0の計画期間は?", "令和11年度", "dx-action-plan-2.0#1.3. プランの期間"
    )
    ended = evaluate_here("run", "--cases", cases, "--data", "data", "--out", "run", "--json", folder=tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout)["passed"] == 1


def test_cases_do_not_depend_on_the_contact_of_the_office(
    corpus_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_records(corpus_data, tmp_path / "data")
    monkeypatch.setenv("SHIRUBE_CONTACT", "総合案内 076-000-0000 annai@city.example.jp")
    case = make_case(
        id="no-phone", kind="not_there", turns=["市民プールの電話番号は?"], behave="abstain", must=[], cite=[]
    ).model_copy(update={"must_not": ("076-", "annai@")})
    cases = tmp_path / "cases.jsonl"
    cases.write_text(case.model_dump_json(), "utf-8")
    ended = evaluate_here("run", "--cases", cases, "--data", "data", "--out", "run", "--json", folder=tmp_path)
    assert json.loads(ended.stdout)["passed"] == 1, ended.stderr


def test_a_data_folder_without_an_index_is_bad_input(tmp_path: Path) -> None:
    ended = evaluate_here("run", "--data", "none", "--out", "run", folder=tmp_path)
    assert ended.returncode == 2
    assert ended.stderr.startswith("エラー: ")
    assert not (tmp_path / "run").exists()
