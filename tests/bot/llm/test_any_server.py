"""Tests of the requests to servers of every kind, and of their errors."""

import gzip
import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from typing import Any

import pytest
from pydantic import SecretStr

from bot.errors import ModelError
from bot.llm.chat_model import ChatModel, Task
from bot.llm.model_calls import estimate_tokens, open_budget
from ingest.configuration.environment import read_settings
from ingest.errors import SettingsError
from tests.bot import model_server as server
from tests.bot.model_server import Behaviour, ModelServer

Start = Callable[[Behaviour], ModelServer]
GOOD = "計画期間は4か年です[1]。"
PARTS = [f"{n}番目の箇所。" + "期間は四年です。" * 20 for n in range(1, 9)]


@pytest.fixture
def over() -> Iterator[Callable[..., ChatModel]]:
    with ExitStack() as stack:

        def make(model: ModelServer, seconds: float = 10, **said: Any) -> ChatModel:
            models = model.models(api_key=SecretStr("sk-secret"), **said)
            return stack.enter_context(closing(ChatModel(models, seconds)))

        yield make


def ask(chat: ChatModel, passages: Any = "期間は四年です。") -> str:
    return Task("answer", chat).reply(**{**server.ASKED, "passages": passages}).text


def error_body(message: str, **more: Any) -> str:
    return json.dumps({"error": {"message": message, "type": "invalid_request_error", **more}})


def test_only_what_is_set_is_sent(model_server: Start, over: Callable[..., ChatModel]) -> None:
    model = model_server(server.says(GOOD))
    ask(over(model))
    assert set(model.requests[0]) == {"model", "messages", "stream", "stream_options", "temperature"}
    assert model.requests[0]["temperature"] == 0
    assert model.keys == ["Bearer sk-secret"]
    assert "sk-secret" not in str(model.requests[0])


def test_what_is_set_is_sent(model_server: Start, over: Callable[..., ChatModel]) -> None:
    model = model_server(server.says(GOOD))
    ask(over(model, temperature=0.3, max_tokens=300, headers=SecretStr("X-Project: shirube\nX-Cost-Center: 12 34")))
    assert model.requests[0]["temperature"] == 0.3
    assert model.requests[0]["max_tokens"] == 300
    assert model.headers[0]["x-project"] == "shirube"
    assert model.headers[0]["x-cost-center"] == "12 34"


REFUSALS = {
    "temperature": error_body("This value is not supported.", param="temperature"),
    "max_tokens": error_body(
        "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
        param="max_tokens",
        code="unsupported_parameter",
    ),
    "stream_options": json.dumps(
        {"object": "error", "message": "[{'type': 'extra_forbidden', 'loc': ('body', 'stream_options')}]", "code": 400}
    ),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_optional_parameters_are_left_out_once_they_are_refused(
    model_server: Start, over: Callable[..., ChatModel], name: str
) -> None:
    model = model_server(server.without({name: REFUSALS[name]}, server.says(GOOD)))
    chat = over(model, temperature=0.0, max_tokens=300)
    with open_budget(10) as spent:
        assert [ask(chat), ask(chat)] == [GOOD, GOOD]
    assert [name in request for request in model.requests] == [True, False, False]
    assert [call.outcome for call in spent.calls] == ["answered", "answered"]


@pytest.mark.parametrize("status", [400, 422])
def test_a_refusal_of_something_else_is_a_failure(
    model_server: Start, over: Callable[..., ChatModel], status: int
) -> None:
    model = model_server(server.answers(error_body("messages: invalid role", param="messages"), status=status))
    with pytest.raises(ModelError, match=f"HTTP {status}"):
        ask(over(model))
    assert len(model.requests) == 2


def test_without_a_key_none_is_sent(model_server: Start) -> None:
    model = model_server(server.says(GOOD))
    with closing(ChatModel(model.models(), 10)) as chat:
        assert ask(chat) == GOOD
    assert model.keys == [None]


def test_a_model_elsewhere_is_reached_through_the_proxy(model_server: Start) -> None:
    proxy = model_server(server.says(GOOD))
    address = SecretStr(proxy.url.removesuffix("/v1").replace("//", "//office:secret@"))
    models = proxy.models(base_url="http://llm.city.example/v1")
    with closing(ChatModel(models, 10, proxy=address)) as chat:
        assert ask(chat) == GOOD
    assert proxy.paths == ["http://llm.city.example/v1/chat/completions"]
    assert proxy.headers[0]["proxy-authorization"].startswith("Basic ")


def test_azure_requests_have_version_and_key(model_server: Start, over: Callable[..., ChatModel]) -> None:
    model = model_server(server.says(GOOD))
    assert ask(over(model, api_version="2024-10-21")) == GOOD
    assert model.paths == ["/v1/chat/completions?api-version=2024-10-21"]
    assert model.headers[0]["api-key"] == "sk-secret"
    assert "authorization" not in model.headers[0]


@pytest.mark.parametrize(
    "text",
    ['{"X-Team": "plan", "Authorization": "Bearer t-hidden"}', "X-Team: plan\n\n Authorization : Bearer t-hidden"],
)
def test_headers_are_json_or_lines_and_stay_hidden(text: str) -> None:
    settings = read_settings(llm=[{"base_url": "http://x/v1", "headers": text}])
    assert settings.llm[0].header_fields == {"X-Team": "plan", "Authorization": "Bearer t-hidden"}
    assert "t-hidden" not in repr(settings)


@pytest.mark.parametrize("text", ["X-Team", "{", '{"X-Team": "a\\nb"}', "名前: 値", "X-Team: ", "[1]"])
def test_invalid_headers_are_reported(text: str) -> None:
    with pytest.raises(SettingsError, match="SHIRUBE_LLM__1__HEADERS"):
        read_settings(llm=[{"base_url": "http://x/v1", "headers": text}])


def passages_of(request: server.Request) -> int:
    return str(request["messages"]).count("番目の箇所")


def test_last_passages_are_dropped_for_a_short_context(model_server: Start, over: Callable[..., ChatModel]) -> None:
    model = model_server(server.says(GOOD))
    ask(over(model), PARTS)
    ask(over(model, context=2000, max_tokens=200), PARTS)
    whole, short = model.requests
    assert passages_of(whole) == len(PARTS)
    assert 0 < passages_of(short) < len(PARTS)
    assert "1番目の箇所" in str(short["messages"])
    assert sum(estimate_tokens(message["content"]) for message in short["messages"]) <= 1800


def test_fewer_passages_are_sent_where_a_long_prompt_is_refused(
    model_server: Start, over: Callable[..., ChatModel]
) -> None:
    def short(handler: server.Handler, request: server.Request) -> None:
        if passages_of(request) > len(PARTS) // 2:
            return handler.answer(error_body("maximum context length").encode(), status=400)
        return server.says(GOOD)(handler, request)

    model = model_server(short)
    chat = over(model)
    assert ask(chat, PARTS) == GOOD
    tried = len(model.requests)
    assert ask(chat, PARTS) == GOOD
    assert len(model.requests) == tried + 1
    assert passages_of(model.requests[-1]) > 0


def test_a_question_that_never_fits_is_given_up(model_server: Start, over: Callable[..., ChatModel]) -> None:
    model = model_server(server.answers(error_body("Input is too long"), status=400))
    with pytest.raises(ModelError, match="HTTP 400"):
        ask(over(model), PARTS)
    assert 0 < passages_of(model.requests[-1]) < len(PARTS)
    assert len(model.requests) == 4


def test_reasoning_is_no_part_of_the_answer(model_server: Start, over: Callable[..., ChatModel]) -> None:
    model = model_server(server.thinks("資料を読む。" * 50, GOOD, delay_s=1.5))
    assert ask(over(model, seconds=4)) == GOOD


def test_reasoning_without_an_answer_is_an_error(model_server: Start, over: Callable[..., ChatModel]) -> None:
    with pytest.raises(ModelError, match="空"):
        ask(over(model_server(server.thinks("資料を読む。", ""))))


def test_a_letter_in_two_halves_becomes_whole(model_server: Start, over: Callable[..., ChatModel]) -> None:
    pieces = [server.chunk("植樹\ud83c"), server.chunk("\udf33です\udf33。"), server.chunk(None, "stop")]
    model = model_server(server.streams(*(piece.decode().strip() for piece in pieces), "data: [DONE]"))
    text = ask(over(model))
    assert text.startswith("植樹🌳です")
    assert text.encode()


LONG = b"x" * 12_000_000


@pytest.mark.parametrize(
    ("status", "headers", "body"),
    [
        (200, {"Content-Type": "text/event-stream"}, b"data: " + LONG),
        (200, {"Content-Type": "text/event-stream"}, b"data: " + LONG.replace(b"x" * 3000, b"x\ndata" * 500)),
        (200, {"Content-Type": "application/json"}, b'{"choices": "' + LONG),
        (503, {"Content-Type": "text/html"}, LONG),
        (200, {"Content-Type": "text/event-stream", "Content-Encoding": "gzip"}, gzip.compress(b"data: " + LONG)),
    ],
    ids=["a line", "an event of many lines", "a body", "an error page", "a compressed event"],
)
def test_one_event_is_a_megabyte_at_most(
    model_server: Start, over: Callable[..., ChatModel], status: int, headers: dict[str, str], body: bytes
) -> None:
    sent: list[int] = []

    def behave(handler: server.Handler, _: server.Request) -> None:
        assert handler.headers["Accept-Encoding"] == "identity"
        handler.send_response(status)
        for name, value in (headers | {"Connection": "close"}).items():
            handler.send_header(name, value)
        handler.end_headers()
        for start in range(0, len(body), 50_000):
            handler.wfile.write(body[start : start + 50_000])
            sent.append(50_000)
            handler.owner.closing.wait(0.002)

    model = model_server(behave)
    with pytest.raises(ModelError):
        ask(over(model))
    assert "Content-Encoding" in headers or sum(sent) < len(body)


@pytest.mark.parametrize(
    ("event", "told_by"),
    [(server.chunk("期間" * 500), "終わりません"), (b"x" * 100_000, "形式")],
    ids=["words", "one line"],
)
def test_an_endless_stream_is_aborted(
    model_server: Start, over: Callable[..., ChatModel], event: bytes, told_by: str
) -> None:
    begun = time.monotonic()
    with pytest.raises(ModelError, match=told_by):
        ask(over(model_server(server.endless(event)), seconds=60))
    assert time.monotonic() - begun < 30
