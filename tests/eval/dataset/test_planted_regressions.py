"""The gate detects every kind of regression planted into a real service."""

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
from tests.bot.server_thread import served
from tests.eval.planted_regressions import CASES, GROUPS, REGRESSIONS, RegressedService

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
def service(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RegressedService]:
    """Yield a service over `corpus/` for planting regressions, with separate records."""
    records = tmp_path_factory.mktemp("records") / "records.sqlite"
    with open_service(Settings(_env_file=None, data=settings.data, database_url=f"sqlite:///{records}")) as opened:
        yield RegressedService(opened)


@pytest.fixture(scope="module")
def url(service: RegressedService) -> Iterator[str]:
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


def compare(good: Path, name: str, gate: str = "gate.toml") -> tuple[int, list[str]]:
    """Compare with the good run; returns the exit status and the shortfalls."""
    with redirect_stdout(StringIO()) as output:
        status = main(["compare", str(good), str(good.parent / name), "--gate", str(good.parent / gate), "--json"])
    return status, json.loads(output.getvalue())["shortfalls"]


@pytest.fixture(scope="module")
def worse(url: str, good: Path, service: RegressedService) -> list[tuple[int, list[str]]]:
    """Return the results of the comparison with each of `GROUPS`."""
    ended = []
    for number, kinds in enumerate(GROUPS):
        service.regressions = [REGRESSIONS[kind] for kind in kinds]
        run(url, good.parent, f"worse-{number}")
        ended.append(compare(good, f"worse-{number}"))
    return ended


@pytest.mark.server
def test_an_unchanged_service_passes_the_gate(url: str, good: Path, service: RegressedService) -> None:
    service.regressions = []
    run(url, good.parent, "same")
    assert compare(good, "same") == (0, [])


@pytest.mark.server
@pytest.mark.parametrize("kind", REGRESSIONS)
def test_each_kind_of_regression_is_detected(kind: str, worse: list[tuple[int, list[str]]]) -> None:
    ended, reasons = next(found for found, kinds in zip(worse, GROUPS, strict=True) if kind in kinds)
    assert ended == 1
    assert any(REGRESSIONS[kind].reason in reason for reason in reasons), reasons


# Real times vary more than a gate may allow, so those of the good run are used, some of them multiplied.
@pytest.mark.server
@pytest.mark.parametrize(
    ("slower", "expected"),
    [
        ((1.0,) * len(CASES), ()),
        ((10.0,) * len(CASES), ("中央値", "95パーセンタイル")),
        ((1.0,) * (len(CASES) - 1) + (200.0,), ("95パーセンタイル",)),
    ],
    ids=["none", "all", "one"],
)
def test_slower_answers_are_detected(
    good: Path, request: pytest.FixtureRequest, slower: Sequence[float], expected: Sequence[str]
) -> None:
    name = f"slower-{request.node.callspec.id}"
    shutil.copytree(good, good.parent / name)
    rows = [json.loads(line) for line in (good / "rows.jsonl").read_text("utf-8").splitlines()]
    for row, times in zip(rows, slower, strict=True):
        row["beside"]["timing"]["ms"] *= times
    (good.parent / name / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n", "utf-8")
    ended, reasons = compare(good, name, "times.toml")
    assert ended == bool(expected)
    assert [next(title for title in ("中央値", "95パーセンタイル") if title in reason) for reason in reasons] == [
        *expected
    ]
