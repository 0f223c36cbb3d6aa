"""Tests of structured replies, for each capability of a server."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing

import pytest

from bot.errors import ModelError
from bot.llm.chat_model import ChatModel, Task
from bot.llm.endpoint import Structure
from ingest.configuration.language_model import StructureSetting
from tests.bot import model_server as server
from tests.bot.model_server import Behaviour, ModelServer

Start = Callable[[Behaviour], ModelServer]
SCHEMA = {
    "type": "object",
    "properties": {"status": {"enum": ["found", "none"]}, "years": {"type": "integer"}},
    "required": ["status", "years"],
    "additionalProperties": False,
}
SAID = {"status": "found", "years": 4}
TRIAL = '{"answer": "東京"}'
REFUSED = {
    "response_format": '{"error": {"message": "response_format json_schema is not supported"}}',
    "tool_choice": '{"error": {"message": "\\"auto\\" tool choice requires --enable-auto-tool-choice"}}',
    "tools": '{"error": {"message": "tools param requires --jinja flag"}}',
}


@pytest.fixture
def over() -> Iterator[Callable[..., ChatModel]]:
    with ExitStack() as stack:

        def make(*models: ModelServer, structure: StructureSetting = "auto") -> ChatModel:
            llm = [one for model in models for one in model.models(structure=structure)]
            return stack.enter_context(closing(ChatModel(llm, 10)))

        yield make


def ask(chat: ChatModel) -> dict[str, object]:
    return Task("answer", chat, SCHEMA).structured(**server.ASKED)


SERVERS: dict[str, tuple[Behaviour, Structure]] = {
    "a schema is kept": (server.keeps_form(TRIAL), "json_schema"),
    "a schema is ignored, a tool is called": (server.calls_tool(TRIAL), "tools"),
    "a schema is refused, a tool is called": (
        server.without({"response_format": REFUSED["response_format"]}, server.calls_tool(TRIAL)),
        "tools",
    ),
    "a tool cannot be chosen, but is called": (
        server.without({k: REFUSED[k] for k in ("response_format", "tool_choice")}, server.calls_tool(TRIAL)),
        "tools",
    ),
    "both are ignored": (server.says("東京です。"), "marks"),
    "both are refused": (server.without(REFUSED, server.says("東京です。")), "marks"),
    "a schema breaks the server": (
        lambda handler, request: (server.refuses(500) if "response_format" in request else server.calls_tool(TRIAL))(
            handler, request
        ),
        "tools",
    ),
}


@pytest.mark.parametrize("kind", SERVERS)
def test_what_a_server_can_be_held_to_is_found_out_once(
    model_server: Start, over: Callable[..., ChatModel], kind: str
) -> None:
    behaviour, expected = SERVERS[kind]
    model = model_server(behaviour)
    chat = over(model)
    assert chat.detect_structure() == expected
    tried = len(model.requests)
    assert tried <= 8
    assert chat.detect_structure() == expected
    assert chat.endpoints[0].structure == expected
    assert len(model.requests) == tried


def test_an_unreachable_server_leaves_its_capability_unknown(
    model_server: Start, over: Callable[..., ChatModel]
) -> None:
    model = model_server(server.refuses(503))
    chat = over(model)
    with pytest.raises(ModelError):
        chat.detect_structure()
    assert chat.endpoints[0].structure is None
    model.behaviour = server.keeps_form(TRIAL)
    assert chat.detect_structure() == "json_schema"


def test_what_the_settings_say_is_not_tried(model_server: Start, over: Callable[..., ChatModel]) -> None:
    model = model_server(server.keeps_form(json.dumps(SAID)))
    assert over(model, structure="marks").detect_structure() == "marks"
    assert model.requests == []


WAYS: dict[str, Callable[[str], Behaviour]] = {"json_schema": server.keeps_form, "tools": server.calls_tool}


@pytest.mark.parametrize("way", WAYS)
def test_an_object_is_returned_for_schema_and_tool(
    model_server: Start, over: Callable[..., ChatModel], way: str
) -> None:
    model = model_server(WAYS[way](TRIAL))
    chat = over(model)
    assert chat.detect_structure() == way
    model.behaviour = WAYS[way](json.dumps(SAID))
    assert ask(chat) == SAID
    assert json.dumps(SCHEMA) in json.dumps(model.requests[-1])


FORMS = {
    "bare": json.dumps(SAID),
    "in a fence": f"```json\n{json.dumps(SAID, indent=2)}\n```",
    "between words": f"お答えします。{json.dumps(SAID)} 以上です。{{参考}}",
    "after thoughts": f'<think>{{"status": "none", "years": 1}}かな。</think>{json.dumps(SAID)}',
    "after another object": f'{{"note": 1}} {json.dumps(SAID)}',
}


@pytest.mark.parametrize("form", FORMS)
def test_an_object_is_found_in_plain_text(model_server: Start, over: Callable[..., ChatModel], form: str) -> None:
    assert ask(over(model_server(server.says(FORMS[form])), structure="marks")) == SAID


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
def test_an_invalid_object_is_an_error(model_server: Start, over: Callable[..., ChatModel], said: str) -> None:
    with pytest.raises(ModelError, match="JSON"):
        ask(over(model_server(server.says(said)), structure="marks"))


def test_the_next_model_is_called_for_the_object(model_server: Start, over: Callable[..., ChatModel]) -> None:
    first, second = model_server(server.says(UNREADABLE["cut off"])), model_server(server.says(json.dumps(SAID)))
    assert ask(over(first, second, structure="marks")) == SAID


def test_half_a_letter_in_an_object_can_be_written_down(model_server: Start, over: Callable[..., ChatModel]) -> None:
    schema = {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}
    chat = over(model_server(server.says('{"text": "木\\ud83c"}')), structure="json_schema")
    found = Task("answer", chat, schema).structured(**server.ASKED)
    assert str(found["text"]).encode().startswith("木".encode())
