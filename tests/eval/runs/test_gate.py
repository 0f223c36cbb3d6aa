import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import pytest

from eval.__main__ import main
from eval.errors import RunFolderError
from eval.metrics.run_metrics import run_figures
from eval.metrics.statistics import compute_mean, mcnemar
from eval.runs.release_gate import (
    GATE,
    GateRequirements,
    ReleaseGate,
    find_shortfalls,
    load_gate,
    make_baseline,
)
from eval.runs.run_comparison import compare_runs, comparison_json
from eval.runs.run_execution import execute_run, plan_run
from eval.runs.run_plan import RunOptions
from eval.scoring.run_record import Run, RunRow, load_run, save_run
from eval.scoring.score import score_answer
from ingest.configuration.settings import Settings
from tests.eval.examples import CITE, make_answer, make_case, make_row, make_run
from tests.eval.scripted_server import answering_server, scripted_server


def test_cases_are_sorted_by_their_change() -> None:
    before = make_run(
        make_row("won", passed=False),
        make_row("lost", passed=True),
        make_row("said-anew", passed=True),
        make_row("same", passed=True),
        make_row("gone", passed=True),
    )
    after = make_run(
        make_row("won", passed=True),
        make_row("lost", passed=False),
        make_row("said-anew", passed=True, text="1,500人が目標です[1]。"),
        make_row("same", passed=True),
        make_row("new", passed=False),
    )
    result = comparison_json(compare_runs(before, after))
    assert [change["id"] for change in result["better"]] == ["won"]
    assert [change["id"] for change in result["worse"]] == ["lost"]
    assert [change["id"] for change in result["reworded"]] == ["said-anew"]
    assert result["added"] == ["new"]
    assert result["removed"] == ["gone"]
    assert result["rate"] == {"before": 0.8, "after": 0.6}


@pytest.mark.parametrize(("gained", "lost", "p"), [(0, 0, 1), (1, 1, 1), (0, 1, 1), (0, 6, 2 / 64), (2, 8, 112 / 1024)])
def test_mcnemar_is_the_exact_binomial_test(gained: int, lost: int, p: float) -> None:
    assert mcnemar(gained, lost) == pytest.approx(p)


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    def run(*, passed: bool) -> Run:
        urgent = make_row("urgent", passed=passed)
        other = make_row("other", passed=passed)
        rows = (
            replace(urgent, case=urgent.case.model_copy(update={"priority": 1})),
            replace(other, case=other.case.model_copy(update={"priority": 3})),
            make_row("same", passed=True),
        )
        return make_run(*rows)

    save_run(tmp_path / "before", run(passed=True))
    save_run(tmp_path / "after", run(passed=False))
    return tmp_path


def test_the_comparison_exits_with_1_below_the_gate(saved: Path, capsys: pytest.CaptureFixture[str]) -> None:
    gate = saved / "gate.toml"
    gate.write_text("may_fall_se = 9.0\n", "utf-8")
    command = ["compare", str(saved / "before"), str(saved / "after"), "--gate", str(gate), "--json"]
    assert main(command) == 1
    (reason,) = json.loads(capsys.readouterr().out)["shortfalls"]
    assert reason.startswith("own: urgent: ")
    gate.write_text("", "utf-8")
    assert main(command) == 1
    assert len(json.loads(capsys.readouterr().out)["shortfalls"]) == 3
    assert main(command[:3]) == 0
    assert "McNemar" in capsys.readouterr().out


@pytest.mark.parametrize(("verdicts", "se"), [([*range(100)], 0.04), ([*range(100), *range(100)], 0.04), ([], 0)])
def test_a_question_over_two_corpora_counts_once_for_the_standard_error(verdicts: list[int], se: float) -> None:
    assert compute_mean((str(i), float(i < 80)) for i in verdicts).se == pytest.approx(se)


def rows_of(*answers: RunRow) -> dict[str, object]:
    result = run_figures(answers)
    return {name: (result[name], result[f"{name}_n"]) for name in result if f"{name}_n" in result}


def answered(
    case_id: str, *, status: str = "answered", due: bool = True, cite: str = CITE, force: bool = True
) -> RunRow:
    case = make_case(id=case_id, cite=[CITE]) if due else make_case(id=case_id, behave="abstain")
    answer = make_answer(status=status, cite=cite)
    for citation in answer["citations"]:
        citation["in_force"] = force
    return RunRow(case, answer, score_answer(case, answer), "own")


def test_right_and_wrong_declining_are_counted_separately() -> None:
    rates = rows_of(
        answered("right"),
        answered("lost", status="no_answer"),
        answered("asked-back", status="clarify"),
        answered("declined", status="out_of_scope", due=False),
        answered("made-up", due=False),
    )
    assert rates["answered_right"] == (pytest.approx(1 / 3), 3)
    assert rates["wrongly_declined"] == (pytest.approx(1 / 3), 3)
    assert rates["declined_where_due"] == (0.5, 2)


def held_by(run: Run) -> ReleaseGate:
    return ReleaseGate(GateRequirements(), make_baseline(run))


def run_of(text: str) -> Run:
    made = []
    for name in text.split():
        of, _, case_id = name[:-1].rpartition(":")
        row = make_row(case_id, passed=name[-1] == "+", kind=case_id.partition(".")[2] or "table", of=of or "own")
        priority: Literal[1, 2] = 1 if case_id.startswith("urgent") else 2
        made.append(replace(row, case=row.case.model_copy(update={"priority": priority})))
    return make_run(*made)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("a+ b-", "a+ b-", []),
        ("a+ b-", "a+ b+", []),
        ("a+ b-", "a- b+", []),
        ("urgent+ b-", "urgent- b+", ["own: urgent: 基準では合格、今回は不合格(優先度1。「1,500人」のどれも無い)"]),
        ("a+ b+", "a+", ["own: b: 基準で合格した問いが実行されていません"]),
        (
            "a+ b-",
            "a+ b- c-",
            ["own: 全体: 合格 1/3 が基準 1/2 を下回りました", "own: table: 合格 1/3 が基準 1/2 を下回りました"],
        ),
        (
            "a+ b.list+",
            "a+ b.list+ c+ d.list-",
            ["own: 全体: 合格 3/4 が基準 2/2 を下回りました", "own: list: 合格 1/2 が基準 1/1 を下回りました"],
        ),
        ("a+ b.list-", "a+", ["own: list: 問いが1つも実行されていません(基準 0/1)"]),
        ("first:a+ second:b+", "first:a+", ["second: 評価されていません"]),
        (
            "first:a+ second:a-",
            "first:a- second:a+",
            ["first: 全体: 合格 0/1 が基準 1/1 を下回りました", "first: table: 合格 0/1 が基準 1/1 を下回りました"],
        ),
    ],
)
def test_what_fell_below_the_baseline_is_reported(before: str, after: str, expected: list[str]) -> None:
    assert list(find_shortfalls(run_of(after), held_by(run_of(before)))) == expected


def test_a_statement_that_its_sources_no_longer_support_is_reported() -> None:
    def run(*wrong: str) -> Run:
        row = make_row("a", passed=True)
        return make_run(replace(row, observations={"statements": [{"text": "文", "wrong": list(wrong)}]}))

    shortfalls = find_shortfalls(run("「5人」は出典にありません"), held_by(run()))
    assert shortfalls == ("own: a: 出典に支えられない文がある(「5人」は出典にありません)",)


def test_the_committed_gate_is_valid() -> None:
    assert load_gate(GATE).baseline


def saved_run(folder: Path, *rows: RunRow) -> str:
    save_run(folder, make_run(*rows))
    return str(folder)


def golden(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any]]:
    capsys.readouterr()
    status = main(["golden", *arguments, "--json"])
    return status, json.loads(capsys.readouterr().out)


def test_only_changed_answers_are_shown_with_their_differences(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    same = make_row("same", passed=True, of="kanazawa")
    before = saved_run(tmp_path / "a", same, make_row("moved", passed=True, of="kanazawa", text="前の文[1]。"))
    after = saved_run(tmp_path / "b", same, make_row("moved", passed=True, of="kanazawa", text="後の文[1]。"))
    kept = ("--golden", str(tmp_path / "golden"))
    assert golden(capsys, before, *kept, "--accept") == (0, {"accepted": 2, "golden": str(tmp_path / "golden")})
    assert golden(capsys, before, *kept, "--strict")[0] == 0
    status, shown = golden(capsys, after, *kept, "--strict")
    assert status == 1
    assert [(one["id"], one["diff"]) for one in shown["differences"]] == [("moved", "-前の文[1]。\n+後の文[1]。")]
    assert golden(capsys, after, *kept)[0] == 0


def test_answers_about_external_documents_are_stored_as_digests(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = ("--golden", str(tmp_path / "golden"))
    before = saved_run(tmp_path / "a", make_row("one", passed=True, of="sources", text="市の文書の言葉[1]。"))
    after = saved_run(tmp_path / "b", make_row("one", passed=True, of="sources", text="ほかの言葉[1]。"))
    golden(capsys, before, *kept, "--accept")
    assert "市の文書" not in (tmp_path / "golden" / "sources.jsonl").read_text("utf-8")
    assert [one["diff"] for one in golden(capsys, after, *kept)[1]["differences"]] == [""]


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
