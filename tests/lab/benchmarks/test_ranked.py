import json
from pathlib import Path
from typing import Any

import pytest

from eval.__main__ import main
from eval.storage.run_folder import write_folder
from lab.benchmarks.search import query_figures


def query(name: str, text: str = "?", latency_ms: float = 4.0, **metrics: float) -> dict[str, Any]:
    named = {name.replace("_at_", "@"): value for name, value in metrics.items()}
    return {"id": name, "text": text, "metrics": named, "latency_ms": latency_ms, "details": {}}


def test_figures_are_means_with_standard_errors_over_the_queries_that_have_the_metric() -> None:
    rows = [query("a", hit_at_1=1.0, mrr=1.0), query("b", latency_ms=8.0, hit_at_1=0.0), query("c", latency_ms=8.0)]
    assert query_figures(rows) == {
        "n": 2,
        "hit@1": 0.5,
        "hit@1_se": 0.5,
        "mrr": 1.0,
        "mrr_se": 0.0,
        "p50_ms": 8.0,
        "p95_ms": 8.0,
    }
    assert query_figures([]) == {"n": 0}


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
    rows = [query(name, f"{name}{question}", recall_at_10=r, ndcg_at_10=n) for name, (r, n) in values.items()]
    rows.append(query("unjudged", recall_at_10=1.0, ndcg_at_10=1.0) if values is BEFORE else query("unjudged"))
    write_folder(folder, {"command": command}, rows, query_figures(rows))
    return folder


@pytest.fixture
def runs(tmp_path: Path) -> list[str]:
    return [str(save(tmp_path / "before", BEFORE)), str(save(tmp_path / "after", AFTER))]


def test_queries_are_better_or_worse_by_their_first_metric_and_all_metrics_compared(
    runs: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["compare", *runs, "--json"]) == 0
    output = json.loads(capsys.readouterr().out)
    assert {name: [change["id"] for change in output[name]] for name in ("better", "worse")} == {
        "better": ["won"],
        "worse": ["lost", "unjudged"],
    }
    assert output["added"] == ["new"]
    assert output["removed"] == ["gone"]
    recall = output["metrics"]["recall@10"]
    assert recall["n"] == 5
    assert [recall[name] for name in ("before", "after", "difference")] == pytest.approx([0.42, 0.46, 0.04])
    assert recall["low"] < recall["difference"] < recall["high"]
    assert 0 < recall["p"] <= 1


def test_runs_of_different_sets_cannot_be_compared(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("before", "after"):
        write_folder(tmp_path / name, {"command": "retrieval"}, [query(name, hit_at_1=1.0)], {})
    assert main(["compare", str(tmp_path / "before"), str(tmp_path / "after")]) == 2
    assert "同じ問いで測った評価" in capsys.readouterr().err


@pytest.mark.parametrize("text", ['{"id": "lost", "text": "lost?", "metrics": null}\n', '["a"]\n', '{"id": "a", "te'])
def test_a_damaged_measurement_is_bad_input(
    tmp_path: Path, runs: list[str], text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "after" / "rows.jsonl").write_text(text, "utf-8")
    assert main(["compare", *runs]) == 2
    assert str(tmp_path / "after") in capsys.readouterr().err
