"""`python -m eval retrieval`, from a set to its figures."""

import json
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from eval.__main__ import main
from eval.benchmarks.ranked import half_for_id, load_ranked
from eval.benchmarks.retrieval import retrieval_metrics
from tests.eval.beir_files import NOTHING, write_beir
from tests.eval.eval_command import evaluate_here


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, CompletedProcess[str]]:
    """Measure the tiny set once; return the folder it was done in and the ended command."""
    folder = tmp_path_factory.mktemp("retrieval")
    beir = write_beir(folder / "set")
    return folder, evaluate_here(
        "retrieval", "--beir", beir, "--split", "dev", "--out", folder / "run", "--json", folder=folder
    )


@pytest.fixture
def figures(measured: tuple[Path, CompletedProcess[str]]) -> dict[str, Any]:
    """Return what was output on stdout, which is one JSON value."""
    assert measured[1].returncode == 0, measured[1].stderr
    output: dict[str, Any] = json.loads(measured[1].stdout)
    return output


def test_the_figures_are_those_of_the_judged_queries(figures: dict[str, Any]) -> None:
    assert figures["n"] == 3
    assert figures["recall@1"] == pytest.approx(2.5 / 3)
    assert figures["recall@5"] == 1
    assert figures["recall@10"] == 1
    assert figures["mrr@10"] == 1
    assert figures["ndcg@10"] == pytest.approx((0.859719 + 2) / 3, abs=1e-6)
    assert figures["recall@1_se"] == pytest.approx(1 / 6)
    assert 0 < figures["p50_ms"] <= figures["p95_ms"]


def test_figures_are_reported_for_both_halves_too(figures: dict[str, Any]) -> None:
    wanted = [half_for_id(query_id) for query_id in ("fee?", "library?", "marriage?")]
    assert {half: output["n"] for half, output in figures["halves"].items()} == {
        "fit": wanted.count("fit"),
        "judge": wanted.count("judge"),
    }


def test_the_saved_run_lists_the_hits_of_each_query(
    measured: tuple[Path, CompletedProcess[str]], figures: dict[str, Any]
) -> None:
    run = load_ranked(measured[0] / "run")
    first, *_, nothing = run.rows
    ranked = [found["id"] for found in first.details["ranked"]]
    scores = [found["score"] for found in first.details["ranked"]]
    assert ranked[:2] == ["fee", "order"]
    assert scores == sorted(scores, reverse=True)
    assert first.details["grades"] == {"fee": 1, "order": 2}
    assert first.metrics == retrieval_metrics(ranked, {"fee": 1, "order": 2})
    assert first.latency_ms is not None
    assert nothing.id == "tram?"
    assert nothing.metrics == {}
    assert run.figures == {name: value for name, value in figures.items() if name != "out"}
    assert run.config["command"] == "retrieval"
    assert run.config["split"] == "dev"
    assert run.config["half"] == "all"
    assert {"version", "date", "settings", "beir", "limit"} <= run.config.keys()


def test_an_entry_without_title_or_text_is_found_by_the_other(
    measured: tuple[Path, CompletedProcess[str]],
) -> None:
    rows = {row.id: [found["id"] for found in row.details["ranked"]] for row in load_ranked(measured[0] / "run").rows}
    assert rows["library?"][0] == "library"
    assert rows["marriage?"][0] == "marriage"
    assert all("empty" not in ranked for ranked in rows.values())


def test_a_measurement_leaves_no_files(measured: tuple[Path, CompletedProcess[str]]) -> None:
    assert sorted(path.name for path in measured[0].iterdir()) == ["run", "set"]


def test_the_selected_half_is_measured_up_to_the_limit(tmp_path: Path) -> None:
    beir = write_beir(tmp_path / "set")
    half = half_for_id("fee?")
    chosen = "--half", half, "--limit", "1", "--out", tmp_path / "run"
    ended = evaluate_here("retrieval", "--beir", beir, "--split", "dev", *chosen, folder=tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert "ndcg@10" in ended.stdout
    run = load_ranked(tmp_path / "run")
    assert [row.id for row in run.rows] == ["fee?"]
    assert "halves" not in run.figures


def test_a_half_without_queries_is_bad_input(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    beir = write_beir(tmp_path / "set", qrels=[NOTHING])
    other = {"fit": "judge", "judge": "fit"}[half_for_id("tram?")]
    assert main(["retrieval", "--beir", str(beir), "--split", "dev", "--half", other]) == 2
    assert "--half all" in capsys.readouterr().err


@pytest.mark.parametrize("wrong", [["--limit", "0"], ["--limit", "x"], ["--half", "third"], ["--split"]])
def test_wrong_use_exits_with_2(wrong: list[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(["retrieval", "--beir", "none", "--split", "dev", *wrong])
    assert exit_.value.code == 2
