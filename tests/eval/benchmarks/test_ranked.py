"""Measured queries: figures, halves, and the comparison of two saved runs."""

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from eval.__main__ import main
from eval.benchmarks.ranked import MeasuredQuery, half_for_id, load_ranked, ranked_figures
from eval.errors import RunFolderError
from eval.scoring.run_record import save_run
from eval.storage.run_folder import write_folder
from tests.eval.examples import make_row, make_run


@pytest.mark.parametrize(("query_id", "half"), [("1", "judge"), ("2", "fit"), ("市民-3", "judge")])
def test_the_half_of_a_question_depends_only_on_its_id(query_id: str, half: str) -> None:
    assert half_for_id(query_id) == half


def test_both_halves_are_about_equal() -> None:
    assert 450 < sum(half_for_id(str(number)) == "fit" for number in range(1000)) < 550


ROWS = (
    MeasuredQuery("a", "ごみは?", {"hit@1": 1.0, "mrr": 1.0}, 4.0, {"found": ["x"]}),
    MeasuredQuery("b", "税\u2028は?", {"hit@1": 0.0, "mrr": 0.5}, 8.0),
    MeasuredQuery("c", "無い?", {}),
)


def test_figures_are_means_with_standard_errors() -> None:
    figures = ranked_figures(ROWS)
    assert figures == {
        "n": 2,
        "hit@1": 0.5,
        "hit@1_se": 0.5,
        "mrr": 0.75,
        "mrr_se": 0.25,
        "p50_ms": 6.0,
        "p95_ms": pytest.approx(7.8),
    }


def test_a_metric_is_averaged_over_the_queries_that_have_it() -> None:
    assert ranked_figures([]) == {"n": 0}
    rows = MeasuredQuery("a", "?", {"hit@1": 1.0}), MeasuredQuery("b", "?", {"refused": 0.0})
    figures = ranked_figures(rows)
    assert (figures["n"], figures["hit@1"], figures["refused"]) == (2, 1, 0)


def test_a_run_is_loaded_as_it_was_saved(tmp_path: Path) -> None:
    write_folder(tmp_path / "new" / "run", {"command": "pages"}, map(asdict, ROWS), ranked_figures(ROWS))
    assert load_ranked(tmp_path / "new" / "run") == list(ROWS)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("rows.jsonl", '{"id": "a"}\n'),
        ("rows.jsonl", '["a"]\n'),
        ("rows.jsonl", '{"id": "a", "text": "?", "metrics": {"hit@1": "high"}}\n'),
        ("rows.jsonl", '{"id": "a", "te'),
    ],
)
def test_the_error_for_a_damaged_run_names_its_folder(tmp_path: Path, name: str, text: str) -> None:
    write_folder(tmp_path, {"command": "pages"}, map(asdict, ROWS), {})
    (tmp_path / name).write_text(text, "utf-8")
    with pytest.raises(RunFolderError, match=rf"{tmp_path.name}.*読めません"):
        load_ranked(tmp_path)


Values = dict[str, tuple[float, float]]
BEFORE: Values = {
    "lost": (1.0, 1.0),
    "won a little": (0.0, 0.5),
    "won": (0.0, 0.5),
    "turned": (0.1, 0.7),
    "same": (1.0, 1.0),
    "gone": (1.0, 1.0),
}
AFTER: Values = {
    "lost": (0.0, 0.5),
    "won a little": (0.0, 0.6),
    "won": (1.0, 1.0),
    "turned": (0.3, 0.5),
    "same": (1.0, 1.0),
    "new": (0.0, 0.0),
}


def save(folder: Path, values: Values, command: str = "retrieval", question: str = "?") -> Path:
    """Save a run with recall@10 and ndcg@10 of each query, and a query that has both before and neither after."""
    rows = [MeasuredQuery(name, f"{name}{question}", {"recall@10": r, "ndcg@10": n}) for name, (r, n) in values.items()]
    rows.append(MeasuredQuery("unjudged", "unjudged?", {"recall@10": 1.0, "ndcg@10": 1.0} if values is BEFORE else {}))
    write_folder(folder, {"command": command}, map(asdict, rows), ranked_figures(rows))
    return folder


@pytest.fixture
def runs(tmp_path: Path) -> list[str]:
    return [str(save(tmp_path / "before", BEFORE)), str(save(tmp_path / "after", AFTER))]


def test_queries_are_better_worse_or_mixed_and_metrics_of_both_runs_compared(
    runs: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["compare", *runs, "--json"]) == 0
    output = json.loads(capsys.readouterr().out)
    named = {name: [change["id"] for change in output[name]] for name in ("better", "worse", "mixed")}
    assert named == {"better": ["won", "won a little"], "worse": ["lost"], "mixed": ["turned"]}
    assert output["added"] == ["new"]
    assert output["removed"] == ["gone"]
    assert output["n"] == 6
    assert output["worse"][0]["gains"] == {"recall@10": -1.0, "ndcg@10": -0.5}
    recall = output["metrics"]["recall@10"]
    assert recall["n"] == 5
    assert [recall[name] for name in ("before", "after", "difference")] == pytest.approx([0.42, 0.46, 0.04])
    assert recall["low"] < recall["difference"] < recall["high"]
    assert 0 < recall["p"] <= 1


def test_the_terminal_shows_the_change_of_each_metric_and_query(
    runs: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["compare", *runs]) == 0
    shown = capsys.readouterr().out
    assert "悪くなった問い: 1" in shown
    assert "lost: lost?" in shown
    assert "recall@10 1.000→0.000" in shown
    assert "same" not in shown


def test_runs_of_different_commands_cannot_be_compared(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    save_run(tmp_path / "cases", make_run(make_row("same", passed=True)))
    save(tmp_path / "retrieval", AFTER)
    save(tmp_path / "pages", AFTER, "pages")
    for other in ("cases", "pages"):
        assert main(["compare", str(tmp_path / "retrieval"), str(tmp_path / other)]) == 2
        assert "retrieval" in capsys.readouterr().err


@pytest.mark.parametrize("other", [{"else": (1.0, 1.0)}, AFTER])
def test_runs_of_different_sets_cannot_be_compared(
    tmp_path: Path, other: Values, capsys: pytest.CaptureFixture[str]
) -> None:
    before = save(tmp_path / "before", BEFORE)
    after = save(tmp_path / "after", other, question="!")
    rows = (after / "rows.jsonl").read_text("utf-8").splitlines()
    (after / "rows.jsonl").write_text("".join(f"{row}\n" for row in rows if "unjudged" not in row), "utf-8")
    assert main(["compare", str(before), str(after)]) == 2
    assert "同じ問いで測った評価" in capsys.readouterr().err
