"""Problems that `python -m eval check` finds in case files."""

import json
from pathlib import Path
from typing import Any

import pytest

from eval.__main__ import main
from eval.checks.case_problems import check_sets
from eval.dataset.sets import CaseSet, project_sets
from ingest.configuration.settings import Settings
from tests.eval.eval_command import ROOT
from tests.eval.examples import write_lines

MINATO = ROOT / "tests" / "documents" / "minato"
GOOD: dict[str, Any] = {
    "id": "period",
    "kind": "period",
    "turns": ["第3次計画の期間は?"],
    "must": [["令和7年度"], ["令和11年度"]],
    "cite": ["minato-kotsu-3#1.4 計画の期間"],
    "behave": "answer",
}
DECLINED: dict[str, Any] = {"id": "none", "kind": "not_there", "turns": ["船の名前は?"], "behave": "abstain"}


def checked(capsys: pytest.CaptureFixture[str], file: Path, corpus: Path = MINATO) -> tuple[int, list[dict[str, Any]]]:
    status = main(["check", "--cases", str(file), "--corpus", str(corpus), "--json"])
    problems: list[dict[str, Any]] = json.loads(capsys.readouterr().out)["problems"]
    return status, problems


def test_the_cases_of_the_project_have_no_problems(capsys: pytest.CaptureFixture[str]) -> None:
    status = main(["check", "--json"])
    output = json.loads(capsys.readouterr().out)
    assert output["problems"] == []
    assert status == 0
    assert output["n"] >= 250


def test_the_cases_of_the_office_are_checked_against_the_current_index(corpus_data: Path, tmp_path: Path) -> None:
    write_lines(tmp_path / "cases.jsonl", GOOD, DECLINED | {"id": "own", "turns": ["計画2.0の会議室は?"]})
    settings = Settings(_env_file=None, data=corpus_data, corpus=MINATO, cases=tmp_path)
    checked = check_sets(project_sets(["office"], settings), settings)
    assert checked.n == 2
    assert [(one.id, one.check) for one in checked.problems if one.check == "cite"] == [("period", "cite")]
    nowhere = settings.model_copy(update={"data": tmp_path / "none"})
    assert check_sets(project_sets(["office"], nowhere), nowhere).skipped == ("office",)


def test_cases_without_problems_are_reported_as_such(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = write_lines(tmp_path / "cases.jsonl", GOOD, DECLINED)
    assert main(["check", "--cases", str(file), "--corpus", str(MINATO)]) == 0
    assert "問い 2 件を調べました。直すところはありません。" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("line", "check", "says"),
    [
        ('{"id": "x",', "form", "JSON として読めません"),
        (GOOD | {"priority": 9}, "form", "優先度（priority）の値は決められた言葉"),
        (GOOD | {"id": "period", "turns": ["別の質問"]}, "id", "cases.jsonl:1 でも使われています。別の id に"),
        (GOOD | {"kind": "perod"}, "kind", "「period」ではありませんか"),
        (GOOD | {"must": [[" "]]}, "alternatives", "決して当たりません"),
        (GOOD | {"must": [["令和7年度", "2025年度"]]}, "alternatives", "「2025年度」は「令和7年度」があるので"),
        (
            GOOD | {"must_not": ["廃止", "廃止済"]},
            "alternatives",
            "あってはならない言葉（must_not）の「廃止済」は「廃止」があるので",
        ),
        (
            GOOD | {"must_not": ["令和7年度"]},
            "alternatives",
            "あってはならない言葉（must_not）の「令和7年度」を含むので、言えば必ず落ちます",
        ),
        (GOOD | {"cite": ["minato-kotsu-9#1.4 計画の期間"]}, "cite", "文書「minato-kotsu-9」はありません"),
        (GOOD | {"cite": ["minato-kotsu-3#1.4 期間"]}, "cite", "「1.4 計画の期間」ではありませんか"),
        (GOOD | {"must": [["令和77年度"]]}, "grounds", "文書のどこにもありません"),
        (GOOD | {"must": [["令和7年度"]]}, "asked_twice", "求める答えが違います"),
        (GOOD, "asked_twice", "一方を消してください"),
        (DECLINED | {"turns": ["第4次計画の目標値を教えて"]}, "answerable", "理由を覚え書き（note）に書いてください"),
    ],
)
def test_each_problem_is_reported_with_its_line_and_a_fix(
    line: dict[str, Any] | str, check: str, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = line | {"id": "second"} if isinstance(line, dict) and check != "id" else line
    file = write_lines(tmp_path / "cases.jsonl", GOOD, other)
    status, problems = checked(capsys, file)
    found = [problem for problem in problems if problem["check"] == check]
    assert status == 1
    assert [(problem["file"], problem["line"]) for problem in found] == [(str(file), 2)]
    assert says in found[0]["problem"]


def test_a_computed_value_need_not_be_in_the_documents(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    reckoned = GOOD | {"must": [["令和77年度"]], "tags": ["reckoned"]}
    assert checked(capsys, write_lines(tmp_path / "cases.jsonl", reckoned)) == (0, [])


def test_a_note_confirms_that_a_question_has_no_answer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    noted = DECLINED | {"turns": ["第4次計画の目標値を教えて"], "note": "第4次計画は文書に無い。"}
    assert checked(capsys, write_lines(tmp_path / "cases.jsonl", noted)) == (0, [])


def test_the_same_question_on_another_day_is_another_question(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    later = GOOD | {"id": "later", "as_of": "2031-01-01"}
    assert checked(capsys, write_lines(tmp_path / "cases.jsonl", GOOD, later)) == (0, [])


def test_a_fact_in_the_manifest_counts_as_in_the_documents(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "plan.md").write_text("# 計画\n\n## 1 目的\n\n暮らしを守る。\n", "utf-8")
    manifest = '[[document]]\nfile = "plan.md"\nid = "plan"\ntitle = "計画"\nkind = "plan"\npublished = "2025-04"\n'
    (tmp_path / "corpus" / "manifest.toml").write_text(manifest, "utf-8")
    asked = GOOD | {"must": [["2025"]], "cite": ["plan#1 目的"]}
    assert checked(capsys, write_lines(tmp_path / "cases.jsonl", asked), tmp_path / "corpus") == (0, [])


def test_a_question_over_two_corpora_needs_a_source_in_each(tmp_path: Path) -> None:
    here = tmp_path / "here"
    gone = tmp_path / "gone"
    for folder, heading in ((here, "1 目的"), (gone, "第1章 目的")):
        folder.mkdir()
        (folder / "plan.md").write_text(f"# 計画\n\n## {heading}\n\n暮らしを守る。\n", "utf-8")
        (folder / "manifest.toml").write_text('[[document]]\nfile = "plan.md"\nid = "plan"\ntitle = "計画"\n', "utf-8")
    both = DECLINED | {"behave": "answer", "must": [["暮らし"]], "cite": ["plan#1 目的", "plan#第1章 目的"]}
    one = both | {"id": "one", "turns": ["目的は?"], "cite": ["plan#1 目的"]}
    file = write_lines(tmp_path / "cases.jsonl", both, one)
    sets = [CaseSet(folder.name, (file,), (folder,)) for folder in (here, gone)]
    (problem,) = check_sets(sets).problems
    assert problem.id == "one"
    assert "質問集 gone" in problem.text
    (gone / "manifest.toml").unlink()
    assert check_sets(sets).problems == ()
    assert check_sets(sets).skipped == ("gone",)


def test_cases_without_their_documents_get_the_other_checks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = write_lines(tmp_path / "cases.jsonl", GOOD | {"cite": ["nowhere#x"], "kind": "unheard-of"})
    assert main(["check", "--cases", str(file), "--corpus", str(tmp_path / "none"), "--json"]) == 1
    output = capsys.readouterr()
    found = json.loads(output.out)
    assert [problem["check"] for problem in found["problems"]] == ["kind"]
    assert found["skipped"] == ["cases"]
    assert "照らし合わせていません" in output.err


@pytest.mark.parametrize("command", [["--cases", "none.jsonl"], ["--set", "atlantis"]])
def test_unreadable_files_are_bad_input(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", *command]) == 2
    output = capsys.readouterr()
    assert output.err.startswith("エラー: ")
    assert output.out == ""
