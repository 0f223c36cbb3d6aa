import os
from pathlib import Path

import numpy as np
import pytest
from pydantic import SecretStr

from bot.answering.llm import gguf
from bot.answering.llm.gguf import check_gguf
from bot.answering.state import Question
from bot.errors import LocalModelError
from bot.running.service.service import open_service
from ingest.configuration.settings import Settings
from tests.bot.answer_assertions import TODAY, Ask
from tests.tiny_gguf import TEMPLATE, container, write_chat_model

CHAT_MODEL = container({"tokenizer.chat_template": TEMPLATE}, {"blk.0.attn_q.weight": np.ones((8, 64), np.float32)})


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04" + bytes(100), "<html>ログイン</html>".encode()])
def test_a_file_of_another_kind_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "model.gguf"
    file.write_bytes(content)
    with pytest.raises(LocalModelError, match=r"SHIRUBE_LLM_GGUF.*model\.gguf.*GGUF"):
        check_gguf(file)


def test_a_model_for_which_the_memory_is_too_small_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "model.gguf"
    file.write_bytes(CHAT_MODEL)
    monkeypatch.setattr(gguf, "find_spec", lambda _: True)
    check_gguf(file)
    monkeypatch.setattr(os, "sysconf", lambda _: 1)
    with pytest.raises(LocalModelError, match=r"メモリー.*小さいモデル"):
        check_gguf(file)


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
