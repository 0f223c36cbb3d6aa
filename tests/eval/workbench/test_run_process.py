"""The run that a server executes: its end, and what is said of it."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from eval.errors import RunFolderError
from eval.runs.run_plan import RunOptions
from eval.workbench.bench import open_bench
from eval.workbench.page import build_page, router
from eval.workbench.saved_runs import STOPPED, SavedRuns
from ingest.configuration.settings import Settings
from tests.bot.fixed_service import StandIn
from tests.conftest import ROOT
from tests.eval.examples import make_case
from tests.eval.scripted_server import answering_server

PATIENCE_S = 60


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(_env_file=None, data=tmp_path / "var", corpus=ROOT / "corpus")


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    file = tmp_path / "cases.jsonl"
    made = (make_case(id=f"case-{n}", turns=[f"目標{n}は?"]).model_dump_json() for n in range(400))
    file.write_text("\n".join(made), "utf-8")
    return file


@pytest.mark.server
def test_a_run_ends_with_its_server_and_can_be_gone_on_with(cases: Path, settings: Settings) -> None:
    bench = open_bench(StandIn(), settings)
    build_page(bench)
    app = FastAPI()
    app.state.settings = settings
    app.include_router(router)
    with answering_server(after_s=0.05) as (url, asked):
        with TestClient(app):
            bench.running.start(RunOptions(cases=(cases,), url=url))
            wait_for(lambda: len(asked) > 2)
            assert SavedRuns(settings).interrupted() == []
            with pytest.raises(RunFolderError, match="ほかの評価が実行中"):
                bench.running.start(RunOptions(cases=(cases,), url=url))
        assert not bench.running.is_running
        assert bench.running.message == STOPPED
        assert 0 < bench.running.done < bench.running.total == 400
    assert bench.running.folder
    assert SavedRuns(settings).interrupted() == [bench.running.folder.name]


def wait_for(reached: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not reached():
        assert time.monotonic() < deadline
        time.sleep(0.02)
