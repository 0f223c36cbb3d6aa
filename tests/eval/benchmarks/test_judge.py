"""A language model as judge, and its agreement with people."""

import json
from pathlib import Path

import pytest

from eval.__main__ import main
from eval.benchmarks.llm_judge import read_verdict
from eval.scoring import judgements as workbench
from eval.scoring.judgements import CRITERION_NAMES, CaseKey, Marks
from eval.scoring.run_record import load_run, save_run
from eval.workbench.verdict_store import VerdictStore
from ingest.configuration.environment import read_settings
from tests.bot.model_server import ModelServer, Request, says
from tests.eval.examples import make_row, make_run

GOOD = '{"correctness": 5, "grounds": 4, "clarity": 3, "reason": "目標値が合っている。"}'


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of a saved run of two cases, in a data folder of its own."""
    monkeypatch.setenv("SHIRUBE_DATA", str(tmp_path))
    folder = tmp_path / "eval" / "run"
    rows = [make_row("right", passed=True), make_row("wrong", passed=False, text="目標値は999人です[1]。")]
    for row in rows:
        assert row.answer is not None
        row.answer["answer_id"] = row.case.id
        row.answer["citations"][0] |= {"quote": "目標値 1,500人", "passage_id": "p"}
    save_run(folder, make_run(*rows))
    return folder


def judge_command(folder: Path, server: ModelServer, *more: str) -> list[str]:
    """Return the command that has the run judged by the server."""
    return ["judge", str(folder), "--openai", server.url, "--model", "judge-1", *more]


def marks_by_answer(request: Request) -> str:
    """Judge the answer with the wrong figure worse."""
    return GOOD.replace("5", "1") if "999人" in request["messages"][-1]["content"] else GOOD


@pytest.mark.parametrize(
    "reply",
    [
        "5点です。",
        f"採点します。{GOOD}",
        f"```json\n{GOOD}\n```",
        GOOD.replace("5", "6"),
        GOOD.replace("5", '"5"'),
        GOOD.replace("5", "4.5"),
        GOOD.replace('"clarity": 3, ', ""),
        GOOD.replace('"reason"', '"why"'),
        "",
    ],
)
def test_a_reply_in_another_form_is_not_a_verdict(reply: str) -> None:
    assert read_verdict(reply) is None


def test_a_reply_in_the_requested_form_is_a_verdict() -> None:
    verdict = read_verdict(f"\n{GOOD}\n")
    assert verdict is not None
    assert verdict.correctness == 5
    assert verdict.grounds == 4
    assert verdict.clarity == 3


def test_verdicts_are_stored_in_rows_and_figures(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with ModelServer(says(marks_by_answer)) as server:
        assert main(judge_command(run, server, "--json")) == 0
    output = json.loads(capsys.readouterr().out)
    assert output["n"] == 2
    assert output["no_verdict"] == 0
    assert output["judged_correctness"] == 3
    assert output["judged_correctness_n"] == 2
    saved = load_run(run)
    assert [row.observations["verdict"]["marks"]["correctness"] for row in saved.rows] == [5, 1]
    assert saved.rows[0].observations["verdict"]["reason"] == "目標値が合っている。"
    assert saved.config["judge"]["model"] == "judge-1"
    assert saved.figures["judged_grounds"] == 4


def test_the_judge_gets_question_conditions_answer_and_sources_as_data(run: Path) -> None:
    with ModelServer(says(GOOD)) as server:
        main(judge_command(run, server, "--sample", "1"))
    (request,) = server.requests
    asked = request["messages"][-1]["content"]
    for words in ("目標は何人ですか?", "次のどれか1つを含む: 1,500人", "[1] KPI達成状況", "目標値 1,500人"):
        assert words in asked


def test_an_invalid_reply_is_no_verdict_and_is_requested_again_next_time(
    run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with ModelServer(says(lambda request: "わかりません" if "999人" in str(request) else GOOD)) as server:
        main(judge_command(run, server, "--json"))
        output = json.loads(capsys.readouterr().out)
        assert output["n"] == 2
        assert output["no_verdict"] == 1
        assert output["judged_correctness_n"] == 1
        first = len(server.requests)
        main(judge_command(run, server, "--json"))
        assert [("999人" in str(request)) for request in server.requests[first:]] == [True]


def test_the_model_and_people_use_the_same_criteria() -> None:
    assert workbench.CRITERION_NAMES == CRITERION_NAMES


def test_agreement_with_people_is_computed_by_criterion(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    verdicts = VerdictStore(read_settings())
    for scorer in ("甲", "乙"):
        verdicts.score("run", CaseKey("own", "right"), "right", scorer, Marks(5, 4, 3))
        verdicts.score("run", CaseKey("own", "wrong"), "wrong", scorer, Marks(1, 4, 3))
    verdicts.close()
    with ModelServer(says(marks_by_answer)) as server:
        main(judge_command(run, server, "--json"))
    agreed = json.loads(capsys.readouterr().out)["agreement"]
    assert agreed["correctness"]["kappa"] == 1
    assert agreed["correctness"]["n"] == 4
    assert agreed["grounds"]["kappa"] is None


def test_without_marks_of_people_the_table_says_that_agreement_is_unknown(
    run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with ModelServer(says(GOOD)) as server:
        assert main(judge_command(run, server)) == 0
    shown = capsys.readouterr().out
    assert "5.00±0.00" in shown
    assert "どれだけ当てになるか分かりません" in shown


def test_a_judge_without_any_verdict_is_an_error_and_leaves_the_run_unchanged(
    run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = load_run(run)
    # One answer: for a second one the judge would wait until a server that failed may be tried again.
    nowhere = ["judge", str(run), "--sample", "1", "--openai", "http://127.0.0.1:9/v1", "--model", "x"]
    assert main(nowhere) == 2
    assert "URL とモデルの名前" in capsys.readouterr().err
    with ModelServer(says("はい")) as server:
        assert main(judge_command(run, server)) == 2
    assert load_run(run) == before
