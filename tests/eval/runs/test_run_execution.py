"""Runs: resuming and concurrency."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from eval.__main__ import main
from eval.errors import RunFolderError
from eval.runs.run_execution import execute_run, open_unfinished_run, plan_resumed_run, plan_run
from eval.runs.run_plan import RunOptions
from eval.scoring.run_record import RunRow, load_run
from ingest.configuration.settings import Settings
from tests.conftest import without_records
from tests.eval.answering_server import answering_server
from tests.eval.eval_command import ROOT
from tests.eval.examples import make_case

N = 12


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    """Return a file of cases that are asked one by one."""
    file = tmp_path / "cases.jsonl"
    made = (make_case(id=f"case-{n}", turns=[f"目標{n}は?"]).model_dump_json() for n in range(N))
    file.write_text("\n".join(made), "utf-8")
    return file


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Return settings over a data folder of its own."""
    return Settings(_env_file=None, data=tmp_path / "var")


def without_times(rows: tuple[RunRow, ...]) -> list[dict[str, Any]]:
    """Return what of the rows does not depend on the moment."""
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


def test_the_error_for_an_unfinished_run_says_how_to_resume_it(cases: Path, tmp_path: Path, settings: Settings) -> None:
    with answering_server() as (url, _):
        execute_run(plan_run(RunOptions(cases=(cases,), url=url, out=tmp_path / "run"), settings))
    with pytest.raises(RunFolderError, match="終わっています"):
        plan_resumed_run(tmp_path / "run", settings)
    (tmp_path / "run" / "figures.json").unlink()
    with pytest.raises(RunFolderError, match="--resume"):
        load_run(tmp_path / "run")


def test_a_run_with_changed_cases_is_not_resumed(cases: Path, tmp_path: Path, settings: Settings) -> None:
    with answering_server() as (url, _):
        execute_run(plan_run(RunOptions(cases=(cases,), url=url, out=tmp_path / "run"), settings))
    (tmp_path / "run" / "figures.json").unlink()
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


@pytest.mark.server
def test_several_processes_give_the_same_rows_as_one(tmp_path: Path, corpus_data: Path) -> None:
    data = without_records(corpus_data, tmp_path / "data")
    file = tmp_path / "cases.jsonl"
    questions = {"a": "プラン2.0の都市像は何という名前ですか?", "b": "プラン2.0の行動指針を全部教えてください。"}
    made = (make_case(id=name, turns=[question]).model_dump_json() for name, question in questions.items())
    file.write_text("\n".join(made), "utf-8")
    runs = []
    for jobs in ("1", "2"):
        out = tmp_path / jobs
        main(["run", "--cases", str(file), "--data", str(data), "--jobs", jobs, "--out", str(out), "--json"])
        rows = load_run(out).rows
        runs.append([(row.case.id, row.answer and (row.answer["answer"], row.answer["citations"])) for row in rows])
        assert all({"confidence", "searched", "timing"} <= row.observations.keys() for row in rows)
    assert runs[0] == runs[1]
    assert not list(data.glob("shirube.sqlite*"))


def test_the_config_of_a_run_is_complete_and_has_no_secrets(cases: Path, tmp_path: Path, settings: Settings) -> None:
    with answering_server() as (url, _):
        address = url.replace("http://", "http://me:secret@")
        config = execute_run(plan_run(RunOptions(cases=(cases,), url=address, out=tmp_path / "run"), settings)).config
    assert {"command", "version", "revision", "date", "options", "prompts", "seeds", "sets", "door"} <= config.keys()
    assert {"answer", "easy", "followup"} <= config["prompts"].keys()
    assert config["sets"]["cases"]["digest"]
    assert "secret" not in (tmp_path / "run" / "config.json").read_text("utf-8")
