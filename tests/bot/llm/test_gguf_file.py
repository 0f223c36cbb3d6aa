"""Tests of model files and of loading them."""

import gc
import logging
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import numpy as np
import pytest
from pydantic import SecretStr

from bot.errors import LocalModelError, ModelError
from bot.llm import gguf
from bot.llm.chat_model import ChatModel, Task
from bot.llm.gguf import check_gguf, read_gguf
from bot.llm.prompt_files import load_prompt
from bot.service import open_service
from bot.state import Question
from ingest.configuration.settings import Settings
from tests.bot import model_server as server
from tests.bot.answer_assertions import TODAY, Ask
from tests.bot.model_server import Behaviour, ModelServer
from tests.conftest import ROOT
from tests.tiny_gguf import TEMPLATE, Value, container, write_chat_model

METADATA: dict[str, Value] = {
    "general.architecture": "llama",
    "llama.block_count": 10,
    "llama.embedding_length": 1024,
    "llama.attention.head_count": 8,
    "llama.attention.head_count_kv": 2,
    "tokenizer.ggml.tokens": ["計画", "期間", "。"],
    "tokenizer.ggml.token_type": [1, 1, 1],
    "tokenizer.chat_template": TEMPLATE,
}
TENSORS = {f"blk.{n}.attn_q.weight": np.ones((8, 64), np.float32) for n in range(10)}
CHAT_MODEL = container(METADATA, TENSORS)
BASE_MODEL = container({**METADATA, "tokenizer.chat_template": " "}, TENSORS)
BROKEN = {
    "empty": (b"", "GGUF（版 2 か 3）"),
    "of another kind": (b"PK\x03\x04" + bytes(100), "GGUF（版 2 か 3）"),
    "cut within its first bytes": (b"GGUF\x03\x00\x00\x00", "GGUF（版 2 か 3）"),
    "of an old version": (b"GGUF\x01\x00\x00\x00" + bytes(8) + b"\x01" + bytes(100), "GGUF（版 2 か 3）"),
    "without a tensor": (b"GGUF\x03\x00\x00\x00" + bytes(100), "GGUF（版 2 か 3）"),
    "a page that was saved in its place": ("<html>ログイン</html>".encode(), "GGUF（版 2 か 3）"),
    "cut within its metadata": (CHAT_MODEL[:200], "途中で切れている"),
    "cut in half": (CHAT_MODEL[: len(CHAT_MODEL) // 2], "途中で切れている"),
    "a base model": (BASE_MODEL, "instruct"),
}


@pytest.mark.parametrize(("content", "advice"), BROKEN.values(), ids=BROKEN.keys())
def test_a_file_without_a_chat_model_is_refused(tmp_path: Path, content: bytes, advice: str) -> None:
    file = tmp_path / "model.gguf"
    file.write_bytes(content)
    with pytest.raises(LocalModelError, match=rf"SHIRUBE_LLM_GGUF.*model\.gguf.*{advice}"):
        read_gguf(file)


def test_the_memory_is_the_sum_of_weights_and_context(tmp_path: Path) -> None:
    file = tmp_path / "model.gguf"
    file.write_bytes(CHAT_MODEL)
    assert read_gguf(file).memory_bytes(1000) == len(CHAT_MODEL) + 1000 * 10 * 2 * (128 + 128) * 2
    file.write_bytes(varied := container({**METADATA, "llama.attention.head_count_kv": [2, 1]}, TENSORS))
    assert read_gguf(file).memory_bytes(1000) == len(varied)


def test_a_model_for_which_the_memory_is_too_small_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "model.gguf"
    file.write_bytes(CHAT_MODEL)
    monkeypatch.setattr(gguf, "find_spec", lambda _: True)
    check_gguf(file, 1000)
    monkeypatch.setattr(gguf, "total_memory_bytes", lambda: len(CHAT_MODEL) // 2)
    with pytest.raises(LocalModelError, match=r"メモリー.*小さいモデル.*SHIRUBE_LLM_GGUF_CONTEXT"):
        check_gguf(file, 1000)


def test_the_service_does_not_start_without_its_file(tmp_path: Path) -> None:
    settings = Settings(_env_file=None, data=tmp_path, llm_gguf=tmp_path / "none.gguf")
    with pytest.raises(LocalModelError, match=r"SHIRUBE_LLM_GGUF.*none\.gguf.*読めません"), open_service(settings):
        pass


def test_a_missing_extra_is_named(tmp_path: Path) -> None:
    file = tmp_path / "model.gguf"
    file.write_bytes(CHAT_MODEL)
    code = f"""
import sys
sys.modules["xllamacpp"] = None
from pathlib import Path
from bot.llm.gguf import check_gguf
try:
    check_gguf(Path({str(file)!r}), 1000)
except Exception as error:
    print(type(error).__name__, error)
"""
    told = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert told.startswith("LocalModelError")
    assert "make setup-llm" in told


pytest_plugins = ["tests.bot.city_index"]
QUESTION = "植樹の本数の目標値は何本ですか?"


def test_a_question_does_not_wait_for_the_loading_of_a_model(
    city_settings: Settings, ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "xllamacpp.py").write_text("import time\ntime.sleep(600)\n")  # an engine that never gets ready
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    write_chat_model(tmp_path / "slow.gguf")
    values = {
        "llm_gguf": tmp_path / "slow.gguf",
        "llm_timeout_s": 600,
        "database_url": SecretStr(f"sqlite:///{tmp_path}/records.sqlite"),
    }
    with open_service(city_settings.model_copy(update=values), lambda: TODAY) as service:
        answer = service.ask(Question(question=QUESTION))
        greeting = service.ask(Question(question="こんにちは"))
    assert answer.generator == "extractive"
    assert answer.answer == ask(QUESTION).answer
    assert any("もう一度お尋ねください" in notice for notice in answer.notices)
    assert greeting.notices == ()


def test_closing_ends_running_calls(
    model_server: Callable[[Behaviour], ModelServer], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR, "asyncio")
    began = Event()
    chat = ChatModel(model_server(server.listens(began, Event())).models(), 60)
    with ThreadPoolExecutor(1) as reader:
        reply = reader.submit(Task("easy", chat).reply, **dict.fromkeys(load_prompt("easy").variables, ""))
        began.wait()
        chat.close()
        with pytest.raises(ModelError):
            reply.result(timeout=60)
    del chat, reply
    gc.collect()
    assert "Task was destroyed" not in caplog.text
