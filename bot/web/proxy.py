"""Middleware for reverse proxies: client address, scheme, host and root path.

Forwarding headers are used only from trusted proxies (`SHIRUBE_TRUSTED_PROXIES`) and removed from every request. IPv4
addresses that are mapped to IPv6, as on a socket for both, are converted to IPv4. The log reports headers of others.
"""

import logging
import re
from collections.abc import Sequence
from contextlib import suppress
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import NamedTuple

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.http.site import HOST, request_origin
from ingest.configuration.settings import Settings

log = logging.getLogger(__name__)
Network = IPv4Network | IPv6Network
# One year, the least for browsers' preload lists; without subdomains, which may belong to others (RFC 6797).
HSTS = "max-age=31536000"
_FORWARDED = re.compile(rb"forwarded|x-forwarded-.*|x-real-ip")
_PORT = re.compile(r"(?:\[(?P<six>[0-9A-Fa-f:.]+)\]|(?P<four>[\d.]+))(?::\d+)?")
# IPv4-mapped addresses are in `::ffff:0:0/96` (RFC 4291, section 2.5.5.2).
_MAPPED_PREFIX_BITS = 96


class Hop(NamedTuple):
    """A request as one proxy received it: client address, scheme and host."""

    address: str
    scheme: str = ""
    host: str = ""


class ProxyHeaders:
    """Middleware that sets the original client, scheme, host and path of each request, and HSTS over https."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._trusted = tuple(map(_unmap_network, settings.trusted_networks))
        self._root = settings.root_path
        self._settings = settings
        self._has_warned = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on as the client sent it to the outermost proxy."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["client"]:
            scope["client"] = (_unmap_address(scope["client"][0]), *scope["client"][1:])
        headers = Headers(scope=scope)
        origin = self._origin(scope, headers)
        unforwarded = [pair for pair in scope["headers"] if not _FORWARDED.fullmatch(pair[0])]
        if len(unforwarded) < len(scope["headers"]) and scope["client"] and not self._trusts(scope["client"][0]):
            self._warn_once(scope["client"][0])
        scope["headers"] = unforwarded
        host = _set_origin(scope, origin) if origin else ""
        # Tenants have this middleware twice, and only the outer one knows the proxies.
        scope.setdefault("site", request_origin(scope, self._settings, host))
        if self._root:
            if not f"{scope['path']}/".startswith(f"{self._root}/"):
                scope["path"] = self._root + scope["path"]
                scope["raw_path"] = self._root.encode() + scope.get("raw_path", b"")
            scope["root_path"] = self._root
        await self._app(scope, receive, _with_hsts(send) if scope["scheme"] in {"https", "wss"} else send)

    def _origin(self, scope: Scope, headers: Headers) -> Hop | None:
        if not scope["client"] or not self._trusts(scope["client"][0]):
            return None
        hops = _forwarded_hops(headers)
        for hop in reversed(hops):
            if not self._trusts(hop.address):
                return hop
        return hops[0] if hops else None

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

    def _trusts(self, address: str) -> bool:
        try:
            client = ip_address(address)
        except ValueError:
            return False
        return any(client in network for network in self._trusted)


def _forwarded_hops(headers: Headers) -> list[Hop]:
    addresses = []
    for value in _header_values(headers, "x-forwarded-for") or [""]:
        match = _PORT.fullmatch(value)
        addresses.append(_unmap_address(match["six"] or match["four"] if match else value))
    schemes = _align_values(_header_values(headers, "x-forwarded-proto"), len(addresses))
    hosts = _align_values(_header_values(headers, "x-forwarded-host"), len(addresses))
    return [Hop(*hop) for hop in zip(addresses, map(str.lower, schemes), hosts, strict=True)]


def _header_values(headers: Headers, name: str) -> list[str]:
    values = ",".join(headers.getlist(name)).split(",")
    return [value.strip() for value in values if value.strip()]


def _align_values(values: Sequence[str], hops: int) -> list[str]:
    if len(values) < hops:
        return [values[-1] if values else ""] * hops
    return list(values[len(values) - hops :])


def _unmap_address(address: str) -> str:
    try:
        mapped = IPv6Address(address).ipv4_mapped
    except ValueError:
        return address
    return str(mapped or address)


def _unmap_network(network: Network) -> Network:
    first = network.network_address
    bits = network.prefixlen - _MAPPED_PREFIX_BITS
    mapped = first.ipv4_mapped if isinstance(first, IPv6Address) else None
    return IPv4Network((mapped, bits)) if mapped and bits >= 0 else network


def _set_origin(scope: Scope, origin: Hop) -> str:
    if origin.address:
        scope["client"] = (origin.address, 0)
    if origin.scheme in {"http", "https"}:
        scope["scheme"] = origin.scheme.replace("http", "ws") if scope["type"] == "websocket" else origin.scheme
    if not HOST.fullmatch(origin.host):
        return ""
    others = [pair for pair in scope["headers"] if pair[0] != b"host"]
    scope["headers"] = [(b"host", origin.host.encode()), *others]
    return origin.host


def _with_hsts(send: Send) -> Send:
    async def send_with_hsts(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(raw=message.setdefault("headers", []))["strict-transport-security"] = HSTS
        await send(message)

    return send_with_hsts
