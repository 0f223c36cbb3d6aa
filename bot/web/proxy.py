"""Middleware for reverse proxies: client address, scheme, host and root path.

Forwarding headers are used only from trusted proxies (`SHIRUBE_TRUSTED_PROXIES`) and removed from every request. The
log reports headers of others.
"""

import logging
import re
from contextlib import suppress
from ipaddress import ip_address

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from bot.http.site import HOST, request_origin
from ingest.configuration.settings import Settings

log = logging.getLogger(__name__)
# One year, the least for browsers' preload lists; without subdomains, which may belong to others (RFC 6797).
HSTS = "max-age=31536000"
_FORWARDED = re.compile(rb"forwarded|x-forwarded-.*|x-real-ip")


class ProxyHeaders:
    """Middleware that sets the original client, scheme, host and path of each request, and HSTS over https."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._resolve = ProxyHeadersMiddleware(self._serve, [str(network) for network in settings.trusted_networks])  # type: ignore[arg-type]
        self._root = settings.root_path
        self._settings = settings
        self._has_warned = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on as the client sent it to the outermost proxy."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        peer = scope["client"][0] if scope["client"] else ""
        host = ""
        if peer in self._resolve.trusted_hosts:
            host = Headers(scope=scope).get("x-forwarded-host", "").rpartition(",")[2].strip()
        elif any(_FORWARDED.fullmatch(name) for name, _ in scope["headers"]):
            self._warn_once(peer)
        scope["forwarded_host"] = host if HOST.fullmatch(host) else ""
        await self._resolve(scope, receive, send)  # type: ignore[arg-type]

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        host = scope.pop("forwarded_host")
        dropped = rb"host|" + _FORWARDED.pattern if host else _FORWARDED.pattern
        scope["headers"] = [pair for pair in scope["headers"] if not re.fullmatch(dropped, pair[0])]
        if host:
            scope["headers"].append((b"host", host.encode()))
        scope["site"] = request_origin(scope, self._settings, host)
        if self._root:
            if not f"{scope['path']}/".startswith(f"{self._root}/"):
                scope["path"] = self._root + scope["path"]
                scope["raw_path"] = self._root.encode() + scope.get("raw_path", b"")
            scope["root_path"] = self._root
        await self._app(scope, receive, _with_hsts(send) if scope["scheme"] in {"https", "wss"} else send)

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


def _with_hsts(send: Send) -> Send:
    async def send_with_hsts(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(raw=message.setdefault("headers", []))["strict-transport-security"] = HSTS
        await send(message)

    return send_with_hsts
