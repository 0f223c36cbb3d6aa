import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from itertools import accumulate
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr
from sqlalchemy import create_engine, select

from bot.answering.llm.chat_model import ChatModel, Task
from bot.answering.llm.model_calls import estimate_tokens, open_budget
from bot.answering.llm.prompt_files import PromptError, load_prompt
from bot.errors import ModelError
from bot.running.server.api import create_app
from bot.running.service.service import open_service
from bot.running.storage.tables import model_calls
from ingest.configuration.settings import Settings
from tests.bot import model_server as server
from tests.bot.answer_assertions import TODAY
from tests.bot.model_server import Behaviour, ModelServer

pytest_plugins = ["tests.bot.city_index"]

Start = Callable[[Behaviour], ModelServer]
Over = Callable[..., ChatModel]
OpenApi = Callable[..., TestClient]
GOOD = "計画期間は4か年です[1]。"
QUESTION = "植樹の本数の目標値は何本ですか?"
REPLY = server.citing("植樹の本数の目標値は5,000本です[1]。", "植樹の本数")
PARTS = [f"{n}番目の箇所。" + "期間は四年です。" * 20 for n in range(1, 9)]


@pytest.fixture
def over() -> Iterator[Over]:
    with ExitStack() as stack:

        def make(*servers: ModelServer, seconds: float = 10, **said: Any) -> ChatModel:
            names = ("llm", "llm_2", "llm_3")
            values = {"api_key": SecretStr("sk-secret"), **said}
            models = [
                one for name, each in zip(names, servers, strict=False) for one in each.models(model=name, **values)
            ]
            return stack.enter_context(closing(ChatModel(models, seconds)))

        yield make


def ask(chat: ChatModel, passages: Any = "期間は四年です。") -> str:
    return Task("answer", chat).reply(**{**server.ASKED, "passages": passages})


def model_of(chat: ChatModel) -> str:
    stream = Task("answer", chat).stream(**server.ASKED)
    "".join(stream.pieces)
    return stream.model


def request_counts(*models: ModelServer) -> list[int]:
    return [len(model.requests) for model in models]


def fit(limit: int | None) -> str:
    totals = accumulate(map(estimate_tokens, PARTS))
    count = len(PARTS) if limit is None else sum(total <= limit for total in totals)
    return "\n\n".join(PARTS[: max(1, count)])


def test_only_what_is_set_is_sent(model_server: Start, over: Over) -> None:
    model = model_server(server.says(GOOD))
    ask(over(model))
    assert set(model.requests[0]) == {"model", "messages", "stream", "stream_options", "temperature"}
    assert model.requests[0]["temperature"] == 0
    assert model.keys == ["Bearer sk-secret"]
    assert "sk-secret" not in str(model.requests[0])


def test_last_passages_are_dropped_for_a_short_context(model_server: Start, over: Over) -> None:
    model = model_server(server.says(GOOD))
    ask(over(model), fit)
    ask(over(model, context=2700), fit)
    whole, short = (str(request["messages"]) for request in model.requests)
    assert whole.count("番目の箇所") == len(PARTS)
    assert 0 < short.count("番目の箇所") < len(PARTS)
    assert "1番目の箇所" in short


def test_reasoning_is_no_part_of_the_answer(model_server: Start, over: Over) -> None:
    model = model_server(server.thinks("資料を読む。" * 50, GOOD, delay_s=1.5))
    assert ask(over(model, seconds=4)) == GOOD


def test_an_endless_stream_is_aborted(model_server: Start, over: Over) -> None:
    with pytest.raises(ModelError, match="終わりません"):
        ask(over(model_server(server.endless(server.chunk("期間" * 500))), seconds=60))


NOT_BEGUN: dict[str, Behaviour] = {
    "500": server.refuses(500),
    "429": server.refuses(429),
    "401": server.refuses(401),
    "HTML": server.answers("<html>ログイン</html>", "text/html"),
    "broken JSON": server.streams('data: {"choices": [{"delta"'),
    "no choices": server.streams('data: {"id": "1", "object": "chat.completion.chunk", "choices": []}', "data: [DONE]"),
    "nothing said": server.says(""),
}


@pytest.mark.parametrize("failure", NOT_BEGUN)
def test_the_next_model_is_called_after_a_failure(model_server: Start, over: Over, failure: str) -> None:
    first, second = model_server(NOT_BEGUN[failure]), model_server(server.says(GOOD))
    assert model_of(over(first, second)) == "llm_2"
    assert len(second.requests) == 1


BROKEN: dict[str, Behaviour] = {
    "half a stream": server.breaks_off(GOOD * 5),
    "no mark of the end": server.says(GOOD, finish_reason=None),
    "cut at its length": server.says(GOOD, finish_reason="length"),
    "an error in the stream": server.fails_in_stream,
}


@pytest.mark.parametrize("failure", BROKEN)
def test_an_answer_that_breaks_off_is_an_error(model_server: Start, over: Over, failure: str) -> None:
    first, second = model_server(BROKEN[failure]), model_server(server.says(GOOD))
    stream = Task("answer", over(first, second)).stream(**server.ASKED)
    with pytest.raises(ModelError):
        "".join(stream.pieces)
    assert request_counts(first, second) == [1, 0]


def test_the_time_limit_is_for_all_models_together(model_server: Start, over: Over) -> None:
    models = [model_server(server.hangs) for _ in range(3)]
    begun = time.monotonic()
    with pytest.raises(ModelError):
        ask(over(*models, seconds=3))
    assert 3 <= time.monotonic() - begun < 8
    assert request_counts(*models) == [1, 1, 1]


def test_closing_a_stream_ends_the_request(model_server: Start, over: Over) -> None:
    began, ended = Event(), Event()
    stream = Task("answer", over(model_server(server.listens(began, ended, "計画")), seconds=60)).stream(**server.ASKED)
    assert next(stream.pieces) == "計画"
    stream.pieces.close()
    assert ended.wait(30)


def test_a_model_that_failed_three_times_rests(model_server: Start, over: Over) -> None:
    frozen, second = model_server(server.hangs), model_server(server.says(GOOD))
    chat = over(frozen, second, seconds=1.6)
    assert [model_of(chat) for _ in range(5)] == ["llm_2"] * 5
    assert request_counts(frozen, second) == [3, 5]


COUNTLESS = {
    "no count": server.says(GOOD),
    "null": server.counts(GOOD, None),
    "zeros": server.counts(GOOD, {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}),
}


@pytest.mark.parametrize("behaviour", COUNTLESS.values(), ids=COUNTLESS.keys())
def test_missing_usage_is_estimated(model_server: Start, over: Over, behaviour: Behaviour) -> None:
    with open_budget(10) as spent:
        ask(over(model_server(behaviour)))
    (call,) = spent.calls
    assert call.outcome == "answered"
    assert call.tokens.estimated is True
    assert call.tokens.completion == 10 + 2 + 1  # 計画期間は・か年です。, the digits and []
    assert call.tokens.prompt > 400  # the rules


@pytest.fixture
def client(city_settings: Settings, tmp_path: Path) -> Iterator[OpenApi]:
    with ExitStack() as stack:

        def opened(model: ModelServer, **more: Any) -> TestClient:
            database = SecretStr(f"sqlite:///{tmp_path}/records.sqlite")
            values = {"llm": model.models(), "llm_judge": False, "database_url": database, **more}
            settings = city_settings.model_copy(update=values)
            return TestClient(create_app(stack.enter_context(open_service(settings, lambda: TODAY)), settings))

        yield opened


def test_record_contains_tokens(model_server: Start, client: OpenApi, tmp_path: Path) -> None:
    model = model_server(server.says(REPLY, tokens=(500, 20)))
    answer = client(model).post("/api/chat", json={"question": QUESTION}).json()
    engine = create_engine(f"sqlite:///{tmp_path}/records.sqlite")
    with engine.connect() as connection:
        (row,) = connection.execute(select(model_calls)).all()
    engine.dispose()
    assert (row.answer_id, row.task, row.model, row.outcome) == (answer["answer_id"], "answer", "試験用", "answered")
    assert (row.prompt_tokens, row.completion_tokens, row.estimated) == (500, 20, False)
    assert "calls" not in answer


LATE = json.dumps(server.answer_of(*[server.sentence("植樹の本数の目標値は5,000本です。", 1)] * 20))
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
    for _ in range(4):
        answer = api.post("/api/chat", json={"question": QUESTION}).json()
        assert answer["status"] == "answered"
        assert answer["citations"]
    assert time.monotonic() - begun < 9


GOOD_PROMPT_FILES = """+++
name = "small"
description = "試し"
variables = ["question"]
share = 0.5
+++

# system

JSON の例 {"a": 1} と {B} はそのまま。

# user

{question}
"""


def write(folder: Path, text: str) -> Path:
    (folder / "small.md").write_text(text, "utf-8")
    return folder


def test_roles_and_texts_become_messages(tmp_path: Path) -> None:
    prompt = load_prompt("small", write(tmp_path, GOOD_PROMPT_FILES))
    assert prompt.fill(question="いつ?") == [("system", 'JSON の例 {"a": 1} と {B} はそのまま。'), ("user", "いつ?")]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("# system\n\nx", "前書き"),
        (GOOD_PROMPT_FILES.replace("0.5", "半分"), "TOML"),
        (GOOD_PROMPT_FILES.replace("share = 0.5", "temperature = 0.5"), "temperature"),
        (GOOD_PROMPT_FILES.replace('"small"', '"other"'), "name"),
        (GOOD_PROMPT_FILES.replace('["question"]', '["question", "passages"]'), "passages"),
        (GOOD_PROMPT_FILES.replace('["question"]', "[]"), "question"),
        (GOOD_PROMPT_FILES.replace("# system", "## x").replace("# user", "## y"), "# system"),
    ],
    ids=[
        "no front matter",
        "broken TOML",
        "an option of the model",
        "another name",
        "unused variable",
        "undeclared variable",
        "no message",
    ],
)
def test_the_error_for_an_invalid_prompt_names_the_fault(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(PromptError, match=f"(?s)small.md.*{says}"):
        load_prompt("small", write(tmp_path, text))


@pytest.mark.parametrize("name", ["answer", "answer-compact"])
def test_an_answering_prompt_separates_instructions_and_data(name: str) -> None:
    prompt = load_prompt(name)
    (system, rules), (user, data) = prompt.messages
    assert system == "system"
    assert user == "user"
    assert not [variable for variable in prompt.variables if f"{{{variable}}}" in rules]
    assert data.index("{passages}") < data.index("{question}")
