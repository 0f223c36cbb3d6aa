"""`python -m eval` from the command line."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from eval.__main__ import main
from eval.runs.release_gate import load_baseline
from eval.scoring.run_record import load_run, save_run
from tests.eval.examples import make_answer, make_case, make_row, make_run
from tests.eval.scripted_server import scripted_server


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    """Return a file with two cases: one with an answer, one without."""
    file = tmp_path / "cases.jsonl"
    both = make_case(), make_case(id="budget", kind="not_there", turns=["予算は?"], behave="abstain", priority=1)
    file.write_text("\n".join(case.model_dump_json() for case in both), "utf-8")
    return file


@pytest.fixture
def url() -> Iterator[str]:
    """Yield the address of a server that answers both questions, the second one wrongly."""
    with scripted_server((200, {}, make_answer()), (200, {}, make_answer("予算は3億円です[1]。"))) as (address, _):
        yield address


def test_run_prints_one_json_value_and_saves_the_run(
    cases: Path, url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "run"
    assert main(["run", "--cases", str(cases), "--url", url, "--out", str(out), "--json"]) == 0
    output = json.loads(capsys.readouterr().out)
    assert output["n"] == 2
    assert output["passed"] == 1
    assert output["rate"] == 0.5
    assert output["rate_se"] == pytest.approx(0.3536, abs=1e-4)
    assert output["by_kind"] == {"table": {"n": 1, "passed": 1}, "not_there": {"n": 1, "passed": 0}}
    assert output["out"] == str(out)
    saved = load_run(out)
    assert [row.score.passed for row in saved.rows] == [True, False]
    assert {"version", "date"} <= saved.config.keys()
    assert {"cases": [str(cases)], "url": url}.items() <= saved.config["sets"]["cases"].items()
    assert {row.set for row in saved.rows} == output["by_set"].keys() == {"cases"}


def test_run_shows_each_failing_case_with_question_answer_and_reason(
    cases: Path, url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["run", "--cases", str(cases), "--url", url, "--out", str(tmp_path / "run")])
    shown = capsys.readouterr().out
    assert "誤って" in shown
    for words in ("not_there", "budget", "予算は?", "予算は3億円です[1]。", "ふるまいは「答えた」"):
        assert words in shown
    assert "目標は何人ですか?" not in shown


@pytest.mark.parametrize(("passed_before", "status"), [(True, 1), (False, 0)])
def test_a_run_below_its_baseline_exits_with_1_and_names_the_case(
    cases: Path, url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], *, passed_before: bool, status: int
) -> None:
    before = make_row("target", passed=True, of="cases"), make_row("budget", passed=passed_before, of="cases")
    save_run(tmp_path / "before", make_run(*before))
    gate = tmp_path / "baseline.json"
    assert main(["accept", str(tmp_path / "before"), "--baseline", str(gate)]) == 0
    capsys.readouterr()
    command = ["run", "--cases", str(cases), "--url", url, "--out", str(tmp_path / "run"), "--gate", str(gate)]
    assert main([*command, "--json"]) == status
    shortfalls = json.loads(capsys.readouterr().out)["shortfalls"]
    assert any(reason.startswith("cases: budget: ") for reason in shortfalls) is passed_before


def test_a_refused_question_fails_without_ending_the_run(
    cases: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with scripted_server(
        (422, {}, {"detail": "質問が長すぎます。"}), (200, {}, make_answer("ありません。", "no_answer"))
    ) as (
        url,
        _,
    ):
        assert main(["run", "--cases", str(cases), "--url", url, "--out", str(tmp_path / "run"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["passed"] == 1
    assert "質問が長すぎます" in load_run(tmp_path / "run").rows[0].score.reasons[0]


def test_accepting_a_run_keeps_the_baselines_of_other_sets(tmp_path: Path) -> None:
    gate = tmp_path / "baseline.json"
    both = make_row("a", passed=True, of="first"), make_row("b", passed=True, of="second")
    save_run(tmp_path / "all", make_run(*both))
    here = make_run(make_row("a", passed=False, of="first"))
    save_run(tmp_path / "here", replace(here, config={"skipped": ["second"], "door": "process"}))
    for name in ("all", "here"):
        main(["accept", str(tmp_path / name), "--baseline", str(gate)])
    assert {name: of.passing for name, of in load_baseline(gate).sets.items()} == {"first": (), "second": ("b",)}


def test_compare_lists_the_changed_cases(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    save_run(tmp_path / "a", make_run(make_row("lost", passed=True), make_row("same", passed=True)))
    save_run(tmp_path / "b", make_run(make_row("lost", passed=False), make_row("same", passed=True)))
    assert main(["compare", str(tmp_path / "a"), str(tmp_path / "b")]) == 0
    shown = capsys.readouterr().out
    assert "悪くなった問い: 1" in shown
    assert "lost" in shown
    assert "same" not in shown
    assert main(["compare", str(tmp_path / "a"), str(tmp_path / "b"), "--json"]) == 0
    assert [change["id"] for change in json.loads(capsys.readouterr().out)["worse"]] == ["lost"]


@pytest.mark.parametrize(
    "command",
    [
        ["run", "--cases", "none.jsonl", "--url", "http://127.0.0.1:9"],
        ["run", "--gate", "none.json", "--url", "http://127.0.0.1:9"],
        ["run", "--url", "http://127.0.0.1:9"],
        ["run", "--set", "atlantis"],
        ["compare", "none", "none"],
        ["accept", "none"],
    ],
)
def test_bad_input_exits_with_2_and_says_what_to_do(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(command) == 2
    output = capsys.readouterr()
    assert output.err.startswith("エラー: ")
    assert "ください" in output.err or "作り直して" in output.err
    assert output.out == ""


@pytest.mark.parametrize(
    "command",
    [
        [],
        ["fly"],
        ["run", "--url", "http://x", "--corpus", "y"],
        ["run", "--cases", "x", "--set", "y"],
        ["compare", "one"],
    ],
)
def test_wrong_use_exits_with_2(command: list[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(command)
    assert exit_.value.code == 2
