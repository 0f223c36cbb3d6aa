"""An assistant, as far as the official SDK's client is one."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any, Literal, TypeVar

from anyio.from_thread import start_blocking_portal
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from mcp.types import CallToolResult

Result = TypeVar("Result")
Mode = Literal["auto", "legacy"]
Assistant = Callable[[Callable[[Client], Awaitable[Any]]], Any]


def as_assistant(
    server: str | StdioServerParameters,
    do: Callable[[Client], Awaitable[Result]],
    mode: Mode = "auto",
) -> Result:
    async def connected() -> Result:
        async with _client(server, mode) as client:
            return await do(client)

    return asyncio.run(connected())


@contextmanager
def staying_assistant(server: str | StdioServerParameters) -> Iterator[Assistant]:
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(_client(server, "auto")) as client:
        yield lambda do: portal.call(do, client)


def _client(server: str | StdioServerParameters, mode: Mode) -> Client:
    transport = streamable_http_client(server) if isinstance(server, str) else server
    return Client(transport, mode=mode, read_timeout_seconds=60)


def text_of(result: CallToolResult) -> str:
    (content,) = result.content
    assert content.type == "text"
    return content.text
