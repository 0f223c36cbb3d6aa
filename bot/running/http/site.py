"""The public address of this server and of its callers, from settings and trusted proxies.

Forwarding headers are used only from trusted proxies (`SHIRUBE_TRUSTED_PROXIES`) and removed from every request.
"""

import logging
import re
from contextlib import suppress
from ipaddress import ip_address

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from ingest.configuration.settings import Settings

log = logging.getLogger(__name__)
_FORWARDED = re.compile(rb"forwarded|x-forwarded-.*|x-real-ip")
_DEFAULT_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"[\w.-]+(?::\d+)?|\[[0-9A-Fa-f:.]+\](?::\d+)?", re.ASCII)
# The client's `Host` is trusted only for its own machine, where a forged one deceives nobody else.
_LOOPBACK = re.compile(r"(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?", re.IGNORECASE | re.ASCII)


def site_url(request: HTTPConnection) -> str:
    """Return the public address of this server with its root path, without a trailing slash."""
    return f"{request.scope.get('site', '')}{base_path(request)}".rstrip("/")


def base_path(request: HTTPConnection) -> str:
    """Return the root path of the server, "" if it is at the root of its host."""
    return str(request.scope.get("app_root_path", request.scope.get("root_path", "")))


class ProxyHeaders:
    """Middleware that sets client and scheme (by uvicorn), and host, site and root path of each request."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._resolve = ProxyHeadersMiddleware(self._serve, [str(network) for network in settings.trusted_networks])  # type: ignore[arg-type]
        self._settings = settings
        self._has_warned = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        peer = scope["client"][0] if scope["client"] else ""
        scope["forwarded_host"] = ""
        if peer in self._resolve.trusted_hosts:
            host = Headers(scope=scope).get("x-forwarded-host", "").rpartition(",")[2].strip()
            scope["forwarded_host"] = host if _HOST.fullmatch(host) else ""
        elif any(_FORWARDED.fullmatch(name) for name, _ in scope["headers"]):
            self._warn_once(peer)
        await self._resolve(scope, receive, send)  # type: ignore[arg-type]

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        host, root = scope.pop("forwarded_host"), self._settings.root_path
        scope["headers"] = [pair for pair in scope["headers"] if not _FORWARDED.fullmatch(pair[0])]
        if host:
            others = [pair for pair in scope["headers"] if pair[0] != b"host"]
            scope["headers"] = [*others, (b"host", host.encode())]
        scope["scheme"] = str(scope["scheme"]).replace("ws", "http")  # uvicorn takes these from a proxy, too
        scope["site"] = _request_origin(scope, self._settings, host)
        if root:
            if not f"{scope['path']}/".startswith(f"{root}/"):  # as of a proxy that removes the path
                scope["path"] = root + scope["path"]
                scope["raw_path"] = root.encode() + scope.get("raw_path", b"")
            scope["root_path"] = root
        await self._app(scope, receive, send)

    def _warn_once(self, address: str) -> None:
        # Only of a private address: any visitor can send these headers, and visitors' addresses are not logged.
        with suppress(ValueError):
            if not self._has_warned and ip_address(address).is_private:
                self._has_warned = True
                log.warning(
                    "転送ヘッダー（X-Forwarded-For など）が、信頼していない %s から届きました。それがプロキシーなら、"
                    "SHIRUBE_TRUSTED_PROXIES に入れてください。入れるまでは、すべての人がひとりとして数えられ、"
                    "クッキーに Secure が付きません。",
                    address,
                )


def _request_origin(scope: Scope, settings: Settings, forwarded_host: str) -> str:
    if settings.public_url:
        return settings.public_url.rstrip("/")
    scheme = scope["scheme"]
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
