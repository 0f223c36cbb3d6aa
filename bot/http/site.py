"""The public address of this server, from settings and trusted proxies."""

import re

from starlette.requests import HTTPConnection
from starlette.types import Scope

from ingest.configuration.settings import Settings

_DEFAULT_PORTS = {"http": 80, "https": 443}
HOST = re.compile(r"[\w.-]+(?::\d+)?|\[[0-9A-Fa-f:.]+\](?::\d+)?", re.ASCII)
# The client's `Host` is trusted only for its own machine, where a forged one deceives nobody else.
_LOOPBACK = re.compile(r"(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?", re.IGNORECASE | re.ASCII)


def site_url(request: HTTPConnection) -> str:
    """Return the public address of this server with its root path, without a trailing slash."""
    scope = request.scope
    return f"{scope.get('site', '')}{scope.get('app_root_path', scope.get('root_path', ''))}".rstrip("/")


def request_origin(scope: Scope, settings: Settings, forwarded_host: str) -> str:
    """Return scheme and host of this server from the settings, else from a trusted proxy, else from the connection.

    `forwarded_host` is "" if no trusted proxy names one. Returns "" if the server listens on no network.
    """
    if settings.public_url:
        return settings.public_url.rstrip("/")
    scheme = str(scope["scheme"]).replace("ws", "http")
    if forwarded_host:
        return f"{scheme}://{forwarded_host}"
    claimed = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"host"), "")
    if _LOOPBACK.fullmatch(claimed):
        return f"{scheme}://{claimed}"
    address, port = scope.get("server") or ("", None)
    if not address or port is None:
        return ""
    host = f"[{address}]" if ":" in address else address
    return f"{scheme}://{host}" + ("" if port == _DEFAULT_PORTS[scheme] else f":{port}")
