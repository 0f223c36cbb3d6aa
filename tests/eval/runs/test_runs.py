import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from eval.__main__ import main
from eval.errors import RunFolderError
from eval.runs.run_execution import execute_run, plan_run
from eval.runs.run_plan import RunOptions
from eval.scoring.run_record import load_run, save_run
from ingest.configuration.settings import Settings
from tests.eval.examples import make_answer, make_case, make_row, make_run
from tests.eval.scripted_server import answering_server, scripted_server


@pytest.fixture
def two_cases(tmp_path: Path) -> Path:
    file = tmp_path / "cases.jsonl"
    both = make_case(), make_case(id="budget", kind="not_there", turns=["予算は?"], behave="abstain", priority=1)
    file.write_text("\n".join(case.model_dump_json() for case in both), "utf-8")
    return file


@pytest.fixture
def url() -> Iterator[str]:
    with scripted_server((200, {}, make_answer()), (200, {}, make_answer("予算は3億円です[1]。"))) as (address, _):
        yield address


def test_run_prints_one_json_value_and_saves_the_run(
    two_cases: Path, url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "run"
    assert main(["run", "--cases", str(two_cases), "--url", url, "--out", str(out), "--json"]) == 0
    output = json.loads(capsys.readouterr().out)
    assert output["n"] == 2
    assert output["passed"] == 1
    assert output["rate"] == 0.5
    assert output["rate_se"] == pytest.approx(0.3536, abs=1e-4)
    assert output["by_kind"] == {"table": {"n": 1, "passed": 1}, "not_there": {"n": 1, "passed": 0}}
    assert output["out"] == str(out)
    saved = load_run(out)
    assert [row.passed for row in saved.rows] == [True, False]
    assert {"version", "date"} <= saved.config.keys()
    assert {"cases": [str(two_cases)], "url": url}.items() <= saved.config["sets"]["cases"].items()
    assert {row.set for row in saved.rows} == output["by_set"].keys() == {"cases"}


@pytest.mark.parametrize(("passed_before", "status"), [(True, 1), (False, 0)])
def test_a_run_below_its_baseline_exits_with_1_and_names_the_case(
    two_cases: Path, url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], *, passed_before: bool, status: int
) -> None:
    before = make_row("target", passed=True, of="cases"), make_row("budget", passed=passed_before, of="cases")
    save_run(tmp_path / "before", make_run(*before))
    gate = tmp_path / "baseline.json"
    assert main(["accept", str(tmp_path / "before"), "--baseline", str(gate)]) == 0
    capsys.readouterr()
    command = ["run", "--cases", str(two_cases), "--url", url, "--out", str(tmp_path / "run"), "--gate", str(gate)]
    assert main([*command, "--json"]) == status
    shortfalls = json.loads(capsys.readouterr().out)["shortfalls"]
    assert any(reason.startswith("cases: budget: ") for reason in shortfalls) is passed_before


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


N = 12


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    file = tmp_path / "cases.jsonl"
    made = (make_case(id=f"case-{n}", turns=[f"目標{n}は?"]).model_dump_json() for n in range(N))
    file.write_text("\n".join(made), "utf-8")
    return file


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(_env_file=None, data=tmp_path / "var")


def test_a_run_that_was_cut_off_is_not_read(cases: Path, tmp_path: Path, settings: Settings) -> None:
    with answering_server() as (url, _):
        execute_run(plan_run(RunOptions(cases=(cases,), url=url, out=tmp_path / "run"), settings))
    assert [row.case.id for row in load_run(tmp_path / "run").rows] == [f"case-{n}" for n in range(N)]
    (tmp_path / "run" / "figures.json").unlink()
    with pytest.raises(RunFolderError, match="途中で止まっています"):
        load_run(tmp_path / "run")


def test_the_config_of_a_run_is_complete_and_has_no_secrets(cases: Path, tmp_path: Path, settings: Settings) -> None:
    with answering_server() as (url, _):
        address = url.replace("http://", "http://me:secret@")
        config = execute_run(plan_run(RunOptions(cases=(cases,), url=address, out=tmp_path / "run"), settings)).config
    assert {"command", "version", "revision", "date", "options", "sets", "door"} <= config.keys()
    assert "secret" not in (tmp_path / "run" / "config.json").read_text("utf-8")
