import json
import os
import shutil
import signal
import subprocess
import sys
from itertools import count
from multiprocessing import get_context
from pathlib import Path

import pytest

from ingest.build.build import build
from ingest.configuration.settings import Settings
from ingest.index.index import current_name, open_index
from tests.ingest.small_corpus import PLAN, REPORT, LetterEncoder, make_corpus, make_settings

ROOT = Path(__file__).parents[3]
LIMITS = (100, 3_000, 20_000, 200_000)
# Builds that may not write a file larger than a number of bytes: what a full disk does, at that place. One process
# tries all limits, because its imports take longer than a build.
LIMITED = """
import json, os, resource, sys
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from ingest.__main__ import main
for limit in map(int, sys.argv[1:]):
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    with redirect_stdout(StringIO()) as printed, redirect_stderr(StringIO()) as complaint:
        status = main(["build", "--json"])
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
    print(json.dumps([status, printed.getvalue(), complaint.getvalue(), os.listdir("var/generations")]))
"""


def learning(folder: Path) -> Settings:
    return make_settings(folder, adapt=True)


def killed_at(folder: Path, sign: int) -> int | None:
    processes = get_context("forkserver")
    processes.set_forkserver_preload([__name__])
    process = processes.Process(target=_build_until, args=(folder, sign))
    process.start()
    process.join()
    return process.exitcode


def _build_until(folder: Path, last: int) -> None:
    signs = count(1)

    def report_progress(*_: object) -> None:
        if next(signs) == last:
            os.kill(os.getpid(), signal.SIGKILL)

    build(learning(folder), [folder / "corpus"], encoder=LetterEncoder(), progress=report_progress, full=True)


@pytest.fixture(scope="module")
def two_builds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("built")
    build(learning(folder), [make_corpus(folder / "corpus", plan=PLAN)], encoder=LetterEncoder())
    make_corpus(folder / "corpus", plan=PLAN, report=REPORT)
    return folder


@pytest.fixture
def settings(two_builds: Path, tmp_path: Path) -> Settings:
    shutil.copytree(two_builds, tmp_path, dirs_exist_ok=True)
    return learning(tmp_path)


def documents(settings: Settings) -> list[str]:
    with open_index(settings) as index:
        assert index.stored_vector_count() == len(index.passages)
        return [document.id for document in index.documents]


# Reading reports twice (two documents), then embedding once, words once, storing once, checking twice.
@pytest.mark.parametrize("moment", range(1, 8, 2), ids=lambda n: f"sign {n}")
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


def test_a_full_disk_leaves_the_current_index_unchanged(tmp_path: Path) -> None:
    corpus = make_corpus(tmp_path / "corpus", plan=PLAN)
    settings = Settings(_env_file=None, data=tmp_path / "var", encoder="shirube-words")
    build(settings, [corpus])
    before = current_name(settings)
    make_corpus(corpus, plan=PLAN, report=REPORT)
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "SHIRUBE_ENCODER": "shirube-words",
        "PYTHONDONTWRITEBYTECODE": "1",  # the limit would truncate compiled modules
    }
    command = [sys.executable, "-c", LIMITED, *map(str, LIMITS)]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    assert "Traceback" not in done.stderr
    builds = [json.loads(line) for line in done.stdout.splitlines()]
    assert [build[:2] + build[3:] for build in builds] == [[2, "", [before]]] * len(LIMITS)
    assert all(message.startswith("エラー: ") and "空き" in message for _, _, message, _ in builds)
    assert not any("Traceback" in message for _, _, message, _ in builds)
    assert documents(settings) == ["plan"]
