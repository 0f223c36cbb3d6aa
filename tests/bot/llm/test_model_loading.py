"""Tests of questions during the loading of a local model, and of the closing of models."""

import gc
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest
from pydantic import SecretStr

from bot.errors import ModelError
from bot.llm.chat_model import ChatModel, Task
from bot.service import open_service
from bot.state import Question
from ingest.configuration.settings import Settings
from tests.bot import model_server as server
from tests.bot.answer_assertions import TODAY, Ask
from tests.bot.model_server import Behaviour, ModelServer
from tests.tiny_gguf import write_chat_model

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
        reply = reader.submit(Task("capability", chat).reply)
        began.wait()
        chat.close()
        with pytest.raises(ModelError):
            reply.result(timeout=10)
    del chat, reply
    gc.collect()
    assert "Task was destroyed" not in caplog.text
