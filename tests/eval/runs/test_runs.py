"""`python -m eval run` and its options: resuming, concurrency, language models, adjustments."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from eval.__main__ import main
from eval.errors import EvalError, RunFolderError
from eval.metrics.run_metrics import model_ms, non_model_ms
from eval.runs.release_gate import load_baseline
from eval.runs.run_execution import execute_run, open_unfinished_run, plan_resumed_run, plan_run
from eval.runs.run_plan import RunOptions, with_language_model
from eval.scoring.run_record import RunRow, load_run, save_run
from ingest.configuration.language_model import LanguageModel
from ingest.configuration.settings import Settings
from tests.eval.eval_command import ROOT, evaluate_here
from tests.eval.examples import library_corpus, make_answer, make_case, make_row, make_run
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
    assert [row.score.passed for row in saved.rows] == [True, False]
    assert {"version", "date"} <= saved.config.keys()
    assert {"cases": [str(two_cases)], "url": url}.items() <= saved.config["sets"]["cases"].items()
    assert {row.set for row in saved.rows} == output["by_set"].keys() == {"cases"}


def test_run_shows_each_failing_case_with_question_answer_and_reason(
    two_cases: Path, url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["run", "--cases", str(two_cases), "--url", url, "--out", str(tmp_path / "run")])
    shown = capsys.readouterr().out
    assert "誤って" in shown
    for words in ("not_there", "budget", "予算は?", "予算は3億円です[1]。", "ふるまいは「答えた」"):
        assert words in shown
    assert "目標は何人ですか?" not in shown


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


def test_a_refused_question_fails_without_ending_the_run(
    two_cases: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with scripted_server(
        (422, {}, {"detail": "質問が長すぎます。"}), (200, {}, make_answer("ありません。", "no_answer"))
    ) as (url, _):
        assert main(["run", "--cases", str(two_cases), "--url", url, "--out", str(tmp_path / "run"), "--json"]) == 0
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


def without_times(rows: tuple[RunRow, ...]) -> list[dict[str, Any]]:
    return [{"id": row.case.id, "answer": row.answer, "score": row.score} for row in rows]


@pytest.mark.server
def test_a_killed_run_is_resumed_without_repeating_questions(cases: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    with answering_server(after_s=0.2) as (url, asked):
        command = [sys.executable, "-m", "eval", "run", "--cases", str(cases), "--url", url, "--out", str(out)]
        process = subprocess.Popen(command, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)})
        while len(asked) < 4:
            assert process.poll() is None
            time.sleep(0.02)
        with pytest.raises(RunFolderError, match="実行中"):
            open_unfinished_run(out)
        process.send_signal(signal.SIGKILL)
        process.wait()
    rows = (out / "rows.jsonl").read_text("utf-8").rpartition("\n")[0] + "\n"
    kept = rows.count("\n")
    assert 0 < kept < N
    (out / "rows.jsonl").write_text(rows * 2, "utf-8")  # as of two processes that have resumed it at once
    with (out / "rows.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"set": "cases", "case"')  # the line that was being written
    config = json.loads((out / "config.json").read_text("utf-8"))
    config["options"]["url"] = ""
    with answering_server() as (url, asked):
        config["options"]["url"] = url
        (out / "config.json").write_text(json.dumps(config), "utf-8")
        assert main(["run", "--resume", str(out), "--json"]) == 0
    assert len(asked) == N - kept
    assert [row.case.id for row in load_run(out).rows] == [f"case-{n}" for n in range(N)]


def test_only_an_unfinished_run_of_unchanged_cases_is_resumed(cases: Path, tmp_path: Path, settings: Settings) -> None:
    with answering_server() as (url, _):
        execute_run(plan_run(RunOptions(cases=(cases,), url=url, out=tmp_path / "run"), settings))
    with pytest.raises(RunFolderError, match="終わっています"):
        plan_resumed_run(tmp_path / "run", settings)
    (tmp_path / "run" / "figures.json").unlink()
    with pytest.raises(RunFolderError, match="--resume"):
        load_run(tmp_path / "run")
    cases.write_text(make_case(id="new").model_dump_json(), "utf-8")
    with pytest.raises(RunFolderError, match="質問集がそのあと変わりました"):
        plan_resumed_run(tmp_path / "run", settings)


def test_concurrent_questions_give_the_same_rows_in_the_same_order(
    cases: Path, tmp_path: Path, settings: Settings
) -> None:
    runs = []
    with answering_server(after_s=0.01) as (url, _):
        for jobs in (1, 4):
            options = RunOptions(cases=(cases,), url=url, jobs=jobs, out=tmp_path / str(jobs))
            runs.append(execute_run(plan_run(options, settings)))
    assert without_times(runs[0].rows) == without_times(runs[1].rows)


def test_the_config_of_a_run_is_complete_and_has_no_secrets(cases: Path, tmp_path: Path, settings: Settings) -> None:
    with answering_server() as (url, _):
        address = url.replace("http://", "http://me:secret@")
        config = execute_run(plan_run(RunOptions(cases=(cases,), url=address, out=tmp_path / "run"), settings)).config
    assert {"command", "version", "revision", "date", "options", "prompts", "seeds", "sets", "door"} <= config.keys()
    assert {"answer", "easy", "followup"} <= config["prompts"].keys()
    assert config["sets"]["cases"]["digest"]
    assert "secret" not in (tmp_path / "run" / "config.json").read_text("utf-8")


def test_a_configured_model_is_used_with_its_settings() -> None:
    first = LanguageModel(base_url="http://a/v1", model="first", api_key=SecretStr("k1"))
    priced = LanguageModel(base_url="http://b/v1", model="second", api_key=SecretStr("k2"), price="1/2")
    settings = Settings(_env_file=None, llm=(first, priced))
    second = with_language_model("second", settings)
    other = with_language_model("first=http://c/v1", settings)
    assert second.llm == (priced,)
    assert other.llm == (LanguageModel(base_url="http://c/v1", model="first"),)
    assert with_language_model("none", settings).llm == ()
    assert with_language_model(None, settings) == settings
    with pytest.raises(EvalError, match="third"):
        with_language_model("third", settings)


def test_our_time_is_the_time_without_a_model_call() -> None:
    tokens = {"prompt": 1, "completion": 1, "estimated": True}
    spans = [(10.0, 50.0), (30.0, 50.0), (100.0, 20.0)]
    calls = [{"begun_ms": begun, "milliseconds": ms, "tokens": tokens, "cost": None} for begun, ms in spans]
    without = make_row("one", passed=True)
    row = replace(without, observations={"timing": {"ms": 200.0}, "calls": calls})
    assert model_ms(row) == 90.0
    assert non_model_ms(row) == 110.0
    assert model_ms(without) is None
    assert non_model_ms(without) is None


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    case = make_case(kind="not_there", turns=["高山市の図書館の本の貸出期間は?"], behave="abstain")
    (tmp_path / "cases.jsonl").write_text(case.model_dump_json(), "utf-8")
    return library_corpus(tmp_path / "corpus")


@pytest.mark.parametrize(("without", "passed"), [("drop_same_place", 1), ("filter_absent_towns,drop_same_place", 0)])
def test_a_run_can_disable_adjustments(corpus: Path, tmp_path: Path, without: str, passed: int) -> None:
    ended = evaluate_here(
        "run", "--cases", tmp_path / "cases.jsonl", "--corpus", corpus, "--without", without, "--json", folder=tmp_path
    )
    assert json.loads(ended.stdout)["passed"] == passed, ended.stderr


def test_an_unknown_adjustment_is_bad_input(corpus: Path, tmp_path: Path) -> None:
    with pytest.raises(SystemExit):
        evaluate_here("run", "--corpus", corpus, "--without", "nothing", folder=tmp_path)
