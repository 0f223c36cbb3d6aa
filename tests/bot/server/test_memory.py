"""Tests that a serving process loads no large library without need."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ANSWER = """
import json, pathlib, sys
from datetime import date
from bot.state import Question
from bot.service import open_service
from ingest.configuration.settings import Settings
with open_service(Settings(_env_file=None, data=sys.argv[1]), lambda: date(2026, 11, 20)) as service:
    assert service.ask(Question(question="計画期間は?")).status == "answered"
    maps = pathlib.Path("/proc/self/maps")
    print(json.dumps({"modules": list(sys.modules), "maps": maps.read_text() if maps.exists() else ""}))
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def memory_report(corpus_data: Path, home: Path) -> dict[str, Any]:
    command = [sys.executable, "-c", ANSWER, str(corpus_data)]
    own = {"HOME": str(home), "XDG_CACHE_HOME": str(home / "cache")}
    ended = subprocess.run(command, capture_output=True, text=True, check=True, env={**os.environ, **own})
    held: dict[str, Any] = json.loads(ended.stdout)
    return held


def test_no_library_writes_to_the_home_directory(memory_report: dict[str, Any], home: Path) -> None:
    assert "onnxruntime" in memory_report["modules"]
    assert [path for path in home.rglob("*") if path.is_file()] == []


def test_answering_imports_no_large_library_that_it_does_not_use(memory_report: dict[str, Any]) -> None:
    unused = {"torch", "sentence_transformers", "transformers", "onnx", "gradio", "pandas", "langchain_core"}
    assert (unused | {"openai", "sklearn", "scipy"}) & set(memory_report["modules"]) == set()


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="only Linux tells what is mapped")
def test_the_large_arrays_of_the_index_stay_on_disk(memory_report: dict[str, Any]) -> None:
    large = ("vectors", "meanings", "keyword/rows", "keyword/weights", "flow/terms", "lexicon/directions")
    assert not [name for name in large if f"/{name}.npy" not in memory_report["maps"]]
