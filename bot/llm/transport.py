"""HTTP clients for model servers: the proxy of the settings, authentication headers, bounded responses."""

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
# Fifty thousand tokens, of an answer and the thoughts before it, an event of 160 bytes for each.
_MAX_BYTES = 2**23
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
    if isinstance(response.stream, AsyncByteStream):
        response.stream = _LimitedStream(response.stream)


class _LimitedStream(AsyncByteStream):
    def __init__(self, stream: AsyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for some in self._stream:
            size += len(some)
            if size > _MAX_BYTES:
                raise ReadError("an answer without an end")
            yield some

    async def aclose(self) -> None:
        await self._stream.aclose()
