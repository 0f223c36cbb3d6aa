"""Builds in real processes that are killed or run out of disk space."""

import os
import shutil
import signal
import subprocess
import sys
import time
from itertools import count
from multiprocessing import get_context
from pathlib import Path

import pytest

from ingest.build.build import build
from ingest.configuration.settings import Settings
from ingest.index.index import current_name, open_index
from tests.ingest.small_corpus import PLAN, REPORT, LetterEncoder, make_corpus, make_settings

ROOT = Path(__file__).parents[3]
# A build whose process may not write a file larger than a given number of bytes: what a full disk does, at that place.
LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]),) * 2)
from ingest.__main__ import main
sys.exit(main(sys.argv[2:]))
"""


def run(code: str, *arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "SHIRUBE_ENCODER": "use-multilingual"}
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def learning(folder: Path) -> Settings:
    """Return settings with which a build goes through every stage."""
    return make_settings(folder, adapt=True)


def killed_at(folder: Path, sign: int) -> int | None:
    """Build in a process that ends itself, as the kernel would, at a sign of progress; return its exit status.

    It is a copy of one that has loaded all it needs: eight times a second of the processor.
    """
    processes = get_context("forkserver")
    processes.set_forkserver_preload([__name__])
    process = processes.Process(target=_build_until, args=(folder, sign))
    process.start()
    process.join()
    return process.exitcode


def _build_until(folder: Path, last: int) -> None:
    signs = count(1)

    def tell(*_: object) -> None:
        if next(signs) == last:
            os.kill(os.getpid(), signal.SIGKILL)

    build(learning(folder), [folder / "corpus"], encoder=LetterEncoder(), progress=tell, full=True)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with an index of the plan in service, and a corpus that has the report since."""
    folder = tmp_path_factory.mktemp("built")
    build(learning(folder), [make_corpus(folder / "corpus", plan=PLAN)], encoder=LetterEncoder())
    make_corpus(folder / "corpus", plan=PLAN, report=REPORT)
    return folder


@pytest.fixture
def settings(built: Path, tmp_path: Path) -> Settings:
    """Return settings over a copy of it."""
    shutil.copytree(built, tmp_path, dirs_exist_ok=True)
    return learning(tmp_path)


def documents(settings: Settings) -> list[str]:
    with open_index(settings) as index:
        assert index.stored_vector_count() == len(index.passages)
        return [document.id for document in index.documents]


# Reading reports twice (two documents), then embedding once, words once, storing once, checking twice.
@pytest.mark.parametrize("moment", range(1, 8), ids=lambda n: f"sign {n}")
def test_a_killed_build_leaves_the_current_index_unchanged(settings: Settings, tmp_path: Path, moment: int) -> None:
    before = current_name(settings)
    assert killed_at(tmp_path, moment) == -signal.SIGKILL
    assert current_name(settings) == before
    assert documents(settings) == ["plan"]
    after = build(settings, [tmp_path / "corpus"], encoder=LetterEncoder()).name
    assert documents(settings) == ["plan", "report"]
    assert {folder.name for folder in (settings.data / "generations").iterdir()} == {before, after}


def test_a_killed_first_build_leaves_no_index(tmp_path: Path) -> None:
    make_corpus(tmp_path / "corpus", plan=PLAN)
    assert killed_at(tmp_path, 4) == -signal.SIGKILL
    settings = learning(tmp_path)
    assert current_name(settings) is None
    build(settings, [tmp_path / "corpus"], encoder=LetterEncoder())
    assert documents(settings) == ["plan"]


def test_a_command_killed_at_any_time_leaves_a_complete_index(tmp_path: Path) -> None:
    """The command as it is used, killed after ever longer times, leaves the old index or the whole new one."""
    corpus = make_corpus(tmp_path / "corpus", plan=PLAN)
    settings = Settings(_env_file=None, data=tmp_path / "var")
    build(settings, [corpus])
    make_corpus(corpus, plan=PLAN, report=REPORT)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "ingest", "build", "--full"]
    for wait in (0.5, 1.0, 1.5, 2.0):
        process = subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.DEVNULL)
        time.sleep(wait)
        process.kill()
        process.wait()
        assert documents(settings) in (["plan"], ["plan", "report"])
    build(settings, [corpus])
    assert documents(settings) == ["plan", "report"]


@pytest.mark.parametrize("limit", [100, 3_000, 20_000, 200_000], ids=lambda n: f"{n} bytes")
def test_a_full_disk_leaves_the_current_index_unchanged(tmp_path: Path, limit: int) -> None:
    corpus = make_corpus(tmp_path / "corpus", plan=PLAN)
    settings = Settings(_env_file=None, data=tmp_path / "var")
    build(settings, [corpus])
    before = current_name(settings)
    make_corpus(corpus, plan=PLAN, report=REPORT)
    done = run(LIMITED, str(limit), "build", "--json", folder=tmp_path)
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    assert done.stderr.startswith("エラー: ")
    assert "空き" in done.stderr
    assert "Traceback" not in done.stderr
    assert documents(settings) == ["plan"]
    assert [folder.name for folder in (settings.data / "generations").iterdir()] == [before]
