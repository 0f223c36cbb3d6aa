"""The project's own sets, and their selection."""

import json
import shutil
from pathlib import Path

import pytest

from eval.__main__ import main
from eval.dataset.sets import CASES, COLLOQUIAL, UNREAD_FOLDER, corpus_sets, project_sets
from eval.scoring.run_record import load_run
from tests.eval.eval_command import ROOT, evaluate
from tests.eval.examples import make_answer
from tests.eval.scripted_server import Reply, scripted_server


def test_the_sets_cover_all_project_documents() -> None:
    assert [one.name for one in project_sets()] == [
        "kanazawa",
        "kanazawa-asked",
        "sources",
        "sources-asked",
        "minato",
        "hibarino",
        "tsuyukusa",
        "ashino",
        "hiyahara",
        "kumoizawa",
        "shioba",
        "yukisawa",
        "towns",
    ]
    in_our_format = {file for one in project_sets() if one.is_in_our_format for file in one.files}
    other_formats = {UNREAD_FOLDER, CASES / COLLOQUIAL}
    assert in_our_format == {file for file in CASES.rglob("*.jsonl") if file.parent not in other_formats}
    assert [one.name for one in corpus_sets()] == ["kanazawa", "kanazawa-asked"]


def test_a_server_is_asked_the_sets_about_the_project_s_documents(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answers: list[Reply] = [(200, {}, make_answer())] * 1000
    with scripted_server(*answers) as (url, _):
        main(["run", "--url", url, "--out", str(tmp_path / "own"), "--json"])
        assert json.loads(capsys.readouterr().out)["by_set"].keys() == {"kanazawa", "kanazawa-asked"}
        main(["run", "--url", url, "--set", "minato", "--out", str(tmp_path / "one"), "--json"])
        assert json.loads(capsys.readouterr().out)["by_set"].keys() == {"minato"}


def test_each_set_uses_separate_documents_and_is_skipped_without_them(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "eval", tmp_path / "eval")
    shutil.copytree(ROOT / "tests" / "documents" / "minato", tmp_path / "tests" / "documents" / "minato")
    for other in ("breath", "causes", "rows"):
        (tmp_path / "eval" / "cases" / "minato" / f"{other}.jsonl").unlink()
    few = tmp_path / "eval" / "cases" / "minato" / "asked.jsonl"
    few.write_text("".join(few.read_text("utf-8").splitlines(keepends=True)[:5]), "utf-8")
    ended = evaluate("run", "--set", "minato", "--set", "hibarino", "--out", "run", "--json", folder=tmp_path)
    assert ended.returncode == 0, ended.stderr
    output = json.loads(ended.stdout)
    assert {name: of["n"] for name, of in output["by_set"].items()} == {"minato": 5}
    assert output["citations_right"] > 0.5
    assert "質問集「hibarino」は飛ばします" in ended.stderr
    assert load_run(tmp_path / "run").config["skipped"] == ["hibarino"]


def test_a_run_without_any_documents_is_bad_input(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "eval", tmp_path / "eval")
    ended = evaluate("run", "--set", "minato", "--out", "run", folder=tmp_path)
    assert ended.returncode == 2
    assert "評価できる質問集がありません" in ended.stderr
