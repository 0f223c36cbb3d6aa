"""The gate finds whatever kind of regression is planted into a service, through its real API."""

import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import pytest

from bot.service import open_service
from eval.__main__ import main
from eval.dataset.case import load_cases
from eval.dataset.sets import project_sets
from eval.scoring.run_record import load_run
from ingest.configuration.settings import Settings
from tests.bot.served import served
from tests.eval.planted import CASES, PLANTS, RUNS, Planting

# No case may be lost, whatever its priority.
GATE = """
[lost]
priority_1 = 0
priority_2 = 0
priority_3 = 0
"""
TIMES = """
[times_baseline]
p50 = 4.0
p95 = 4.0
"""


@pytest.fixture(scope="module")
def service(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Planting]:
    """Yield a service over `corpus/` into which a regression can be planted; its records lie apart."""
    records = tmp_path_factory.mktemp("records") / "records.sqlite"
    with open_service(Settings(_env_file=None, data=settings.data, database_url=f"sqlite:///{records}")) as opened:
        yield Planting(opened)


@pytest.fixture(scope="module")
def url(service: Planting) -> Iterator[str]:
    """Yield the address of its API."""
    with served(service, pages=(), requests_per_minute=100_000) as address:
        yield address


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the cases and the gate."""
    folder = tmp_path_factory.mktemp("planted")
    (own,) = project_sets(["kanazawa"])
    chosen = [case.model_dump_json() for case in load_cases(own.files) if case.id in CASES]
    (folder / "cases.jsonl").write_text("\n".join(chosen), "utf-8")
    (folder / "gate.toml").write_text(GATE, "utf-8")
    (folder / "times.toml").write_text(GATE + TIMES, "utf-8")
    return folder


@pytest.fixture(scope="module")
def good(url: str, folder: Path) -> Path:
    """Return a run in which every case passes; the service has warmed up before."""
    for name in ("warm", "good"):
        assert run(url, folder, name) == 0
    rows = load_run(folder / "good").rows
    assert [row.case.id for row in rows if not row.score.passed] == []
    assert len(rows) == len(CASES)
    return folder / "good"


def run(url: str, folder: Path, name: str) -> int:
    """Ask the server and save the run."""
    return main(["run", "--cases", str(folder / "cases.jsonl"), "--url", url, "--out", str(folder / name), "--json"])


def held(good: Path, name: str, gate: str = "gate.toml") -> tuple[int, list[str]]:
    """Compare with the good run; return the exit status and what keeps the run from the gate."""
    with redirect_stdout(StringIO()) as told:
        ended = main(["compare", str(good), str(good.parent / name), "--gate", str(good.parent / gate), "--json"])
    return ended, json.loads(told.getvalue())["shortfalls"]


@pytest.fixture(scope="module")
def worse(url: str, good: Path, service: Planting) -> list[tuple[int, list[str]]]:
    """Return what the comparison with each of `RUNS` ended with."""
    ended = []
    for number, kinds in enumerate(RUNS):
        service.plants = [PLANTS[kind] for kind in kinds]
        run(url, good.parent, f"worse-{number}")
        ended.append(held(good, f"worse-{number}"))
    return ended


@pytest.mark.server
def test_an_unchanged_service_passes_the_gate(url: str, good: Path, service: Planting) -> None:
    service.plants = []
    run(url, good.parent, "same")
    assert held(good, "same") == (0, [])


@pytest.mark.server
@pytest.mark.parametrize("kind", PLANTS)
def test_each_kind_of_regression_is_detected(kind: str, worse: list[tuple[int, list[str]]]) -> None:
    ended, reasons = next(found for found, kinds in zip(worse, RUNS, strict=True) if kind in kinds)
    assert ended == 1
    assert any(PLANTS[kind].told in reason for reason in reasons), reasons


# What a machine takes for one answer varies more than a gate may: times are those of the good run, some made longer.
@pytest.mark.server
@pytest.mark.parametrize(
    ("slower", "told"),
    [
        ((1.0,) * len(CASES), ()),
        ((10.0,) * len(CASES), ("中央値", "95パーセンタイル")),
        ((1.0,) * (len(CASES) - 1) + (200.0,), ("95パーセンタイル",)),
    ],
    ids=["none", "all", "one"],
)
def test_slower_answers_are_detected(
    good: Path, request: pytest.FixtureRequest, slower: Sequence[float], told: Sequence[str]
) -> None:
    """The median tells of many that are slower, the 95th percentile of a few; neither of the same times."""
    name = f"slower-{request.node.callspec.id}"
    shutil.copytree(good, good.parent / name)
    rows = [json.loads(line) for line in (good / "rows.jsonl").read_text("utf-8").splitlines()]
    for row, times in zip(rows, slower, strict=True):
        row["beside"]["timing"]["ms"] *= times
    (good.parent / name / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n", "utf-8")
    ended, reasons = held(good, name, "times.toml")
    assert ended == bool(told)
    assert [next(title for title in ("中央値", "95パーセンタイル") if title in reason) for reason in reasons] == [*told]
