"""The project's own sets and their selection, and questions about real municipal texts."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from eval.__main__ import main
from eval.dataset.sets import (
    CASES,
    COLLOQUIAL,
    UNREAD_FOLDER,
    UNREAD_SETS,
    build_unread_corpus,
    corpus_sets,
    load_towns,
    project_sets,
)
from eval.errors import SetFileError
from eval.scoring.run_record import load_run
from ingest.metadata.manifest import read_corpus
from tests.eval.eval_command import ROOT, evaluate
from tests.eval.examples import make_answer
from tests.eval.scripted_server import Reply, scripted_server

SUPPORT = {"u1": {"doc": "news-04", "heading": "朝市"}, "u2": {"doc": "news-04", "heading": "花火"}}
QUESTION = {
    "id": "q1",
    "doc": "news-04",
    "kind": "fact",
    "turns": ["朝市は何時からですか"],
    "must": [["7時", "午前7時"]],
    "must_not": ["8時"],
    "support": ["u1", "u2"],
    "behave": "answer",
}


def write(folder: Path, *questions: dict[str, Any] | str) -> Path:
    """Write a set of questions with its support; return the file of the questions."""
    (folder / "support.json").write_text(json.dumps(SUPPORT), "utf-8")
    file = folder / "questions.jsonl"
    lines = [q if isinstance(q, str) else json.dumps(q, ensure_ascii=False) for q in questions]
    file.write_text("\n".join(lines), "utf-8")
    return file


def test_any_section_of_the_expected_document_counts_as_source(tmp_path: Path) -> None:
    (case,) = load_towns([write(tmp_path, QUESTION)])
    assert case.id == "news-04-q1"
    assert case.kind == "fact"
    assert case.turns == ("朝市は何時からですか",)
    assert case.must == (("7時", "午前7時"),)
    assert case.must_not == ("8時",)
    assert case.cite == ("news-04#*",)
    assert case.behave == "answer"


def test_an_unanswerable_question_has_no_expected_source(tmp_path: Path) -> None:
    nothing: dict[str, Any] = QUESTION | {"doc": None, "must": [], "support": [], "behave": "abstain"}
    (case,) = load_towns([write(tmp_path, nothing)])
    assert case.id == "none-q1"
    assert case.cite == ()
    assert case.behave == "abstain"


@pytest.mark.parametrize(
    "broken", ["{", {k: v for k, v in QUESTION.items() if k != "turns"}, QUESTION | {"support": ["u9"]}]
)
def test_the_error_for_an_invalid_line_names_file_and_line(tmp_path: Path, broken: dict[str, Any] | str) -> None:
    with pytest.raises(SetFileError, match=r"questions\.jsonl:2: "):
        load_towns([write(tmp_path, QUESTION, broken)])


def shared(folder: Path) -> Path:
    """Write invented articles and speeches under the ids of the set that nobody reads."""
    support = json.loads((UNREAD_FOLDER / "support.json").read_text("utf-8"))
    articles = []
    speeches = []
    for unit in support:
        if unit[:1].isdigit():
            output = {"issue": "広報", "municipality": "岡山県青葉市", "date": "2024.06.01", "title": unit}
            articles.append({"id": unit, "body": "9時?17時に開きます。<img src=1>\n雨&amp;風でも", **output})
        else:
            output = {"role": "議員", "speaker": "山", "text": " お尋ねします。 ", "meeting": "第1回", "day": "1日目"}
            speeches.append({"id": unit, **output})
    for name, units in (("bulletins/articles", articles), ("kiryu/speeches", speeches)):
        file = folder / f"{name}.jsonl"
        file.parent.mkdir()
        file.write_text("\n".join(json.dumps(one, ensure_ascii=False) for one in units), "utf-8")
    return folder


def test_the_documents_of_the_unread_set_are_built_from_the_public_ones(tmp_path: Path) -> None:
    corpus = read_corpus(build_unread_corpus(shared(tmp_path), tmp_path / "out"))
    support = json.loads((UNREAD_FOLDER / "support.json").read_text("utf-8"))
    assert {entry.document.id for entry in corpus.entries} == {place["doc"] for place in support.values()}
    bulletins = [entry for entry in corpus.entries if entry.document.kind == "notice"]
    assert {(entry.document.issuer, entry.document.published) for entry in bulletins} == {("青葉市", "2024-06-01")}
    text = (tmp_path / "out" / bulletins[0].document.file).read_text("utf-8")
    assert "9時〜17時に開きます。雨&風でも" in text
    assert "\n## " in text
    minutes = [entry.document for entry in corpus.entries if entry.document.kind == "meeting"]
    assert {document.issuer for document in minutes} == {"桐生市"}


def test_existing_documents_are_not_built_again(tmp_path: Path) -> None:
    out = build_unread_corpus(shared(tmp_path), tmp_path / "out")
    assert build_unread_corpus(tmp_path / "not there", out) == out


@pytest.mark.parametrize("name", UNREAD_SETS)
def test_an_unread_set_runs_only_by_name(name: str) -> None:
    assert name not in {one.name for one in project_sets()}
    (unread,) = project_sets([name])
    if not unread.is_available:
        pytest.skip("the public sets are not beside this checkout (../shared/data)")
    cases = unread.load(unread.files)
    known = {entry.document.id for entry in read_corpus(*unread.corpora).entries}
    assert len(cases) > 100
    assert {cite.split("#")[0] for case in cases for cite in case.cite} <= known


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
