"""HTTP clients for model servers: the proxy of the settings, authentication headers, bounded responses."""

import re
from collections.abc import AsyncIterator
from functools import cache
from ssl import SSLContext
from typing import Any
from warnings import filterwarnings

from httpx2 import AsyncByteStream, ReadError, Request, Response, create_ssl_context
from openai import DefaultAsyncHttpxClient, DefaultHttpxClient

from ingest.configuration.language_model import LanguageModel

# LangChain copies content in parts with warnings that quote the answer.
filterwarnings("ignore", "Pydantic serializer warnings", UserWarning)
_NO_KEY = "none"  # the client requires one
# An answer of 20,000 characters and fifty thousand tokens of thoughts before it, an event of 300 bytes for each token,
# are 21 MB.
_MAX_BYTES = 32 * 2**20
# One event, or an answer in one piece: the client keeps several copies of it while it reads it.
_MAX_EVENT_BYTES = 2**20
_EVENT_END = re.compile(rb"\n\n|\r\n\r\n|\r\r")
_LONGEST_END = 4
# A longer Retry-After leaves no time for an answer: the client gives up at once.
_MAX_RETRY_AFTER_S = 5


def http_client(proxy: str = "") -> DefaultAsyncHttpxClient:
    """Return a client that connects through `proxy`, if any. To be closed."""
    return DefaultAsyncHttpxClient(
        trust_env=False,
        proxy=proxy or None,
        verify=_certificates(),
        headers={"Accept-Encoding": "identity"},
        event_hooks={"request": [_remove_placeholder_key], "response": [_refuse_long_retry, _limit_response]},
    )


def idle_client() -> DefaultHttpxClient:
    """Return a client for synchronous calls, which are never made; LangChain would look for proxies."""
    return DefaultHttpxClient(trust_env=False, verify=_certificates())


@cache
def _certificates() -> SSLContext:
    # Read once: that takes as long as the rest of opening a client.
    return create_ssl_context(trust_env=False)


def client_arguments(model: LanguageModel) -> dict[str, Any]:
    """Return the client's arguments for headers and key, which Azure expects in a different header."""
    if model.api_version is None:
        return {"api_key": model.key or _NO_KEY, "default_headers": model.header_fields}
    headers = {"api-key": model.key, **model.header_fields}
    return {"api_key": _NO_KEY, "default_headers": headers, "default_query": {"api-version": model.api_version}}


async def _remove_placeholder_key(request: Request) -> None:
    if request.headers.get("Authorization") == f"Bearer {_NO_KEY}":
        del request.headers["Authorization"]


async def _refuse_long_retry(response: Response) -> None:
    seconds = response.headers.get("Retry-After", "0").strip()
    if not seconds.isdecimal() or int(seconds) > _MAX_RETRY_AFTER_S:
        response.headers["x-should-retry"] = "false"  # read by the openai client


async def _limit_response(response: Response) -> None:
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        await response.aclose()
        raise ReadError("a compressed answer")
    in_one_piece = response.is_error or response.headers.get("Content-Type", "").startswith("application/json")
    if isinstance(response.stream, AsyncByteStream):
        response.stream = _LimitedStream(response.stream, _MAX_EVENT_BYTES if in_one_piece else _MAX_BYTES)


class _LimitedStream(AsyncByteStream):
    def __init__(self, stream: AsyncByteStream, limit: int) -> None:
        self._stream = stream
        self._limit = limit

    async def __aiter__(self) -> AsyncIterator[bytes]:
        remaining, event, tail = self._limit, 0, b""
        async for some in self._stream:
            remaining -= len(some)
            ends = [match.end() for match in _EVENT_END.finditer(tail + some)]
            event = len(tail) + len(some) - ends[-1] if ends else event + len(some)
            if remaining < 0 or event > _MAX_EVENT_BYTES:
                raise ReadError("an answer without an end")
            tail = (tail + some)[1 - _LONGEST_END :]
            yield some

    async def aclose(self) -> None:
        await self._stream.aclose()
