"""Middleware for reverse proxies: client address, scheme, host and root path.

That a request says who it was forwarded for is believed of trusted proxies alone (`SHIRUBE_TRUSTED_PROXIES`); from
anybody else these headers are taken away, so that nothing behind this place hears them. An IPv4 address that is written
as IPv6, as where one socket listens for both, is IPv4 from here on.
"""

import re
from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import NamedTuple

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.http.site import request_origin
from ingest.configuration.settings import Settings

Network = IPv4Network | IPv6Network
# A year, as browsers' lists ask for; of this host alone, for the neighbours' are not ours to bind (RFC 6797).
HSTS = "max-age=31536000"
_FORWARDED = re.compile(rb"forwarded|x-forwarded-.*|x-real-ip")
# RFC 7239, 4: name=token or name="quoted".
_PAIR = re.compile(r'\s*([\w!#$%&\'*+.^`|~-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]*))\s*(;|,|$)')
_PORT = re.compile(r"(?:\[(?P<six>[0-9A-Fa-f:.]+)\]|(?P<four>[\d.]+))(?::\d+)?")
# The prefix of `::ffff:0:0/96`, below which IPv4 is mapped (RFC 4291, 2.5.5.2).
_MAPPED_PREFIX_BITS = 96
_HOST = re.compile(r"[\w.-]+(?::\d+)?|\[[0-9A-Fa-f:.]+\](?::\d+)?", re.ASCII)


class Hop(NamedTuple):
    """What a proxy says of the request as it came there: from which address, by which scheme, to which host."""

    address: str
    scheme: str = ""
    host: str = ""


class ProxyHeaders:
    """Middleware: puts right client, scheme, host and path of each request; over https it tells browsers to stay so."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._trusted = tuple(map(_unmap_network, settings.trusted_networks))
        self._standard = settings.forwarded_by == "forwarded"
        self._root = settings.root_path
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on as the client sent it."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["client"]:
            scope["client"] = (_unmap_address(scope["client"][0]), *scope["client"][1:])
        headers = Headers(scope=scope)
        origin = self._origin(scope, headers)
        scope["headers"] = [pair for pair in scope["headers"] if not _FORWARDED.fullmatch(pair[0])]
        host = _set_origin(scope, origin) if origin else ""
        # Offices that share a service have this middleware twice: the outer one knows the proxies.
        scope.setdefault("site", request_origin(scope, self._settings, host))
        self._set_root(scope)
        await self._app(scope, receive, _with_hsts(send) if scope["scheme"] in {"https", "wss"} else send)

    def _origin(self, scope: Scope, headers: Headers) -> Hop | None:
        """Return the request as it reached the outermost trusted proxy; None where none is trusted, or says so."""
        if not scope["client"] or not self._trusts(scope["client"][0]):
            return None
        hops = (_forwarded_hops if self._standard else _x_forwarded_hops)(headers)
        for hop in reversed(hops):
            if not self._trusts(hop.address):
                return hop
        return hops[0] if hops else None

    def _trusts(self, address: str) -> bool:
        try:
            given = ip_address(address)
        except ValueError:
            return False
        return any(given in network for network in self._trusted)

    def _set_root(self, scope: Scope) -> None:
        """Let the application know below which path it hangs, whether or not the proxy has taken that off."""
        if not self._root:
            return
        if not f"{scope['path']}/".startswith(f"{self._root}/"):
            scope["path"] = self._root + scope["path"]
            scope["raw_path"] = self._root.encode() + scope.get("raw_path", b"")
        scope["root_path"] = self._root


def _forwarded_hops(headers: Headers) -> list[Hop]:
    """Return the elements of `Forwarded` (RFC 7239), the outermost proxy's first; none where it cannot be read."""
    written, at, hops, pairs = ",".join(headers.getlist("forwarded")), 0, [], {}
    while at < len(written):
        if not (found := _PAIR.match(written, at)):
            return []
        pairs[found[1].lower()] = found[3] if found[2] is None else re.sub(r"\\(.)", r"\1", found[2])
        if found[4] != ";":
            hops.append(Hop(_address(pairs.get("for", "")), pairs.get("proto", "").lower(), pairs.get("host", "")))
            pairs = {}
        at = found.end()
    return hops


def _x_forwarded_hops(headers: Headers) -> list[Hop]:
    """Return what `X-Forwarded-For`, `-Proto` and `-Host` say, the outermost proxy's first."""
    addresses = [_address(one) for one in _header_values(headers, "x-forwarded-for")] or [""]
    schemes, hosts = (
        _align_values(_header_values(headers, f"x-forwarded-{what}"), len(addresses)) for what in ("proto", "host")
    )
    return [Hop(*one) for one in zip(addresses, map(str.lower, schemes), hosts, strict=True)]


def _header_values(headers: Headers, name: str) -> list[str]:
    return [one.strip() for value in headers.getlist(name) for one in value.split(",") if one.strip()]


def _align_values(values: Sequence[str], length: int) -> list[str]:
    """Return as many values as there are hops: the last ones, and where a proxy set but one, that for all."""
    if len(values) < length:
        return [values[-1] if values else ""] * length
    return list(values[len(values) - length :])


def _address(written: str) -> str:
    """Return an address without its port; what is none (`unknown`, `_hidden`) as it is."""
    if (found := _PORT.fullmatch(written)) is None:
        return _unmap_address(written)
    return _unmap_address(found["six"] or found["four"])


def _unmap_address(address: str) -> str:
    """Return an IPv4 address that is written as IPv6 (`::ffff:192.0.2.1`) as IPv4; any other as it is."""
    try:
        mapped = IPv6Address(address).ipv4_mapped
    except ValueError:
        return address
    return str(mapped or address)


def _unmap_network(network: Network) -> Network:
    first, bits = network.network_address, network.prefixlen - _MAPPED_PREFIX_BITS
    mapped = first.ipv4_mapped if isinstance(first, IPv6Address) else None
    return IPv4Network((mapped, bits)) if mapped and bits >= 0 else network


def _set_origin(scope: Scope, origin: Hop) -> str:
    """Write the request's origin into the scope, and return the host if the proxy named a valid one."""
    if origin.address:
        scope["client"] = (origin.address, 0)
    if origin.scheme in {"http", "https"}:
        scope["scheme"] = origin.scheme.replace("http", "ws") if scope["type"] == "websocket" else origin.scheme
    if not _HOST.fullmatch(origin.host):
        return ""
    others = [pair for pair in scope["headers"] if pair[0] != b"host"]
    scope["headers"] = [(b"host", origin.host.encode()), *others]
    return origin.host


def _with_hsts(send: Send) -> Send:
    async def told(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(raw=message.setdefault("headers", []))["strict-transport-security"] = HSTS
        await send(message)

    return told
