"""Servers of every kind: what they are sent, what they refuse, how they want to be asked, and how they misbehave."""

import gzip
import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from typing import Any

import pytest

from bot.errors import ModelError
from bot.llm.call_budget import open_budget
from bot.llm.calls import count_fitting_parts, estimate_tokens
from bot.llm.chat_model import ChatModel
from bot.llm.configured_model import configured_models
from bot.llm.task import Task
from ingest.configuration.environment import read_settings
from ingest.configuration.settings import Settings
from ingest.errors import SettingsError
from tests.bot import model_server as server
from tests.bot.model_server import Behaviour, ModelServer

Start = Callable[[Behaviour], ModelServer]
GOOD = "計画期間は4か年です[1]。"
PARTS = [f"{n}番目の箇所。" + "期間は四年です。" * 20 for n in range(1, 9)]


@pytest.fixture
def over() -> Iterator[Callable[..., ChatModel]]:
    """Return a way to make the models of the settings over a server; they are closed with the test."""
    with ExitStack() as stack:

        def make(model: ModelServer, seconds: float = 10, **said: Any) -> ChatModel:
            settings = Settings(_env_file=None, llm_base_url=model.url, llm_model="m", llm_api_key="sk-secret", **said)
            return stack.enter_context(closing(ChatModel(configured_models(settings), seconds)))

        yield make


def ask(chat: ChatModel, passages: Any = "期間は四年です。") -> str:
    return Task("answer-marks", chat).reply(**{**server.ASKED, "passages": passages}).text


def told(message: str, **more: Any) -> str:
    """Return an error as OpenAI shapes it."""
    return json.dumps({"error": {"message": message, "type": "invalid_request_error", **more}})


def test_only_what_is_set_is_sent(model_server: Start, over: Callable[..., ChatModel]) -> None:
    """Without settings the request holds nothing that some server refuses; the key stands in its header alone."""
    model = model_server(server.says(GOOD))
    ask(over(model))
    assert set(model.requests[0]) == {"model", "messages", "stream", "stream_options"}
    assert model.keys == ["Bearer sk-secret"]
    assert "sk-secret" not in str(model.requests[0])


def test_what_is_set_is_sent(model_server: Start, over: Callable[..., ChatModel]) -> None:
    """Temperature, length and headers reach the server as the settings have them."""
    model = model_server(server.says(GOOD))
    ask(over(model, llm_temperature=0.0, llm_max_tokens=300, llm_headers="X-Project: shirube\nX-Cost-Center: 12 34"))
    assert (model.requests[0]["temperature"], model.requests[0]["max_tokens"]) == (0.0, 300)
    assert (model.headers[0]["x-project"], model.headers[0]["x-cost-center"]) == ("shirube", "12 34")


REFUSALS = {
    "temperature": told("This value is not supported.", param="temperature"),
    "max_tokens": told(
        "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
        param="max_tokens",
        code="unsupported_parameter",
    ),
    "stream_options": json.dumps(
        {"object": "error", "message": "[{'type': 'extra_forbidden', 'loc': ('body', 'stream_options')}]", "code": 400}
    ),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_a_refused_parameter_is_left_out_from_then_on(
    model_server: Start, over: Callable[..., ChatModel], name: str
) -> None:
    """The question that meets the refusal is answered at once, and later ones are not refused again."""
    model = model_server(server.without({name: REFUSALS[name]}, server.says(GOOD)))
    chat = over(model, llm_temperature=0.0, llm_max_tokens=300)
    with open_budget(10) as spent:
        assert [ask(chat), ask(chat)] == [GOOD, GOOD]
    assert [name in request for request in model.requests] == [True, False, False]
    assert chat.capabilities[0].left_out == (name,)
    assert [call.outcome for call in spent.calls] == ["answered", "answered"]


def test_several_refusals_in_a_row_are_one_call(model_server: Start, over: Callable[..., ChatModel]) -> None:
    """A server that takes none of the parameters is asked without all of them; the limit's newer name is tried too."""
    newer = {"max_completion_tokens": told("Unrecognized request argument supplied: max_completion_tokens")}
    model = model_server(server.without({**REFUSALS, **newer}, server.says(GOOD)))
    assert ask(over(model, llm_temperature=0.0, llm_max_tokens=300)) == GOOD
    assert set(model.requests[-1]) == {"model", "messages", "stream"}
    assert len(model.requests) == 5


def test_a_length_is_sent_under_its_newer_name_where_that_is_wanted(
    model_server: Start, over: Callable[..., ChatModel]
) -> None:
    """Who refuses `max_tokens` gets the same limit as `max_completion_tokens`."""
    model = model_server(server.without({"max_tokens": REFUSALS["max_tokens"]}, server.says(GOOD)))
    ask(over(model, llm_max_tokens=300))
    assert model.requests[-1]["max_completion_tokens"] == 300


@pytest.mark.parametrize("status", [400, 422])
def test_a_refusal_of_something_else_is_a_failure(
    model_server: Start, over: Callable[..., ChatModel], status: int
) -> None:
    """Where no parameter is named the request is not sent again."""
    model = model_server(server.answers(told("messages: invalid role", param="messages"), status=status))
    with pytest.raises(ModelError, match=f"HTTP {status}"):
        ask(over(model))
    assert len(model.requests) == 1


def test_without_a_key_none_is_sent(model_server: Start) -> None:
    """A server on the premises that asks for no key gets no header for it."""
    model = model_server(server.says(GOOD))
    with closing(ChatModel(configured_models(Settings(_env_file=None, llm_base_url=model.url)), 10)) as chat:
        assert ask(chat) == GOOD
    assert model.keys == [None]


def test_azure_gets_its_version_and_its_key(model_server: Start, over: Callable[..., ChatModel]) -> None:
    """With an API version it stands in the address, and the key in a header of its own only."""
    model = model_server(server.says(GOOD))
    assert ask(over(model, llm_api_version="2024-10-21")) == GOOD
    assert model.paths == ["/v1/chat/completions?api-version=2024-10-21"]
    assert model.headers[0]["api-key"] == "sk-secret"
    assert "authorization" not in model.headers[0]


@pytest.mark.parametrize(
    "text",
    ['{"X-Team": "plan", "Authorization": "Bearer t-hidden"}', "X-Team: plan\n\n Authorization : Bearer t-hidden"],
)
def test_headers_are_json_or_lines_and_stay_hidden(text: str) -> None:
    """Both forms give the same headers, and no repr shows them."""
    settings = Settings(_env_file=None, llm_base_url="http://x/v1", llm_headers=text)
    (model,) = configured_models(settings)
    assert model.headers == {"X-Team": "plan", "Authorization": "Bearer t-hidden"}
    assert "t-hidden" not in f"{settings!r} {model!r}"


@pytest.mark.parametrize("text", ["X-Team", "{", '{"X-Team": "a\\nb"}', "名前: 値", "X-Team: ", "[1]"])
def test_headers_that_are_none_are_told(text: str) -> None:
    """The error names the setting, and not what stands in it."""
    with pytest.raises(SettingsError, match="SHIRUBE_LLM_2_HEADERS"):
        read_settings(llm_2_headers=text)


def passages_of(request: server.Request) -> int:
    return str(request["messages"]).count("番目の箇所")


def test_the_last_passages_are_dropped_where_the_context_is_short(
    model_server: Start, over: Callable[..., ChatModel]
) -> None:
    """As many are sent, from the first, as leave room for the answer; without a limit all are."""
    model = model_server(server.says(GOOD))
    ask(over(model), PARTS)
    ask(over(model, llm_context=2000, llm_max_tokens=200), PARTS)
    whole, short = model.requests
    assert passages_of(whole) == len(PARTS)
    assert 0 < passages_of(short) < len(PARTS)
    assert "1番目の箇所" in str(short["messages"])
    assert sum(estimate_tokens(message["content"]) for message in short["messages"]) <= 1800


CONTEXTS = {
    "OpenAI": told(
        "This model's maximum context length is 1500 tokens. However, your messages resulted in 9000 tokens.",
        param="messages",
        code="context_length_exceeded",
    ),
    "llama.cpp": told("the request exceeds the available context size", type="exceed_context_size_error", n_ctx=1500),
    "without a figure": told("Input is too long: the prompt exceeds the context window"),
}


@pytest.mark.parametrize("told_by", CONTEXTS)
def test_the_context_is_learned_from_a_refusal(
    model_server: Start, over: Callable[..., ChatModel], told_by: str
) -> None:
    """The same question is answered with fewer passages; the next is sent no more than that."""

    def short(handler: server.Handler, request: server.Request) -> None:
        if len(str(request["messages"])) > 1400:
            return handler.answer(CONTEXTS[told_by].encode(), status=400)
        return server.says(GOOD)(handler, request)

    model = model_server(short)
    chat = over(model)
    assert ask(chat, PARTS) == GOOD
    tried = len(model.requests)
    assert ask(chat, PARTS) == GOOD
    assert len(model.requests) == tried + 1
    assert passages_of(model.requests[-1]) > 0
    assert chat.capabilities[0].context == (None if told_by == "without a figure" else 1500)


def test_a_question_that_never_fits_is_given_up(model_server: Start, over: Callable[..., ChatModel]) -> None:
    """One passage is always sent; where even that is refused there is an end."""
    model = model_server(server.answers(CONTEXTS["without a figure"], status=400))
    with pytest.raises(ModelError, match="HTTP 400"):
        ask(over(model), PARTS)
    assert passages_of(model.requests[-1]) == 1
    assert len(model.requests) < 12


def test_a_length_beyond_the_context_is_left_out(model_server: Start, over: Callable[..., ChatModel]) -> None:
    """Where the answer's limit is what leaves no room, the passages stay and the limit goes."""
    refusal = told("'max_tokens' is too large: 8000. This model's maximum context length is 8192 tokens.")
    model = model_server(server.without({"max_tokens": refusal}, server.says(GOOD)))
    chat = over(model, llm_max_tokens=8000)
    assert ask(chat, PARTS) == GOOD
    assert passages_of(model.requests[-1]) == len(PARTS)
    assert len(model.requests) == 2
    assert chat.capabilities[0].left_out == ("max_tokens",)


def test_parts_fit_from_the_first() -> None:
    """Counted are those that have the room together; one is always taken, and none of none."""
    parts = ["あ" * 10, "い" * 10, "う" * 10]
    assert [count_fitting_parts(parts, room) for room in (30, 29, 20, 5, -1)] == [3, 2, 2, 1, 1]
    assert count_fitting_parts([], 10) == 0


def test_a_reasoning_model_may_think(model_server: Start, over: Callable[..., ChatModel]) -> None:
    """Its thoughts are no part of the answer, and a long silence before the first word is no failure."""
    model = model_server(server.thinks("資料を読む。" * 50, GOOD, delay_s=1.5))
    assert ask(over(model, seconds=4)) == GOOD


def test_thoughts_alone_are_no_answer(model_server: Start, over: Callable[..., ChatModel]) -> None:
    """A model that ends while it thinks has said nothing."""
    with pytest.raises(ModelError, match="空"):
        ask(over(model_server(server.thinks("資料を読む。", ""))))


def test_a_letter_in_two_halves_becomes_whole(model_server: Start, over: Callable[..., ChatModel]) -> None:
    """Servers that cut by UTF-16 send an emoji in two pieces; half a letter that stays alone can be written down."""
    pieces = [server.chunk("植樹\ud83c"), server.chunk("\udf33です\udf33。"), server.chunk(None, "stop")]
    model = model_server(server.streams(*(piece.decode().strip() for piece in pieces), "data: [DONE]"))
    text = ask(over(model))
    assert text.startswith("植樹🌳です")
    assert text.encode()


def test_half_a_letter_in_bytes_is_a_failure(model_server: Start, over: Callable[..., ChatModel]) -> None:
    """A stream that ends within a letter of UTF-8 is an answer that broke off."""

    def cut(handler: server.Handler, _: server.Request) -> None:
        handler.begin_stream()
        handler.wfile.write(server.chunk("期間は") + 'data: {"choices": [{"delta": {"content": "四'.encode()[:-1])

    with pytest.raises(ModelError):
        ask(over(model_server(cut)))


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
    """The rest is not read: the server finds its connection closed before it has sent all of it."""
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
def test_a_stream_without_an_end_is_ended(
    model_server: Start, over: Callable[..., ChatModel], event: bytes, told_by: str
) -> None:
    """What is longer than any answer is given up before the time is up and the memory full, words or not."""
    begun = time.monotonic()
    with pytest.raises(ModelError, match=told_by):
        ask(over(model_server(server.endless(event)), seconds=60))
    assert time.monotonic() - begun < 30
