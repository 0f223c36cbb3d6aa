"""What a process that answers keeps in memory: nothing large that it has no use for."""

import subprocess
import sys
from pathlib import Path

import pytest

ANSWER = """
import sys
from datetime import date
from bot.answer import Question
from bot.service import open_service
from ingest.settings import Settings
with open_service(Settings(_env_file=None, data=sys.argv[1]), lambda: date(2026, 11, 20)) as service:
    assert service.ask(Question(question="計画期間は?")).status == "answered"
    print(*sys.modules) if sys.argv[2] == "modules" else print(open("/proc/self/maps").read())
"""


def told(corpus_data: Path, what: str) -> str:
    command = [sys.executable, "-c", ANSWER, str(corpus_data), what]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_answering_imports_no_large_library_that_it_does_not_use(corpus_data: Path) -> None:
    """Workers of the API and `bot ask` do without torch, the pages' libraries, LangChain and OpenAI's client."""
    unused = {"torch", "sentence_transformers", "transformers", "onnxruntime", "gradio", "pandas", "langchain_core"}
    assert (unused | {"openai", "sklearn", "scipy"}) & set(told(corpus_data, "modules").split()) == set()


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="only Linux tells what is mapped")
def test_the_large_arrays_of_the_index_stay_on_disk(corpus_data: Path) -> None:
    """Vectors, keyword scores and word order are mapped, so that the system may drop them and processes share them."""
    mapped = told(corpus_data, "maps")
    large = ("vectors", "meanings", "keyword/rows", "keyword/weights", "flow/terms", "lexicon/directions")
    assert not [name for name in large if f"/{name}.npy" not in mapped]
