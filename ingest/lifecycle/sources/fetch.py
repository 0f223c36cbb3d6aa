"""Fetches a URL from listed hosts only, with limits on time and size and no private addresses.

A host name is resolved once, and the checked address is the one connected to, so that a name cannot change its address
in between (DNS rebinding). A proxy resolves names itself; then addresses and names of this machine or of an office's
network are refused as they are written.
"""

import socket
import ssl
import time
from base64 import b64encode
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPResponse
from io import BufferedReader
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from threading import Timer
from typing import Any
from urllib.parse import quote, unquote, urljoin, urlsplit, urlunsplit

from pydantic import SecretStr

from ingest.configuration.proxies import choose_proxy, proxy_advice
from ingest.errors import SettingsError
from ingest.lifecycle.sources.source_list import host_of

AGENT = "shirube"
# Seconds for one URL with its redirects.
_TIMEOUT_S = 60.0
_MAX_BYTES = 64 << 20
_MOST_REDIRECTS = 5
_CHUNK_BYTES = 1 << 16
_REDIRECTS = {301, 302, 303, 307, 308}
# Signs of an address that stay; Japanese names of files are encoded.
_URL_SIGNS = "/%:=&?~+!$,;'@()*[]"
# Names that only an office's network or this machine knows (RFC 6761, RFC 6762, RFC 9476 and ICANN).
_INNER_NAMES = ("localhost", "local", "internal", "lan", "home.arpa", "intranet", "corp")
# Their last 32 bits are an IPv4 address (RFC 4291, section 2.5.5.1; RFC 6052).
_IPV4_AT_END = (IPv6Network("::/96"), IPv6Network("64:ff9b::/96"))
# Translation inside of a network (RFC 8215) and site-local addresses (RFC 3879).
_INNER_NETWORKS = (IPv6Network("64:ff9b:1::/48"), IPv6Network("fec0::/10"))


class FetchError(Exception):
    """A URL could not be fetched; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class FetchResult:
    """Status, body (empty unless 200), validators for the next request, and the address after redirects."""

    status: int
    url: str
    body: bytes = b""
    etag: str = ""
    modified: str = ""


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """Limits on fetching one URL, redirects included."""

    seconds: float = _TIMEOUT_S
    size: int = _MAX_BYTES


def fetch(
    url: str,
    hosts: Collection[tuple[str, int]],
    *,
    private: bool = False,
    proxy: SecretStr | None = None,
    etag: str = "",
    modified: str = "",
    limits: FetchLimits | None = None,
    before_request: Callable[[str], None] = lambda _: None,
) -> FetchResult:
    """Return the response of `url`; with `etag` or `modified` only if it has changed (else 304 without a body).

    `proxy` replaces the proxy of the standard variables; a private host is never reached by one. `before_request` is
    called with each URL, redirects included, and may raise FetchError. Raises FetchError.
    """
    limits = limits or FetchLimits()
    deadline = time.monotonic() + limits.seconds
    validators = {"If-None-Match": etag, "If-Modified-Since": modified}
    headers = {"User-Agent": AGENT, "Accept-Encoding": "identity", **{k: v for k, v in validators.items() if v}}
    for _ in range(_MOST_REDIRECTS + 1):
        _refuse_unlisted(url, hosts)
        before_request(url)
        try:
            used_proxy = "" if private else choose_proxy(proxy, url)
        except SettingsError as error:
            raise FetchError(str(error)) from error
        answer = _request(url, headers, deadline, limits, private=private, proxy=used_proxy)
        if isinstance(answer, FetchResult):
            return answer
        if urlsplit(url).scheme == "https" and urlsplit(answer).scheme != "https":
            raise FetchError(f"「{url}」は暗号化されていないアドレスへ転送されるので、取得しません。")
        url = answer
    raise FetchError(f"転送が{_MOST_REDIRECTS}回を超えました。アドレスを確かめてください。")


def _refuse_unlisted(url: str, hosts: Collection[tuple[str, int]]) -> None:
    try:
        host = host_of(url)
    except ValueError:
        raise FetchError(f"「{url}」は取得できるアドレスではありません。") from None
    if host not in hosts:
        raise FetchError(
            f"「{host[0]}」は sources.toml にないホストです。よければ、その項目の hosts に書き加えてください。"
        )


def _request(
    url: str,
    headers: dict[str, str],
    deadline: float,
    limits: FetchLimits,
    *,
    private: bool,
    proxy: str,
) -> FetchResult | str:
    host, port = host_of(url)
    parts = urlsplit(url)
    is_secure = parts.scheme == "https"
    if proxy:
        _refuse_inner_name(host)
        through = urlsplit(proxy)
        connection = _Connection(
            host, port, (through.hostname or "", through.port or 80), deadline, is_secure=is_secure
        )
        authorization = _proxy_authorization(proxy)
        if is_secure:
            connection.set_tunnel(host, port, authorization)
        else:
            headers = headers | authorization
    else:
        connection = _Connection(
            host, port, (_address(host, port, private=private), port), deadline, is_secure=is_secure
        )
    watch = Timer(max(0.0, deadline - time.monotonic()), connection.cut)
    watch.daemon = True
    watch.start()
    try:
        origin = (parts.scheme, parts.netloc) if proxy and not is_secure else ("", "")
        target = urlunsplit((*origin, parts.path or "/", parts.query, ""))
        connection.request("GET", quote(target, safe=_URL_SIGNS), headers=headers)
        answer = connection.getresponse()
        if answer.status in _REDIRECTS and (where := answer.headers.get("Location")):
            return urljoin(url, where)
        body = _body(answer, deadline, limits) if answer.status == HTTPStatus.OK else b""
        validators = answer.headers.get("ETag", ""), answer.headers.get("Last-Modified", "")
        return FetchResult(answer.status, url, body, *validators)
    except (OSError, HTTPException, ValueError) as error:
        if time.monotonic() >= deadline:
            raise FetchError(
                f"{limits.seconds:.0f}秒のうちに取得できませんでした。時間をおいて試してください。"
            ) from error
        advice = f"アドレスと通信を確かめてください。{proxy_advice(SecretStr(proxy) if proxy else None, url)}"
        raise FetchError(f"「{host}」から取得できません（{error}）。{advice}") from error
    finally:
        watch.cancel()
        connection.close()


def _body(answer: HTTPResponse, deadline: float, limits: FetchLimits) -> bytes:
    body = bytearray()
    while chunk := answer.read1(_CHUNK_BYTES):
        body += chunk
        if len(body) > limits.size:
            raise FetchError(f"{limits.size >> 20:,} MB より大きいので、取得をやめました。手で取得して置いてください。")
        if time.monotonic() >= deadline:
            raise TimeoutError
    if answer.length:
        raise HTTPException("途中で切れました")
    return bytes(body)


def _proxy_authorization(proxy: str) -> dict[str, str]:
    parts = urlsplit(proxy)
    if parts.username is None:
        return {}
    credentials = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return {"Proxy-Authorization": f"Basic {b64encode(credentials.encode()).decode('ascii')}"}


def _address(host: str, port: int, *, private: bool) -> str:
    try:
        addresses = [str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except (OSError, UnicodeError) as error:
        raise FetchError(
            f"ホスト「{host}」が見つかりません。アドレスを確かめてください。"
            "プロキシーだけが外の名前を知る網なら、SHIRUBE_PROXY に書いてください。"
        ) from error
    if not private and not all(map(_is_public, addresses)):
        raise _inner_host_error(host)
    return addresses[0]


def _inner_host_error(host: str) -> FetchError:
    return FetchError(
        f"「{host}」は庁内などの内側のアドレスなので、取得しません。"
        "よければ、その項目に private = true と書いてください。"
    )


def _refuse_inner_name(host: str) -> None:
    name = host.rstrip(".")
    is_inner = "." not in name and ":" not in name
    with suppress(OSError):
        is_inner = not _is_public(socket.inet_ntoa(socket.inet_aton(name)))  # also 127.1 and 0x7f000001
    with suppress(ValueError):
        is_inner = not _is_public(name)
    if is_inner or name.endswith(tuple(f".{inner}" for inner in _INNER_NAMES)):
        raise _inner_host_error(host)


def _is_public(address: str) -> bool:
    ip = ip_address(address.partition("%")[0])
    contained: list[IPv4Address | IPv6Address] = list(_contained_addresses(ip)) if isinstance(ip, IPv6Address) else []
    if isinstance(ip, IPv6Address) and (
        any(ip in network for network in _INNER_NETWORKS) or not (contained or ip.is_global)
    ):
        return False
    addresses = contained or [ip]
    return not ip.is_multicast and all(one.is_global and not one.is_multicast for one in addresses)


def _contained_addresses(ip: IPv6Address) -> Iterator[IPv4Address]:
    if ip.ipv4_mapped:
        yield ip.ipv4_mapped
    if ip.sixtofour:
        yield ip.sixtofour
    yield from ip.teredo or ()
    if any(ip in network for network in _IPV4_AT_END):
        yield IPv4Address(int(ip) & 0xFFFFFFFF)


class _CompleteLines(BufferedReader):
    # The end of the connection before a line, as in the middle of headers, is an error.
    def readline(self, size: int | None = -1, /) -> bytes:
        line = super().readline(size)
        if not line:
            raise HTTPException("途中で切れました")
        return line


class _Response(HTTPResponse):
    def __init__(self, sock: socket.socket, *arguments: Any, **options: Any) -> None:
        super().__init__(sock, *arguments, **options)
        self.fp = _CompleteLines(self.fp.detach())


class _Connection(HTTPConnection):
    response_class = _Response

    def __init__(self, host: str, port: int, address: tuple[str, int], deadline: float, *, is_secure: bool) -> None:
        super().__init__(host, port, timeout=max(0.1, deadline - time.monotonic()))
        self._address = address
        self._is_secure = is_secure
        self.default_port = 443 if is_secure else 80
        # Called by `connect` of the base class, which also asks a proxy for a tunnel.
        self._create_connection = lambda _, *rest: socket.create_connection(self._address, *rest)

    def connect(self) -> None:
        super().connect()
        if self._is_secure:
            self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self.host)

    def cut(self) -> None:
        with suppress(OSError, AttributeError):
            self.sock.shutdown(socket.SHUT_RDWR)
