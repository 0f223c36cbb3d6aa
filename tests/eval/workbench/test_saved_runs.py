"""The saved runs in a data folder."""

from pathlib import Path

import pytest

from eval.workbench.saved_runs import SavedRuns
from ingest.configuration.settings import Settings
from tests.eval.examples import make_row
from tests.eval.workbench.workbench_server import save_rows


@pytest.mark.parametrize("figures", ["[]", "[1]", "1", "null", '{"n": 1}', "{"])
def test_a_run_with_broken_figures_is_left_out_of_the_list(tmp_path: Path, figures: str) -> None:
    save_rows(tmp_path, "whole", make_row("a", passed=True))
    save_rows(tmp_path, "broken", make_row("a", passed=True))
    (tmp_path / "eval" / "broken" / "figures.json").write_text(figures, "utf-8")
    assert [run.name for run in SavedRuns(Settings(_env_file=None, data=tmp_path)).all()] == ["whole"]
