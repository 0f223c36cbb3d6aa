"""Tests of the requests to servers of every kind, of truncation and of structured replies."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from itertools import accumulate
from typing import Any

import pytest
from pydantic import SecretStr

from bot.errors import ModelError
from bot.llm.chat_model import ChatModel, Task
from bot.llm.endpoint import Structure
from bot.llm.model_calls import estimate_tokens, open_budget
from ingest.configuration.environment import read_settings
from ingest.errors import SettingsError
from tests.bot import model_server as server
from tests.bot.model_server import Behaviour, ModelServer

Start = Callable[[Behaviour], ModelServer]
Over = Callable[..., ChatModel]
GOOD = "計画期間は4か年です[1]。"
PARTS = [f"{n}番目の箇所。" + "期間は四年です。" * 20 for n in range(1, 9)]


def fitting(parts: Sequence[str]) -> Callable[[int | None], str]:
    """Return what gives the first parts that fit, at least one."""

    def fit(limit: int | None) -> str:
        totals = accumulate(map(estimate_tokens, parts))
        count = len(parts) if limit is None else sum(total <= limit for total in totals)
        return "\n\n".join(parts[: max(1, count)])

    return fit


@pytest.fixture
def over() -> Iterator[Over]:
    with ExitStack() as stack:

        def make(*servers: ModelServer, seconds: float = 10, **said: Any) -> ChatModel:
            models = [one for each in servers for one in each.models(api_key=SecretStr("sk-secret"), **said)]
            return stack.enter_context(closing(ChatModel(models, seconds)))

        yield make


def ask(chat: ChatModel, passages: Any = "期間は四年です。") -> str:
    return Task("answer", chat).reply(**{**server.ASKED, "passages": passages}).text


def error_body(message: str, **more: Any) -> str:
    return json.dumps({"error": {"message": message, "type": "invalid_request_error", **more}})


def test_only_what_is_set_is_sent(model_server: Start, over: Over) -> None:
    model = model_server(server.says(GOOD))
    ask(over(model))
    assert set(model.requests[0]) == {"model", "messages", "stream", "stream_options", "temperature"}
    assert model.requests[0]["temperature"] == 0
    assert model.keys == ["Bearer sk-secret"]
    assert "sk-secret" not in str(model.requests[0])


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
def test_optional_parameters_are_left_out_once_they_are_refused(model_server: Start, over: Over, name: str) -> None:
    model = model_server(server.without({name: REFUSALS[name]}, server.says(GOOD)))
    chat = over(model, temperature=0.0, max_tokens=300)
    with open_budget(10) as spent:
        assert [ask(chat), ask(chat)] == [GOOD, GOOD]
    assert [name in request for request in model.requests] == [True, False, False]
    assert [call.outcome for call in spent.calls] == ["answered", "answered"]


def test_a_model_elsewhere_is_reached_through_the_proxy(model_server: Start) -> None:
    proxy = model_server(server.says(GOOD))
    address = SecretStr(proxy.url.removesuffix("/v1").replace("//", "//office:secret@"))
    models = proxy.models(base_url="http://llm.city.example/v1")
    with closing(ChatModel(models, 10, proxy=address)) as chat:
        assert ask(chat) == GOOD
    assert proxy.paths == ["http://llm.city.example/v1/chat/completions"]
    assert proxy.headers[0]["proxy-authorization"].startswith("Basic ")


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


def test_last_passages_are_dropped_for_a_short_context(model_server: Start, over: Over) -> None:
    model = model_server(server.says(GOOD))
    ask(over(model), fitting(PARTS))
    ask(over(model, context=2400, max_tokens=400), fitting(PARTS))
    whole, short = model.requests
    assert passages_of(whole) == len(PARTS)
    assert 0 < passages_of(short) < len(PARTS)
    assert "1番目の箇所" in str(short["messages"])
    assert sum(estimate_tokens(message["content"]) for message in short["messages"]) <= 2000


def test_reasoning_is_no_part_of_the_answer(model_server: Start, over: Over) -> None:
    model = model_server(server.thinks("資料を読む。" * 50, GOOD, delay_s=1.5))
    assert ask(over(model, seconds=4)) == GOOD


def test_an_endless_stream_is_aborted(model_server: Start, over: Over) -> None:
    with pytest.raises(ModelError, match="終わりません"):
        ask(over(model_server(server.endless(server.chunk("期間" * 500))), seconds=60))


SCHEMA = {
    "type": "object",
    "properties": {"status": {"enum": ["found", "none"]}, "years": {"type": "integer"}},
    "required": ["status", "years"],
    "additionalProperties": False,
}
SAID = {"status": "found", "years": 4}
REFUSED = '{"error": {"message": "response_format json_schema is not supported"}}'


def ask_object(chat: ChatModel) -> dict[str, object]:
    return Task("answer", chat, SCHEMA).structured(**server.ASKED)


SERVERS: dict[str, tuple[Behaviour, Structure, int]] = {
    "kept": (server.says(json.dumps(SAID)), "json_schema", 1),
    "ignored": (server.says(f"見つかりました。\n{GOOD}"), "marks", 1),
    "refused": (server.without({"response_format": REFUSED}, server.says(json.dumps(SAID))), "marks", 3),
}


@pytest.mark.parametrize("kind", SERVERS)
def test_a_schema_that_is_not_kept_is_sent_once(model_server: Start, over: Over, kind: str) -> None:
    behaviour, expected, requests = SERVERS[kind]
    model = model_server(behaviour)
    chat = over(model)
    Task("answer", chat, SCHEMA).reply(**server.ASKED)
    assert chat.endpoints[0].structure == expected
    assert len(model.requests) == requests
    Task("answer", chat, SCHEMA).reply(**server.ASKED)
    assert ("response_format" in model.requests[-1]) == (expected == "json_schema")
    assert len(model.requests) == requests + 1
    assert ("temperature" in model.requests[-1]) == (kind != "refused")


FORMS = {
    "bare": json.dumps(SAID),
    "in a fence": f"```json\n{json.dumps(SAID, indent=2)}\n```",
    "between words": f"お答えします。{json.dumps(SAID)} 以上です。{{参考}}",
    "after thoughts": f'<think>{{"status": "none", "years": 1}}かな。</think>{json.dumps(SAID)}',
    "after another object": f'{{"note": 1}} {json.dumps(SAID)}',
}


@pytest.mark.parametrize("form", FORMS)
def test_an_object_is_found_in_plain_text(model_server: Start, over: Over, form: str) -> None:
    assert ask_object(over(model_server(server.says(FORMS[form])), structure="marks")) == SAID


UNREADABLE = {
    "cut off": json.dumps(SAID)[:-3],
    "of another shape": '{"status": "found"}',
    "with an unknown value": '{"status": "maybe", "years": 4}',
    "a list": "[1, 2]",
    "words": "四年間です。",
    "single quotes": "{'status': 'found', 'years': 4}",
    "brackets without end": "{" * 2_000,
    "deep": '{"years":' * 1_100,
}


@pytest.mark.parametrize("said", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_an_invalid_object_is_an_error(model_server: Start, over: Over, said: str) -> None:
    with pytest.raises(ModelError, match="JSON"):
        ask_object(over(model_server(server.says(said)), structure="marks"))
