"""Tests of the checks of `doctor` for language models."""

import re
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.cli.doctor import Check, run_checks
from ingest.configuration.settings import Settings
from tests.bot import model_server as server
from tests.bot.model_server import Behaviour, ModelServer

Start = Callable[[Behaviour], ModelServer]
MARKED = "見本町では、図書の返却箱の鍵を第三倉庫に保管しています[1]。"


def check(data: Path, *models: dict[str, Any], **values: Any) -> Check:
    report = run_checks(Settings(_env_file=None, data=data, llm=models, **values))
    (found,) = (one for one in report.checks if one.name == "言語モデル")
    return found


def with_key(handler: server.Handler, request: server.Request) -> None:
    known = handler.headers["Authorization"] == "Bearer hunter2"
    (server.reads_first() if known else server.refuses(401))(handler, request)


def test_a_model_that_answers_passes_with_its_figures(tmp_path: Path, model_server: Start) -> None:
    model = model_server(server.reads_first(delay_s=0.1, pause_s=0.01))
    found = check(tmp_path, {"base_url": model.url, "context": 8192, "model": "m"})
    assert found.well, found.mend
    assert re.fullmatch(
        rf"{model.url}（m、答えの形はJSON スキーマで指定、8,192 トークンまで、"
        r"資料ひとつに \d\.\d 秒、いっぱいに渡して \d\.\d 秒で答える、"
        r"毎秒 [\d,.]+ トークンを読む（書くのは [\d,.]+）、"
        r"渡した 7,\d{3} トークンを、はじめから読んでいる）",
        found.found,
    )
    assert sum(server.task(request) == "answer" for request in model.requests) == 2


def test_each_of_several_models_is_tried(tmp_path: Path, model_server: Start) -> None:
    url = model_server(with_key).url
    large, small = ({"base_url": url, "model": name, "api_key": "hunter2"} for name in ("大きい", "小さい"))
    assert re.search(r"大きい.* → .*小さい", check(tmp_path, large, small).found)
    refused = check(tmp_path, large, small | {"api_key": None})
    assert not refused.well
    assert "SHIRUBE_LLM__2__API_KEY" in refused.mend
    assert "hunter2" not in refused.mend


def test_a_server_that_ignores_the_schema_passes_with_a_hint(tmp_path: Path, model_server: Start) -> None:
    found = check(tmp_path, {"base_url": model_server(server.says(MARKED)).url})
    assert found.well
    assert "言葉で頼む" in found.found
    assert "JSON スキーマに従うサーバー" in found.found


def last_characters(text: str) -> str:
    return text[-3000:]


PROBLEMS: dict[str, tuple[Behaviour, tuple[str, ...]]] = {
    "forgets the first passage": (
        server.reads_first(last_characters),
        ("はじめを読んでいません", "OLLAMA_CONTEXT_LENGTH", "SHIRUBE_LLM__番号__CONTEXT"),
    ),
    "forgets the first passage, and counts all": (
        server.reads_first(last_characters, tokens=(6000, 30)),
        ("はじめを読んでいません", "6,000 トークン", "SHIRUBE_LLM__1__CONTEXT"),
    ),
    "counts few tokens": (
        server.reads_first(tokens=(400, 30)),
        ("一部しか読んでいません", "400 トークン", "OLLAMA_CONTEXT_LENGTH"),
    ),
    "is slow": (server.reads_first(delay_s=3), ("1 秒以内に答えません", "SHIRUBE_LLM_TIMEOUT_S")),
    "hangs": (server.hangs, ("1 秒以内に答えません", "SHIRUBE_LLM_TIMEOUT_S")),
    "answers something else": (
        server.says('{"status": "answered", "sentences": [], "choices": [], "answer": "東京"}'),
        ("正しく答えられません", "ほかのモデル"),
    ),
    "sends a page": (server.answers("<html>", "text/html"), ("SHIRUBE_LLM__1__BASE_URL", "抜き出し")),
}


@pytest.mark.parametrize(("behaviour", "told"), PROBLEMS.values(), ids=PROBLEMS.keys())
def test_each_problem_has_a_remedy(
    tmp_path: Path, model_server: Start, behaviour: Behaviour, told: tuple[str, ...]
) -> None:
    url = model_server(behaviour).url
    found = check(tmp_path, {"base_url": url, "structure": "json_schema"}, llm_timeout_s=1)
    assert not found.well
    assert all(one in found.mend for one in told), found.mend


def test_a_model_that_is_slow_with_many_passages_is_reported(tmp_path: Path, model_server: Start) -> None:
    model = model_server(server.in_turn(server.reads_first(), server.hangs))
    found = check(tmp_path, {"base_url": model.url, "structure": "json_schema"}, llm_timeout_s=1)
    assert "資料をいっぱいに渡すと 1 秒以内に答えません" in found.mend
    assert "SHIRUBE_LLM__1__CONTEXT" in found.mend


def test_an_unreachable_model_is_reported(tmp_path: Path) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}/v1"
        away = check(tmp_path, {"base_url": url})
    assert not away.well
    assert "SHIRUBE_LLM__1__BASE_URL" in away.mend
    assert "抜き出し" in away.mend
