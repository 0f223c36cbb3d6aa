import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import pytest
from tokenizers import Tokenizer

from bot.answering.llm.chat_model import Task
from bot.answering.llm.gguf import LocalModel
from bot.answering.model_answers.generate import Generator
from bot.errors import ModelError
from ingest.configuration.settings import Settings
from tests.conftest import ROOT
from tests.tiny_gguf import tokenizer, write_gguf

pytest_plugins = ["tests.bot.city_index"]
pytest.importorskip("xllamacpp", reason="the extra local-llm is not installed: make test-model")
pytestmark = pytest.mark.model

SAID = "目標は5,000本です[1]。"
PATIENCE_S = 60


@pytest.fixture(scope="session")
def bpe() -> Tokenizer:
    corpus = "\n".join(file.read_text("utf-8") for file in sorted((ROOT / "corpus").glob("*.md")))
    return tokenizer(f"{corpus}\n{SAID * 500}")


@pytest.fixture(scope="session")
def noise(bpe: Tokenizer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("gguf") / "noise.gguf"
    write_gguf(file, bpe)
    return file


@pytest.fixture
def running(noise: Path) -> Iterator[LocalModel]:
    with closing(LocalModel(noise)) as model:
        assert model.is_loaded.wait(PATIENCE_S)
        yield model


def call(model: LocalModel, path: str, content: Any, key: str | None = None) -> Any:
    url = f"{model.model.base_url.removesuffix('/v1')}{path}"
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {key or model.model.key}"}
    request = urllib.request.Request(url, json.dumps(content).encode(), headers)
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=PATIENCE_S) as answer:
        return json.load(answer)


def ends(pid: int) -> bool:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False


def generator(file: Path, seconds: float = PATIENCE_S) -> Generator:
    made = Generator(Settings(_env_file=None, llm_gguf=file, llm_timeout_s=seconds))
    made.wait_until_ready(PATIENCE_S)
    return made


def test_words_come_as_they_are_made(noise: Path) -> None:
    with closing(generator(noise)) as made:
        stream = Task("easy", made.chat).stream(text="計画の期間")
        assert stream.model == "noise"
        assert all(next(stream.pieces) for _ in range(5))


def test_the_time_limit_holds(noise: Path) -> None:
    with closing(generator(noise, 0.4)) as made:
        begun = time.monotonic()
        with pytest.raises(ModelError):
            Task("easy", made.chat).reply(text="計画" * 1000)
        assert time.monotonic() - begun < 1.5


def test_other_machines_and_callers_without_the_key_are_refused(running: LocalModel) -> None:
    assert running.model.base_url.startswith("http://127.0.0.1:")
    with pytest.raises(HTTPError, match="401"):
        call(running, "/tokenize", {"content": "計画"}, key="another")


def test_it_is_started_again(running: LocalModel) -> None:
    first = running.pid
    os.kill(first, signal.SIGKILL)
    deadline = time.monotonic() + PATIENCE_S
    while running.pid == first and time.monotonic() < deadline:
        time.sleep(0.05)
    assert running.is_loaded.wait(PATIENCE_S)
    assert call(running, "/tokenize", {"content": "計画"})["tokens"]


def test_the_process_ends_with_its_parent(noise: Path) -> None:
    code = f"""
import time
from pathlib import Path
from bot.answering.llm.gguf import LocalModel
model = LocalModel(Path({str(noise)!r}))
assert model.is_loaded.wait({PATIENCE_S})
print(model.pid, flush=True)
time.sleep(600)
"""
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True) as starter:
        assert starter.stdout is not None
        pid = int(starter.stdout.readline())
        starter.kill()
    assert ends(pid)


def test_an_unloadable_file_ends_only_its_process(
    noise: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    unknown = tmp_path / "unknown.gguf"
    unknown.write_bytes(noise.read_bytes().replace(b"llama", b"lamma"))
    with closing(generator(unknown, 20)) as made, pytest.raises(ModelError):
        Task("easy", made.chat).reply(text="いつ?")
    assert "GGUF の言語モデルが止まりました" in caplog.text
