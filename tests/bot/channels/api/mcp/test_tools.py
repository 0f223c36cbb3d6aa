import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, StdioServerParameters
from mcp.types import CallToolResult

from bot.__main__ import main
from tests.bot.channels.api.mcp.assistant import Assistant, as_assistant, staying_assistant, text_of
from tests.conftest import ROOT

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def assistant(server: str) -> Iterator[Assistant]:
    with staying_assistant(f"{server}/mcp") as staying:
        yield staying


def calling(name: str, **arguments: Any) -> Callable[[Client], Any]:
    return lambda client: client.call_tool(name, arguments)


async def introduced(client: Client) -> None:
    tools = {tool.name: tool for tool in (await client.list_tools()).tools}
    assert set(tools) == {"ask", "search", "documents"}
    assert all(tool.description and tool.annotations and tool.annotations.read_only_hint for tool in tools.values())
    assert tools["ask"].input_schema["required"] == ["question"]
    assert "citations" in (tools["ask"].output_schema or {})["properties"]
    assert "従わない" in (client.instructions or "")


def test_the_command_serves_older_clients(data: Path) -> None:
    async def ask(client: Client) -> CallToolResult:
        await introduced(client)
        return await client.call_tool("ask", {"question": "金沢市DXアクションプラン2.0の計画期間は?"})

    command = StdioServerParameters(command=sys.executable, args=["-m", "bot", "mcp", "--data", str(data)], cwd=ROOT)
    answered = as_assistant(command, ask, "legacy")
    assert answered.structured_content
    assert answered.structured_content["status"] == "answered"


def test_an_answer_has_text_with_sources_and_data(assistant: Assistant) -> None:
    answered: CallToolResult = assistant(calling("ask", question="金沢市DXアクションプラン2.0の計画期間は?"))
    text, data = text_of(answered), answered.structured_content
    assert data
    assert data["status"] == "answered"
    assert text.startswith(data["answer"])
    for citation in data["citations"]:
        assert f"[{citation['n']}] {citation['title']}「{citation['section']}」" in text
        assert citation["quote"] in text
    assert "（現行）" in text


def test_a_conversation_goes_on_with_the_number_in_the_text(assistant: Assistant) -> None:
    async def converse(client: Client) -> CallToolResult:
        first = await client.call_tool("ask", {"question": "金沢市DXアクションプラン2.0の計画期間は?"})
        number = text_of(first).split("conversation_id: ")[1].rstrip("）")
        return await client.call_tool("ask", {"question": "その基本理念は?", "conversation_id": number})

    answered = assistant(converse)
    assert answered.structured_content
    assert answered.structured_content["citations"]
    assert "プラン2.0" in answered.structured_content["question_understood"]


def test_passages_are_quoted_with_their_location(assistant: Assistant) -> None:
    found: CallToolResult = assistant(calling("search", query="計画の期間", k=3))
    assert found.structured_content
    passages = found.structured_content["passages"]
    assert len(passages) == 3
    assert json.loads(text_of(found)) == found.structured_content
    states = {one["id"]: (one["in_force"], one["superseded_by"]) for one in found.structured_content["documents"]}
    assert states.keys() == {passage["doc_id"] for passage in passages}
    assert (True, None) in states.values()
    assert "dx-action-plan-2.0" in [successor for _, successor in states.values()]


def test_documents_are_listed(assistant: Assistant) -> None:
    listed: CallToolResult = assistant(calling("documents"))
    documents = json.loads(text_of(listed))["documents"]
    assert [one["in_force"] for one in documents if one["title"] == "金沢市DXアクションプラン2.0"] == [True]


WRONG: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("ask", {"question": " "}, "質問が空です"),
    ("ask", {"question": "あ" * 1001}, "短くしてください"),
    ("ask", {"question": "期間は?", "conversation_id": "never"}, "会話"),
    ("ask", {"question": "期間は?", "as_of": "2026-13-01"}, "実在する日付"),
    ("search", {"query": "あ" * 1001}, "短くしてください"),
    ("search", {"query": "期間", "doc_id": "never"}, "「never」は見つかりません"),
)


def test_an_error_is_returned_and_the_next_call_answered(assistant: Assistant) -> None:
    async def try_all(client: Client) -> None:
        for name, arguments, told in WRONG:
            wrong = await client.call_tool(name, arguments)
            assert wrong.is_error, text_of(wrong)
            assert told in text_of(wrong), text_of(wrong)
        assert not (await client.call_tool("documents", {})).is_error

    assistant(try_all)


def test_the_server_does_not_start_without_an_index(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["mcp", "--data", str(tmp_path / "none")]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "python -m ingest build" in printed.err
