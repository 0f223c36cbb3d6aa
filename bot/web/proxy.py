"""Middleware for reverse proxies: client address, scheme, host and root path.

Forwarding headers are used only from trusted proxies (`SHIRUBE_TRUSTED_PROXIES`) and removed from every request. IPv4
addresses that are mapped to IPv6, as on a socket for both, are converted to IPv4. `doctor` reports headers of others.
"""

import json
import logging
import re
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address
from pathlib import Path
from typing import NamedTuple

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.http.site import HOST, request_origin
from ingest.configuration.settings import Settings

log = logging.getLogger(__name__)
_FILE = "untrusted-proxy.json"
# After this time the note is about a proxy that is no longer used, or a client that sent the headers itself.
_LIFETIME = timedelta(days=7)


class UntrustedProxy(NamedTuple):
    """The private address that sent forwarding headers, and when."""

    address: str
    at: datetime


class UntrustedProxyNote:
    """Writes the first such request of a process to the log, and into the data folder for `doctor`.

    Only private addresses are noted: any visitor can send these headers, and visitors' addresses are not kept.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / _FILE
        self._is_noted = False

    def note(self, address: str) -> None:
        """Note a request with forwarding headers from an address that is not trusted."""
        if self._is_noted or not _is_private(address):
            return
        self._is_noted = True
        log.warning(
            "転送ヘッダー（X-Forwarded-For など）が、信頼していない %s から届きました。それがプロキシーなら、"
            "SHIRUBE_TRUSTED_PROXIES に入れてください。入れるまでは、すべての人がひとりとして数えられ、"
            "クッキーに Secure が付きません。",
            address,
        )
        with suppress(OSError):  # the log has it in any case
            self._file.write_text(json.dumps({"address": address, "at": datetime.now(UTC).isoformat()}), "utf-8")


def read_untrusted_proxy(settings: Settings) -> UntrustedProxy | None:
    """Return the newest note, or None if there is none, it is old, or the settings trust the address by now."""
    try:
        noted = json.loads((settings.data / _FILE).read_text("utf-8"))
        proxy = UntrustedProxy(noted["address"], datetime.fromisoformat(noted["at"]))
        is_trusted = any(ip_address(proxy.address) in network for network in settings.trusted_networks)
    except (OSError, ValueError, KeyError):
        return None
    return None if is_trusted or datetime.now(UTC) - proxy.at > _LIFETIME else proxy


def _is_private(address: str) -> bool:
    try:
        return ip_address(address).is_private
    except ValueError:
        return False


Network = IPv4Network | IPv6Network
# One year, the least for browsers' preload lists; without subdomains, which may belong to others (RFC 6797).
HSTS = "max-age=31536000"
_FORWARDED = re.compile(rb"forwarded|x-forwarded-.*|x-real-ip")
# name=token or name="quoted" (RFC 7239, section 4).
_FORWARDED_PAIR = re.compile(r'\s*([\w!#$%&\'*+.^`|~-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]*))\s*(;|,|$)')
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
        self._standard = settings.forwarded_by == "forwarded"
        self._root = settings.root_path
        self._settings = settings
        self._untrusted = UntrustedProxyNote(settings.data)

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
            self._untrusted.note(scope["client"][0])
        scope["headers"] = unforwarded
        host = _set_origin(scope, origin) if origin else ""
        # Tenants have this middleware twice, and only the outer one knows the proxies.
        scope.setdefault("site", request_origin(scope, self._settings, host))
        self._set_root(scope)
        await self._app(scope, receive, _with_hsts(send) if scope["scheme"] in {"https", "wss"} else send)

    def _origin(self, scope: Scope, headers: Headers) -> Hop | None:
        if not scope["client"] or not self._trusts(scope["client"][0]):
            return None
        hops = (_forwarded_hops if self._standard else _x_forwarded_hops)(headers)
        for hop in reversed(hops):
            if not self._trusts(hop.address):
                return hop
        return hops[0] if hops else None

    def _trusts(self, address: str) -> bool:
        try:
            client = ip_address(address)
        except ValueError:
            return False
        return any(client in network for network in self._trusted)

    def _set_root(self, scope: Scope) -> None:
        if not self._root:
            return
        if not f"{scope['path']}/".startswith(f"{self._root}/"):
            scope["path"] = self._root + scope["path"]
            scope["raw_path"] = self._root.encode() + scope.get("raw_path", b"")
        scope["root_path"] = self._root


def _forwarded_hops(headers: Headers) -> list[Hop]:
    value = ",".join(headers.getlist("forwarded"))
    position = 0
    hops = []
    pairs = {}
    while position < len(value):
        match = _FORWARDED_PAIR.match(value, position)
        if match is None:
            return []
        pairs[match[1].lower()] = match[3] if match[2] is None else re.sub(r"\\(.)", r"\1", match[2])
        if match[4] != ";":
            address = _without_port(pairs.get("for", ""))
            hops.append(Hop(address, pairs.get("proto", "").lower(), pairs.get("host", "")))
            pairs = {}
        position = match.end()
    return hops


def _x_forwarded_hops(headers: Headers) -> list[Hop]:
    addresses = [_without_port(value) for value in _header_values(headers, "x-forwarded-for")] or [""]
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


def _without_port(address: str) -> str:
    match = _PORT.fullmatch(address)
    return _unmap_address(match["six"] or match["four"] if match else address)


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
