"""Tests of the token usage of language models in the records, the metrics and the API."""

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack, closing
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr
from sqlalchemy import Row, Table, create_engine, select

from bot.errors import ModelError
from bot.generation.generate import Generator
from bot.llm.model_calls import CallBudget, open_budget
from bot.server.api import create_app
from bot.service import open_service
from bot.storage.tables import model_calls, stopped_sentences
from ingest.configuration.environment import read_settings
from ingest.configuration.settings import Settings
from ingest.errors import SettingsError
from tests.bot import model_server as server
from tests.bot.answer_assertions import TODAY
from tests.bot.model_server import Behaviour, ModelServer

pytest_plugins = ["tests.bot.city_index"]

Start = Callable[[Behaviour], ModelServer]
SAID = "計画期間は4か年です[1]。"
ZEROS = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
QUESTION, ANSWER = "植樹の本数の目標値は何本ですか?", "植樹の本数の目標値は5,000本です[1]。"


def spent_on(
    *models: ModelServer, stop_early: bool = False, seconds: float = 20, price: str | None = None
) -> CallBudget:
    names = ("試験用", "代わり")
    llm = [
        one for n, m in zip(names, models, strict=False) for one in m.models(model=n, price=price, structure="marks")
    ]
    configured = Settings(_env_file=None, llm=llm, llm_timeout_s=seconds)
    with closing(Generator(configured)) as generator, open_budget(seconds) as spent:
        try:
            if stop_early:
                with closing(generator.answer.stream(**server.ASKED)) as stream:
                    next(stream)
            else:
                generator.answer.reply(**server.ASKED)
        except ModelError:
            pass
    return spent


def test_usage_of_the_server_is_used(model_server: Start) -> None:
    model = model_server(server.says(SAID, tokens=(1200, 30)))
    (call,) = spent_on(model, price="2/10.5").calls
    assert call.tokens.prompt == 1200
    assert call.tokens.completion == 30
    assert call.tokens.estimated is False
    assert call.cost == pytest.approx((1200 * 2 + 30 * 10.5) / 1_000_000)
    assert call.task == "answer"
    assert call.model == "試験用"
    assert call.outcome == "answered"
    assert model.requests[0]["stream_options"] == {"include_usage": True}


COUNTLESS = {
    "no count": server.says(SAID),
    "null": server.counts(SAID, None),
    "empty": server.counts(SAID, {}),
    "zeros": server.counts(SAID, ZEROS),
}


@pytest.mark.parametrize("behaviour", COUNTLESS.values(), ids=COUNTLESS.keys())
def test_missing_usage_is_estimated(model_server: Start, behaviour: Behaviour) -> None:
    (call,) = spent_on(model_server(behaviour)).calls
    assert call.outcome == "answered"
    assert call.tokens.estimated is True
    assert call.cost is None
    assert call.tokens.completion == 10 + 1  # 計画期間は・か年です。 and 4[1]
    assert call.tokens.prompt > 400  # the rules


def test_refused_call_has_no_tokens(model_server: Start) -> None:
    (call,) = spent_on(model_server(server.refuses(401)), price="1/1").calls
    assert call.outcome == "error"
    assert call.tokens.prompt == 0
    assert call.tokens.completion == 0
    assert call.cost == 0


def test_timed_out_call_counts_its_prompt(model_server: Start) -> None:
    (call,) = spent_on(model_server(server.hangs), seconds=1).calls
    assert call.outcome == "timeout"
    assert call.tokens.estimated is True
    assert call.tokens.prompt > 400
    assert call.milliseconds >= 900


def test_stopped_call_counts_received_tokens(model_server: Start) -> None:
    (call,) = spent_on(model_server(server.says(SAID * 20, tokens=(9, 9))), stop_early=True).calls
    assert call.outcome == "stopped"
    assert call.tokens.estimated is True
    assert 0 < call.tokens.completion < 20


@pytest.mark.parametrize("price", ["1", "1/", "-1/2", "安い", "1/2/3"])
def test_invalid_price_is_refused(price: str) -> None:
    with pytest.raises(SettingsError, match=r"SHIRUBE_LLM__1__PRICE.*0\.15/0\.60"):
        read_settings(llm=[{"base_url": "http://x/v1", "price": price}])


@pytest.fixture
def client(city_settings: Settings, tmp_path: Path) -> Iterator[Callable[[ModelServer], TestClient]]:
    with ExitStack() as stack:

        def opened(model: ModelServer) -> TestClient:
            values = {
                "llm": model.models(price="1000/1000", structure="marks"),
                "database_url": SecretStr(f"sqlite:///{tmp_path}/records.sqlite"),
            }
            settings = city_settings.model_copy(update=values)
            return TestClient(create_app(stack.enter_context(open_service(settings, lambda: TODAY)), settings))

        yield opened


def stored_rows(folder: Path, table: Table = model_calls) -> list[Row[Any]]:
    engine = create_engine(f"sqlite:///{folder}/records.sqlite")
    with engine.connect() as connection:
        rows = list(connection.execute(select(table)).all())
    engine.dispose()
    return rows


def test_record_contains_tokens_and_cost(
    model_server: Start, client: Callable[[ModelServer], TestClient], tmp_path: Path
) -> None:
    model = model_server(server.says(ANSWER, tokens=(500, 20)))
    answer = client(model).post("/api/chat", json={"question": QUESTION}).json()
    (row,) = stored_rows(tmp_path)
    assert row.answer_id == answer["answer_id"]
    assert row.task == "answer"
    assert row.model == "試験用"
    assert row.outcome == "answered"
    assert row.prompt_tokens == 500
    assert row.completion_tokens == 20
    assert row.estimated is False
    assert row.cost == 0.52
    assert "calls" not in answer
    assert "cost" not in json.dumps(answer)


def test_record_contains_rejected_sentences(
    model_server: Start, client: Callable[[ModelServer], TestClient], tmp_path: Path
) -> None:
    model = model_server(server.says(f"{ANSWER}担当者の電話は090-1234-5678です[1]。"))
    answer = client(model).post("/api/chat", json={"question": QUESTION}).json()
    (row,) = stored_rows(tmp_path, stopped_sentences)
    assert row.answer_id == answer["answer_id"]
    assert row.text == "担当者の電話は〔電話番号〕です。"
    assert row.why
    assert "1234" not in row.why
    assert "stopped" not in answer


def test_repeated_question_is_not_charged_twice(
    model_server: Start, client: Callable[[ModelServer], TestClient], tmp_path: Path
) -> None:
    model = model_server(server.says(ANSWER))
    api = client(model)
    first = api.post("/api/chat", json={"question": QUESTION}).json()
    again = {"question": QUESTION, "conversation_id": first["conversation_id"]}
    assert api.post("/api/chat", json=again).json() == first
    streamed = api.post("/api/chat", json=again | {"stream": True}).text
    assert json.loads(streamed.split("data: ")[-1]) == first
    assert len(model.requests) == len(stored_rows(tmp_path)) == 1
    api.post("/api/chat", json=again | {"audience": "staff"})
    api.post("/api/chat", json=again | {"as_of": "2026-05-01", "audience": "staff"})
    api.post("/api/chat", json={"question": QUESTION})
    asked = [request for request in model.requests if server.task(request) == "answer"]
    assert len(asked) == 4


def test_concurrent_duplicate_question_is_charged_once(
    model_server: Start, client: Callable[[ModelServer], TestClient]
) -> None:
    said = server.by_task(answer=ANSWER, followup=QUESTION)

    def slowly(handler: server.Handler, request: server.Request) -> None:
        time.sleep(0.5)
        said(handler, request)

    model = model_server(slowly)
    api = client(model)
    begun = api.post("/api/chat", json={"question": "植樹の本数の実績は何本ですか?"}).json()
    body = {"question": "その目標値は?", "conversation_id": begun["conversation_id"]}
    before = len(model.requests)
    with ThreadPoolExecutor(2) as threads:
        first, second = threads.map(lambda _: api.post("/api/chat", json=body).json(), range(2))
    assert first == second
    asked = [server.task(request) for request in model.requests[before:]]
    assert sorted(asked) == ["answer", "followup"]


def test_third_concurrent_question_is_refused(model_server: Start, client: Callable[[ModelServer], TestClient]) -> None:
    said, go = server.by_task(answer=ANSWER, followup=QUESTION), Event()
    go.set()

    def held(handler: server.Handler, request: server.Request) -> None:
        go.wait()
        said(handler, request)

    api = client(model_server(held))
    begun = api.post("/api/chat", json={"question": QUESTION}).json()
    go.clear()
    body = {"question": "その目標値は?", "conversation_id": begun["conversation_id"]}
    with ThreadPoolExecutor(3) as threads:
        asked = [threads.submit(api.post, "/api/chat", json=body) for _ in range(3)]
        refused = next(as_completed(asked)).result()
        go.set()
    assert sorted(one.result().status_code for one in asked) == [200, 200, 503]
    assert "混み合って" in refused.json()["detail"]


def test_fallback_answer_is_retried(model_server: Start, client: Callable[[ModelServer], TestClient]) -> None:
    said = server.by_task(answer=ANSWER, followup=QUESTION)
    api = client(model_server(server.in_turn(server.refuses(401), said)))
    first = api.post("/api/chat", json={"question": QUESTION}).json()
    again = {"question": QUESTION, "conversation_id": first["conversation_id"]}
    assert first["generator"] == "extractive"
    assert api.post("/api/chat", json=again).json()["generator"] == "試験用"


def test_openai_api_sends_only_the_last_question(
    model_server: Start, client: Callable[[ModelServer], TestClient]
) -> None:
    model = model_server(server.by_task(answer=ANSWER, followup="植樹の本数の実績は何本ですか?"))
    said = [QUESTION, "植樹の本数の実績は?", "芝生化した公園の数は?", QUESTION]
    messages = [{"role": "user", "content": one} for one in said]
    client(model).post("/v1/chat/completions", json={"messages": messages})
    asked = [server.task(request) for request in model.requests]
    assert sorted(asked) == ["answer", "followup"]


def test_metrics_count_calls_tokens_and_cost(model_server: Start, client: Callable[[ModelServer], TestClient]) -> None:
    model = model_server(server.in_turn(server.says(ANSWER, tokens=(500, 20)), server.refuses(401)))
    api = client(model)
    for _ in range(2):
        api.post("/api/chat", json={"question": QUESTION})
    lines = api.get("/metrics").text.splitlines()
    assert 'shirube_llm_calls_total{model="試験用",outcome="answered",task="answer"} 1.0' in lines
    assert 'shirube_llm_calls_total{model="試験用",outcome="error",task="answer"} 1.0' in lines
    assert 'shirube_llm_tokens_total{counted_by="server",kind="prompt",model="試験用"} 500.0' in lines
    assert 'shirube_llm_tokens_total{counted_by="server",kind="completion",model="試験用"} 20.0' in lines
    assert 'shirube_llm_cost_total{model="試験用"} 0.52' in lines
    assert 'shirube_llm_truncated_total{model="試験用"} 1.0' in lines
    assert 'shirube_llm_seconds_count{model="試験用"} 2.0' in lines


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
def test_openai_api_reports_tokens(
    model_server: Start, client: Callable[[ModelServer], TestClient], *, stream: bool
) -> None:
    api = client(model_server(server.says(ANSWER, tokens=(500, 20))))
    body = {"messages": [{"role": "user", "content": QUESTION}], "stream": stream}
    answer = api.post("/v1/chat/completions", json=body | {"stream_options": {"include_usage": True}}).text
    told = json.loads(answer.split("data: ")[-2]) if stream else json.loads(answer)
    assert told["usage"] == {"prompt_tokens": 500, "completion_tokens": 20, "total_tokens": 520}
