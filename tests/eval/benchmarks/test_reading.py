"""`python -m eval reading`, from a SQuAD file to figures."""

import json
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from eval.benchmarks.ranked import load_ranked
from eval.benchmarks.reading import SquadQuestion, reading_metrics
from tests.eval.benchmarks.test_squad import article, question, write
from tests.eval.eval_command import evaluate_here

FERRY = "渡し船は1923年6月に町が始めた。初代の船長は山田太郎である。"
LIBRARY = "図書館は1987年に開館した。蔵書は12万冊で、館長は鈴木花子が務める。"
QUESTIONS = (
    question("started", "渡し船が始まったのはいつですか。", "1923年6月", "1923年"),
    question("captain", "渡し船の初代の船長は誰ですか。", "山田太郎"),
    question("books", "図書館の蔵書は何冊ですか。", "12万冊"),
    question("wrong", "図書館の館長は誰ですか。", "佐藤次郎"),
)


def write_set(folder: Path) -> Path:
    return write(folder, article("船", (FERRY, list(QUESTIONS[:2]))), article("本", (LIBRARY, list(QUESTIONS[2:]))))


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, CompletedProcess[str]]:
    """Measure the tiny set once; return the saved run and the ended command."""
    folder = tmp_path_factory.mktemp("reading")
    out = folder / "run"
    return out, evaluate_here("reading", "--squad", write_set(folder), "--out", out, "--json", folder=folder)


def test_the_figures_have_the_names_of_the_contract(measured: tuple[Path, CompletedProcess[str]]) -> None:
    assert measured[1].returncode == 0, measured[1].stderr
    output = json.loads(measured[1].stdout)
    assert output["n"] == 4
    assert output["passage_hit@1"] == 1
    assert output["passage_hit@5"] == 1
    assert output["contained"] == 0.75
    assert 0 <= output["em"] <= output["f1"] <= output["contained"]
    assert output["contained_se"] == pytest.approx(0.25)
    assert {"em_se", "f1_se"} <= output.keys()
    assert 0 < output["p50_ms"] <= output["p95_ms"]
    assert sum(half["n"] for half in output["halves"].values()) == 4


def test_the_saved_run_lists_each_answer_with_the_true_ones(measured: tuple[Path, CompletedProcess[str]]) -> None:
    run = load_ranked(measured[0])
    assert run.command == "reading"
    row = next(row for row in run.rows if row.id == "started")
    assert "1923年6月" in row.details["span"]
    assert row.details["span"] in row.details["answer"]
    assert len(row.details["answer"]) <= 120
    assert row.details["true"] == ["1923年6月", "1923年"]
    assert row.details["found"][0] == "0"


def test_a_half_and_a_number_of_questions_can_be_selected(tmp_path: Path) -> None:
    ended = evaluate_here(
        "reading", "--squad", write_set(tmp_path), "--limit", "1", "--half", "fit", "--json", folder=tmp_path
    )
    output = json.loads(ended.stdout)
    assert output["n"] == 1
    assert "halves" not in output


def test_an_invalid_file_exits_with_2(tmp_path: Path) -> None:
    (tmp_path / "set.json").write_text("[]", "utf-8")
    ended = evaluate_here("reading", "--squad", tmp_path / "set.json", folder=tmp_path)
    assert ended.returncode == 2
    assert ended.stderr.startswith("エラー:")
    assert ended.stdout == ""


def test_the_right_passage_counts_by_its_rank() -> None:
    asked = SquadQuestion("1", "いつ?", ("1923年",), 3)
    values = reading_metrics(["7", "3"], "3", "船は1923年から。", "1923年から", asked)
    assert values == {
        "passage_hit@1": 0,
        "passage_hit@5": 1,
        "contained": 1,
        "em": 0,
        "f1": pytest.approx(2 * 5 / 12),
    }
    assert reading_metrics(["1", "2", "4", "5", "6", "3"], "3", "", "", asked)["passage_hit@5"] == 0
