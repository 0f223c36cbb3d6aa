from datetime import date
from typing import Any

import httpx2
import pytest
from mcp import Client
from mcp.types import CallToolResult

from ingest.errors import NoIndexError
from tests.bot.channels.api.mcp.assistant import as_assistant, text_of
from tests.bot.fixed_service import TEXT, StandIn
from tests.bot.server_thread import served

pytestmark = pytest.mark.server
LIST_TOOLS = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
ACCEPTS = {"Accept": "application/json, text/event-stream"}


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_a_server_answers_assistants_at_its_address(server: str, mode: Any) -> None:
    async def ask(client: Client) -> CallToolResult:
        return await client.call_tool("ask", {"question": "金沢市DXアクションプラン2.0の計画期間は?"})

    before = answers(server)
    answered = as_assistant(f"{server}/mcp", ask, mode)
    assert answered.structured_content
    assert answered.structured_content["status"] == "answered"
    assert "[1] 金沢市DXアクションプラン2.0「1.3. プランの期間」（現行）" in text_of(answered)
    assert answers(server) == before + 1
    assert 'lang="ja"' in httpx2.get(server, trust_env=False).text


def answers(server: str) -> float:
    lines = httpx2.get(f"{server}/metrics", trust_env=False).text.splitlines()
    return sum(float(line.split()[-1]) for line in lines if line.startswith("shirube_answers_total{"))


def test_without_the_setting_the_address_is_unknown() -> None:
    with served(StandIn(), pages=()) as url:
        answer = httpx2.post(f"{url}/mcp", json=LIST_TOOLS, headers=ACCEPTS, trust_env=False)
        assert answer.status_code == 404


def test_only_calls_of_programs_are_served() -> None:
    with served(StandIn(), pages=(), mcp=True) as url, httpx2.Client(trust_env=False, headers=ACCEPTS) as client:
        address = f"{url}/mcp"
        assert client.post(address, json=LIST_TOOLS).status_code == 200
        refused = client.post(address, json=LIST_TOOLS, headers={"Origin": url})
        assert refused.status_code == 403
        assert "プログラム用" in refused.json()["detail"]
        assert [client.request(method, address).status_code for method in ("GET", "DELETE")] == [405, 405]
        assert client.post(address, content=b" " * 2_000_000).status_code == 413


def test_calls_count_for_the_limit_of_the_api() -> None:
    with (
        served(StandIn(), pages=(), mcp=True, requests_per_minute_address=2) as url,
        httpx2.Client(trust_env=False, headers=ACCEPTS) as client,
    ):
        calls = [client.post(f"{url}/mcp", json=LIST_TOOLS) for _ in range(3)]
    assert [one.status_code for one in calls] == [200, 200, 429]
    assert int(calls[2].headers["retry-after"]) > 0


def test_internal_errors_are_reported_without_details() -> None:
    async def ask(client: Client) -> CallToolResult:
        return await client.call_tool("ask", {"question": "期間は?"})

    for error, told in ((NoIndexError("/secret/path"), "しばらく待って"), (RuntimeError("/secret/path"), "ask")):
        with served(StandIn(error), pages=(), mcp=True) as url:
            answered = as_assistant(f"{url}/mcp", ask)
        assert answered.is_error
        assert told in text_of(answered)
        assert "secret" not in text_of(answered)


def test_the_answer_of_the_service_is_the_answer_of_the_tool() -> None:
    service = StandIn()

    async def ask(client: Client) -> CallToolResult:
        return await client.call_tool("ask", {"question": "期間は?", "style": "easy", "as_of": "2026-04-01"})

    with served(service, pages=(), mcp=True) as url:
        assert text_of(as_assistant(f"{url}/mcp", ask)).startswith(TEXT)
    (asked,) = service.asked
    assert asked.question == "期間は?"
    assert asked.style == "easy"
    assert asked.as_of == date(2026, 4, 1)
