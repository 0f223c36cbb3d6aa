"""Figures and storage of a measured set."""

from dataclasses import asdict
from pathlib import Path

import pytest

from eval.benchmarks.ranked import MeasuredQuery, RankedRun, load_ranked, ranked_figures
from eval.errors import RunFolderError
from eval.storage.run_folder import write_folder

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
    rows = MeasuredQuery("a", "?", {"hit@1": 1.0}), MeasuredQuery("b", "?", {"refused": 0.0})
    assert {name: ranked_figures(rows)[name] for name in ("n", "hit@1", "refused")} == {
        "n": 2,
        "hit@1": 1.0,
        "refused": 0.0,
    }


def test_without_rows_there_is_only_n_0() -> None:
    assert ranked_figures([]) == {"n": 0}


def test_a_run_is_loaded_as_it_was_saved(tmp_path: Path) -> None:
    run = RankedRun({"command": "pages"}, ROWS, ranked_figures(ROWS))
    write_folder(tmp_path / "new" / "run", run.config, map(asdict, run.rows), run.figures)
    assert load_ranked(tmp_path / "new" / "run") == run


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("rows.jsonl", '{"id": "a"}\n'),
        ("rows.jsonl", '["a"]\n'),
        ("rows.jsonl", '{"id": "a", "text": "?", "metrics": {"hit@1": "high"}}\n'),
        ("rows.jsonl", '{"id": "a", "te'),
        ("config.json", "{}"),
    ],
)
def test_the_error_for_a_damaged_run_names_its_folder(tmp_path: Path, name: str, text: str) -> None:
    write_folder(tmp_path, {"command": "pages"}, map(asdict, ROWS), {})
    (tmp_path / name).write_text(text, "utf-8")
    with pytest.raises(RunFolderError, match=rf"{tmp_path.name}.*読めません"):
        load_ranked(tmp_path)
