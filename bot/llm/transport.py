"""HTTP clients for model servers: the proxy of the settings and authentication headers."""

from functools import cache
from ssl import SSLContext
from typing import Any
from warnings import filterwarnings

from httpx2 import Request, Response, create_ssl_context
from openai import DefaultAsyncHttpxClient, DefaultHttpxClient

from ingest.configuration.language_model import LanguageModel

# LangChain copies content in parts with warnings that quote the answer.
filterwarnings("ignore", "Pydantic serializer warnings", UserWarning)
_NO_KEY = "none"  # the client requires one
# A longer Retry-After leaves no time for an answer: the client gives up at once.
_MAX_RETRY_AFTER_S = 5


def http_client(proxy: str = "") -> DefaultAsyncHttpxClient:
    """Return a client that connects through `proxy`, if any. To be closed."""
    return DefaultAsyncHttpxClient(
        trust_env=False,
        proxy=proxy or None,
        verify=_certificates(),
        headers={"Accept-Encoding": "identity"},
        event_hooks={"request": [_remove_placeholder_key], "response": [_refuse_long_retry]},
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
