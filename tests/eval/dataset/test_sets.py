"""The project's own sets and their selection, and questions about real municipal texts."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

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
from eval.runs.run_plan import RunOptions, choose_sets
from ingest.configuration.settings import Settings
from ingest.metadata.manifest import read_corpus
from tests.eval.eval_command import ROOT

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
    nothing: dict[str, Any] = QUESTION | {"doc": None, "must": [], "support": [], "behave": "abstain"}
    case, declined = load_towns([write(tmp_path, QUESTION, nothing)])
    assert (case.id, case.kind, case.turns) == ("news-04-q1", "fact", ("朝市は何時からですか",))
    assert (case.must, case.must_not, case.cite) == ((("7時", "午前7時"),), ("8時",), ("news-04#*",))
    assert (declined.id, declined.cite, declined.behave) == ("none-q1", (), "abstain")


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
    assert build_unread_corpus(tmp_path / "not there", tmp_path / "out") == tmp_path / "out"


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


def chosen(**options: Any) -> tuple[list[str], tuple[str, ...]]:
    """Return the names of the sets that a run asks, and of those it skips."""
    sets, absent = choose_sets(RunOptions(**options), Settings(_env_file=None))
    return [one.case_set.name for one in sets], absent


def test_a_server_is_asked_the_sets_about_the_project_s_documents() -> None:
    assert chosen(url="http://nowhere") == (["kanazawa", "kanazawa-asked"], ())
    assert chosen(url="http://nowhere", sets=("minato",)) == (["minato"], ())


def test_a_set_without_its_documents_is_skipped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("eval.dataset.sets.ROOT", tmp_path)
    with pytest.raises(SetFileError, match="評価できる質問集がありません"):
        chosen(sets=("minato",))
    shutil.copytree(ROOT / "tests" / "documents" / "minato", tmp_path / "tests" / "documents" / "minato")
    assert chosen(sets=("minato", "hibarino")) == (["minato"], ("hibarino",))
    assert "質問集「hibarino」は飛ばします" in capsys.readouterr().err
