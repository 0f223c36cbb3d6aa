"""Fetches a URL from listed hosts only, with limits on time and size and no private addresses.

A host name is resolved once, and the checked address is the one connected to, so that a name cannot change its address
in between (DNS rebinding). Proxies are not used.
"""

import ipaddress
import socket
import ssl
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPResponse
from threading import Timer
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

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
    etag: str = "",
    modified: str = "",
    limits: FetchLimits | None = None,
    before_request: Callable[[str], None] = lambda _: None,
) -> FetchResult:
    """Return the response of `url`; with `etag` or `modified` only if it has changed (else 304 without a body).

    `before_request` is called with each URL, redirects included, and may raise FetchError. Raises FetchError.
    """
    limits = limits or FetchLimits()
    deadline = time.monotonic() + limits.seconds
    validators = {"If-None-Match": etag, "If-Modified-Since": modified}
    headers = {"User-Agent": AGENT, "Accept-Encoding": "identity", **{k: v for k, v in validators.items() if v}}
    for _ in range(_MOST_REDIRECTS + 1):
        _refuse_unlisted(url, hosts)
        before_request(url)
        answer = _request(url, headers, deadline, limits, private=private)
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
) -> FetchResult | str:
    host, port = host_of(url)
    parts = urlsplit(url)
    connection = _Connection(
        host, port, _address(host, port, private=private), secure=parts.scheme == "https", deadline=deadline
    )
    watch = Timer(max(0.0, deadline - time.monotonic()), connection.cut)
    watch.daemon = True
    watch.start()
    try:
        target = urlunsplit(("", "", parts.path or "/", parts.query, ""))
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
        raise FetchError(f"「{host}」から取得できません（{error}）。アドレスと通信を確かめてください。") from error
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


def _address(host: str, port: int, *, private: bool) -> str:
    """Return an address of a host. Raises FetchError if any is private and `private` is not set."""
    try:
        addresses = [str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except (OSError, UnicodeError) as error:
        raise FetchError(f"ホスト「{host}」が見つかりません。アドレスを確かめてください。") from error
    if not private and not all(map(_is_public, addresses)):
        raise FetchError(
            f"「{host}」は庁内などの内側のアドレスなので、取得しません。"
            "よければ、その項目に private = true と書いてください。"
        )
    return addresses[0]


def _is_public(address: str) -> bool:
    ip = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(ip, "ipv4_mapped", None)
    return bool((mapped or ip).is_global) and not ip.is_multicast


class _Connection(HTTPConnection):
    """Connects to a checked address under the requested host name."""

    def __init__(self, host: str, port: int, address: str, *, secure: bool, deadline: float) -> None:
        super().__init__(host, port, timeout=max(0.1, deadline - time.monotonic()))
        self._address = address
        self._secure = secure
        self.default_port = 443 if secure else 80

    def connect(self) -> None:
        self.sock = socket.create_connection((self._address, self.port), self.timeout)
        if self._secure:
            self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self.host)

    def cut(self) -> None:
        with suppress(OSError, AttributeError):
            self.sock.shutdown(socket.SHUT_RDWR)
