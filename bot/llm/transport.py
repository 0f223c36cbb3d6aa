"""HTTP clients for model servers: no proxy, authentication headers, bounded responses."""

import re
from collections.abc import AsyncIterator
from functools import cache
from ssl import SSLContext
from typing import Any

from httpx2 import AsyncByteStream, Request, Response, create_ssl_context
from openai import DefaultAsyncHttpxClient, DefaultHttpxClient

from bot.llm.configured_model import ConfiguredModel

_NO_KEY = "none"  # the client does not do without
# An answer of 20,000 characters and fifty thousand tokens of thoughts before it, an event of 300 bytes for each token,
# are 21 MB.
_MOST_BYTES = 32 * 2**20
# One event, or an answer that comes in one piece: the client keeps several copies of it while it reads it.
MOST_EVENT_BYTES = 2**20
_EVENT_END = re.compile(rb"\n\n|\r\n\r\n|\r\r")
_LONGEST_END = 4


def http_client() -> DefaultAsyncHttpxClient:
    """Return a client that no proxy of the environment comes between. To be closed."""
    return DefaultAsyncHttpxClient(
        trust_env=False,
        verify=_certificates(),
        event_hooks={"request": [_remove_placeholder_key, _plain], "response": [_limit_response]},
    )


def idle_client() -> DefaultHttpxClient:
    """Return what the chat model wants for calls that are never made; without it, it would look for proxies."""
    return DefaultHttpxClient(trust_env=False, verify=_certificates())


@cache
def _certificates() -> SSLContext:
    """Return the machine's certificates, read once: that takes as long as all else that opens a client."""
    return create_ssl_context(trust_env=False)


def client_arguments(named: ConfiguredModel) -> dict[str, Any]:
    """Return the client's arguments for the key, in a header of its own where Azure wants it so, and the headers."""
    if named.api_version is None:
        return {"api_key": named.key or _NO_KEY, "default_headers": named.headers}
    headers = {"api-key": named.key, **named.headers}
    return {"api_key": _NO_KEY, "default_headers": headers, "default_query": {"api-version": named.api_version}}


async def _remove_placeholder_key(request: Request) -> None:
    """Take the header out that the client makes of no key."""
    if request.headers.get("Authorization") == f"Bearer {_NO_KEY}":
        del request.headers["Authorization"]


async def _plain(request: Request) -> None:
    """Ask for bytes as they are: a megabyte of compressed ones can be a gigabyte."""
    request.headers["Accept-Encoding"] = "identity"


async def _limit_response(response: Response) -> None:
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        await response.aclose()
        raise ValueError("a compressed answer")
    in_one_piece = response.is_error or response.headers.get("Content-Type", "").startswith("application/json")
    if isinstance(response.stream, AsyncByteStream):
        response.stream = _LimitedStream(response.stream, MOST_EVENT_BYTES if in_one_piece else _MOST_BYTES)


class _LimitedStream(AsyncByteStream):
    """The bytes of `stream`; raises ValueError where they are more than `most`, or one event is more than 1 MB."""

    def __init__(self, stream: AsyncByteStream, most: int) -> None:
        self._stream = stream
        self._most = most

    async def __aiter__(self) -> AsyncIterator[bytes]:
        left, event, tail = self._most, 0, b""
        async for some in self._stream:
            left -= len(some)
            ends = [found.end() for found in _EVENT_END.finditer(tail + some)]
            event = len(tail) + len(some) - ends[-1] if ends else event + len(some)
            if left < 0 or event > MOST_EVENT_BYTES:
                raise ValueError("an answer without an end")
            tail = (tail + some)[1 - _LONGEST_END :]
            yield some

    async def aclose(self) -> None:
        await self._stream.aclose()
