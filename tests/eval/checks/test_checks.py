import json
from pathlib import Path
from typing import Any

import pytest

from eval.__main__ import main
from tests.eval.eval_command import ROOT
from tests.eval.examples import write_lines

MINATO = ROOT / "tests" / "documents" / "minato"
GOOD: dict[str, Any] = {
    "id": "period",
    "kind": "period",
    "turns": ["第3次計画の期間は?"],
    "must": [["令和7年度"], ["令和11年度"]],
    "cite": ["minato-kotsu-3#1.4 計画の期間", "minato-kotsu-3#*"],
    "behave": "answer",
}


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


@pytest.mark.parametrize(
    ("line", "check", "says"),
    [
        ('{"id": "x",', "form", "JSON として読めません"),
        (GOOD | {"priority": 9}, "form", "優先度（priority）の値は決められた言葉"),
        (GOOD | {"id": "period", "turns": ["別の質問"]}, "id", "cases.jsonl:1 でも使われています。別の id に"),
        (GOOD | {"kind": "perod"}, "kind", "「period」ではありませんか"),
        (GOOD | {"cite": ["minato-kotsu-9#1.4 計画の期間"]}, "cite", "文書「minato-kotsu-9」はありません"),
        (GOOD | {"cite": ["minato-kotsu-3#1.4 期間"]}, "cite", "「1.4 計画の期間」ではありませんか"),
        (GOOD | {"must": [["令和77年度"]]}, "grounds", "文書のどこにもありません"),
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
