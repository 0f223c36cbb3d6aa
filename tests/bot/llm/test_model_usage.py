"""Tests of the usage of language models and of their order of preference."""

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
from bot.storage.tables import model_calls
from ingest.configuration.settings import Settings
from tests.bot import model_server as server
from tests.bot.answer_assertions import TODAY
from tests.bot.model_server import Behaviour, ModelServer

pytest_plugins = ["tests.bot.city_index"]

Start = Callable[[Behaviour], ModelServer]
Over = Callable[..., Generator]
OpenApi = Callable[..., TestClient]
SAID = "計画期間は4か年です[1]。"
ZEROS = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
QUESTION, ANSWER = "植樹の本数の目標値は何本ですか?", "植樹の本数の目標値は5,000本です[1]。"
REPLY = server.citing(ANSWER, "植樹の本数")


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
    assert call.tokens.completion == 10 + 2 + 1  # 計画期間は・か年です。, the digits and []
    assert call.tokens.prompt > 400  # the rules


@pytest.fixture
def client(city_settings: Settings, tmp_path: Path) -> Iterator[OpenApi]:
    with ExitStack() as stack:

        def opened(model: ModelServer, **more: Any) -> TestClient:
            values = {
                "llm": model.models(price="1000/2000", structure="marks"),
                "database_url": SecretStr(f"sqlite:///{tmp_path}/records.sqlite"),
                **more,
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


def test_record_contains_tokens_and_cost(model_server: Start, client: OpenApi, tmp_path: Path) -> None:
    model = model_server(server.says(REPLY, tokens=(500, 20)))
    answer = client(model).post("/api/chat", json={"question": QUESTION}).json()
    (row,) = stored_rows(tmp_path)
    assert row.answer_id == answer["answer_id"]
    assert row.task == "answer"
    assert row.model == "試験用"
    assert row.outcome == "answered"
    assert row.prompt_tokens == 500
    assert row.completion_tokens == 20
    assert row.estimated is False
    assert row.cost == 0.54
    assert "calls" not in answer
    assert "cost" not in json.dumps(answer)


def test_of_three_concurrent_questions_one_is_charged_and_one_refused(model_server: Start, client: OpenApi) -> None:
    said, go = server.by_task(answer=REPLY, followup=QUESTION), Event()
    go.set()

    def held(handler: server.Handler, request: server.Request) -> None:
        go.wait()
        said(handler, request)

    model = model_server(held)
    api = client(model)
    begun = api.post("/api/chat", json={"question": "植樹の本数の実績は何本ですか?"}).json()
    before = len(model.requests)
    go.clear()
    body = {"question": "その目標値は?", "conversation_id": begun["conversation_id"]}
    with ThreadPoolExecutor(3) as threads:
        asked = [threads.submit(api.post, "/api/chat", json=body) for _ in range(3)]
        refused = next(as_completed(asked)).result()
        go.set()
    assert refused.status_code == 503
    assert "混み合って" in refused.json()["detail"]
    first, second = (one.result().json() for one in asked if one.result() is not refused)
    assert first == second
    assert sorted(server.task(request) for request in model.requests[before:]) == ["answer", "followup"]


def test_metrics_count_calls_tokens_and_cost(model_server: Start, client: OpenApi) -> None:
    model = model_server(server.in_turn(server.says(REPLY, tokens=(500, 20)), server.refuses(401)))
    api = client(model)
    for _ in range(2):
        api.post("/api/chat", json={"question": QUESTION})
    lines = api.get("/metrics").text.splitlines()
    assert 'shirube_llm_calls_total{model="試験用",outcome="answered",task="answer"} 1.0' in lines
    assert 'shirube_llm_calls_total{model="試験用",outcome="error",task="answer"} 1.0' in lines
    assert 'shirube_llm_tokens_total{counted_by="server",kind="prompt",model="試験用"} 500.0' in lines
    assert 'shirube_llm_tokens_total{counted_by="server",kind="completion",model="試験用"} 20.0' in lines
    assert 'shirube_llm_cost_total{model="試験用"} 0.54' in lines
    assert 'shirube_llm_truncated_total{model="試験用"} 1.0' in lines
    assert 'shirube_llm_seconds_count{model="試験用"} 2.0' in lines


GOOD = "計画期間は4か年です[1]。"


@pytest.fixture
def over() -> Iterator[Over]:
    with ExitStack() as stack:

        def make(*models: ModelServer, seconds: float = 10) -> Generator:
            names = ("llm", "llm_2", "llm_3")
            llm = [
                one for n, model in zip(names, models, strict=False) for one in model.models(model=n, structure="marks")
            ]
            return stack.enter_context(closing(Generator(Settings(_env_file=None, llm_timeout_s=seconds, llm=llm))))

        yield make


def ask(generator: Generator) -> str:
    return generator.answer.reply(**server.ASKED).model


def request_counts(*models: ModelServer) -> list[int]:
    return [len(model.requests) for model in models]


FAILURES: dict[str, Behaviour] = {
    "500": server.refuses(500),
    "429": server.refuses(429),
    "401": server.refuses(401),
    "404": server.refuses(404),
    "HTML": server.answers("<html>ログイン</html>", "text/html"),
    "broken JSON in the stream": server.streams('data: {"choices": [{"delta"'),
    "no choices": server.streams('data: {"id": "1", "object": "chat.completion.chunk", "choices": []}', "data: [DONE]"),
    "half a stream": server.breaks_off("計画期間は4か年です[1]。" * 5),
    "no mark of the end": server.says(GOOD, finish_reason=None),
    "cut at its length": server.says(GOOD, finish_reason="length"),
    "nothing said": server.says(""),
    "an error in the stream": server.fails_in_stream,
}


@pytest.mark.parametrize("failure", FAILURES)
def test_the_next_model_is_called_after_a_failure(model_server: Start, over: Over, failure: str) -> None:
    first, second = model_server(FAILURES[failure]), model_server(server.says(GOOD))
    assert ask(over(first, second)) == "llm_2"
    assert len(second.requests) == 1


def test_the_time_limit_is_for_all_models_together(model_server: Start, over: Over) -> None:
    models = [model_server(server.hangs) for _ in range(3)]
    begun = time.monotonic()
    with pytest.raises(ModelError):
        ask(over(*models, seconds=6))
    assert time.monotonic() - begun < 17
    assert request_counts(*models) == [1, 1, 1]


def test_a_passing_failure_is_retried_once(model_server: Start, over: Over) -> None:
    busy = model_server(server.in_turn(server.refuses(503), server.says(GOOD)))
    assert ask(over(busy)) == "llm"
    assert request_counts(busy) == [2]
    locked = model_server(server.refuses(401))
    with pytest.raises(ModelError, match="401"):
        ask(over(locked))
    assert request_counts(locked) == [1]


def test_a_stream_that_breaks_off_raises_an_error(model_server: Start, over: Over) -> None:
    first, second = model_server(server.breaks_off("計画期間は4か年です。" * 5)), model_server(server.says(GOOD))
    stream = over(first, second).answer.stream(**server.ASKED)
    assert next(stream)
    with pytest.raises(ModelError):
        "".join(stream)
    assert request_counts(first, second) == [1, 0]


def test_closing_a_stream_ends_the_request(model_server: Start, over: Over) -> None:
    gone = Event()

    def endless(handler: server.Handler, _: server.Request) -> None:
        handler.begin_stream()
        try:
            while not handler.owner.closing.wait(0.01):
                handler.wfile.write(server.chunk("計画"))
        except OSError:
            gone.set()
            raise

    generator = over(model_server(endless), seconds=60)
    with closing(generator.answer.stream(**server.ASKED)) as stream:
        assert next(stream) == "計画"
    assert list(stream) == []
    assert gone.wait(60)


def test_a_model_that_failed_three_times_rests(model_server: Start, over: Over) -> None:
    frozen, second = model_server(server.hangs), model_server(server.says(GOOD))
    generator = over(frozen, second, seconds=1.6)
    assert [ask(generator) for _ in range(3)] == ["llm_2"] * 3
    begun = time.monotonic()
    assert [ask(generator) for _ in range(3)] == ["llm_2"] * 3
    assert time.monotonic() - begun < 0.8
    assert request_counts(frozen, second) == [3, 6]
    assert generator.resting == {"llm": True, "llm_2": False}


LATE = "植樹の本数の目標値は5,000本です[1]。" * 20
ODD_SERVERS: dict[str, Behaviour] = {
    "hangs": server.hangs,
    "a byte at a time": server.drips(LATE, 0.2),
    "stops in the middle": server.listens(Event(), Event(), LATE[:8]),
    "never ends": server.endless(server.chunk("植樹")),
    "no object": server.answers("42"),
}


@pytest.mark.parametrize("kind", ODD_SERVERS)
def test_a_person_gets_an_answer_in_time_whatever_a_model_does(model_server: Start, client: OpenApi, kind: str) -> None:
    api = client(model_server(ODD_SERVERS[kind]), llm_timeout_s=1.0)
    begun = time.monotonic()
    for _ in range(5):
        answer = api.post("/api/chat", json={"question": QUESTION}).json()
        assert answer["status"] == "answered"
        assert answer["citations"]
    assert time.monotonic() - begun < 9
