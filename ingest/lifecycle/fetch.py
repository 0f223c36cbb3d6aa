"""Fetches a URL from listed hosts only, with limits on time and size and no private addresses.

A host name is resolved once, and the checked address is the one connected to, so that a name cannot change its address
in between (DNS rebinding). A proxy resolves names itself; then addresses and names of this machine or of an office's
network are refused as they are written.
"""

import asyncio
import socket
import ssl
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from ipaddress import IPv6Network, ip_address
from urllib.parse import urljoin, urlsplit

import httpx2
from pydantic import SecretStr

from ingest.configuration.proxies import choose_proxy, proxy_advice
from ingest.errors import SettingsError

AGENT = "shirube"
PORTS = {"http": 80, "https": 443}
# Seconds for one URL with its redirects.
_TIMEOUT_S = 60.0
_MAX_BYTES = 64 << 20
_MOST_REDIRECTS = 5
_LONGEST_URL = 2_000
# Characters of an error, which may repeat what a server sent.
_MOST_WORDS = 160
_REDIRECTS = {301, 302, 303, 307, 308}
# Names that only an office's network or this machine knows (RFC 6761, RFC 6762, RFC 9476 and ICANN).
_INNER_NAMES = tuple(f".{name}" for name in ["localhost", "local", "internal", "lan", "home.arpa", "intranet", "corp"])
# IPv6 addresses with an IPv4 address in them, which may be private, and site-local ones: RFC 4291 (compatible, mapped),
# RFC 6052 and 8215 (translated), RFC 4380 (Teredo), RFC 3056 (6to4), RFC 3879.
_REFUSED = [
    IPv6Network(network)
    for network in ["::/80", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "2001::/32", "2002::/16", "fec0::/10"]
]


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


def host_of(url: str) -> tuple[str, int]:
    """Return host and port of an address; raises ValueError if it cannot be fetched."""
    parts = urlsplit(url)
    if parts.scheme not in PORTS or not parts.hostname or parts.username is not None:
        raise ValueError("名前やパスワードを含まない http:// か https:// のアドレスで書いてください")
    return parts.hostname.lower(), parts.port or PORTS[parts.scheme]


def fetch(
    url: str,
    hosts: Collection[tuple[str, int]],
    *,
    private: bool = False,
    proxy: SecretStr | None = None,
    etag: str = "",
    modified: str = "",
    seconds: float = _TIMEOUT_S,
    max_bytes: int = _MAX_BYTES,
    before_request: Callable[[str], None] = lambda _: None,
) -> FetchResult:
    """Return the response of `url`; with `etag` or `modified` only if it has changed (else 304 without a body).

    `proxy` replaces the proxy of the standard variables; a private host is never reached by one. `before_request` is
    called with each URL, redirects included, and may raise FetchError. Raises FetchError.
    """
    deadline = time.monotonic() + seconds
    validators = {"If-None-Match": etag, "If-Modified-Since": modified}
    headers = {"User-Agent": AGENT, "Accept-Encoding": "identity", **{k: v for k, v in validators.items() if v}}
    for _ in range(_MOST_REDIRECTS + 1):
        try:
            host = host_of(url)
        except ValueError:
            raise FetchError(f"「{url[:_LONGEST_URL]}」は取得できるアドレスではありません。") from None
        if host not in hosts:
            raise FetchError(
                f"「{host[0]}」は sources.toml にないホストです。よければ、その項目の hosts に書き加えてください。"
            )
        before_request(url)
        try:
            used_proxy = "" if private else choose_proxy(proxy, url)
            request = _request(url, headers, max_bytes, private=private, proxy=used_proxy)
            answer = asyncio.run(asyncio.wait_for(request, deadline - time.monotonic()))
        except SettingsError as error:
            raise FetchError(str(error)) from error
        except TimeoutError as error:
            raise FetchError(f"{seconds:.0f}秒のうちに取得できませんでした。時間をおいて試してください。") from error
        except (OSError, httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError, ValueError) as error:
            advice = proxy_advice(SecretStr(used_proxy) if used_proxy else None, url)
            reason = f"「{host[0]}」から取得できません（{str(error)[:_MOST_WORDS]}）"
            raise FetchError(f"{reason}。アドレスと通信を確かめてください。{advice}") from error
        if isinstance(answer, FetchResult):
            return answer
        if urlsplit(url).scheme == "https" and urlsplit(answer).scheme != "https":
            raise FetchError(f"「{url}」は暗号化されていないアドレスへ転送されるので、取得しません。")
        url = answer
    raise FetchError(f"転送が{_MOST_REDIRECTS}回を超えました。アドレスを確かめてください。")


async def _request(
    url: str, headers: dict[str, str], max_bytes: int, *, private: bool, proxy: str
) -> FetchResult | str:
    host, port = host_of(url)
    target = httpx2.URL(url)
    if proxy:
        _refuse_inner_name(host)
    else:  # connects to the address that was checked
        headers = headers | {"Host": target.netloc.decode("ascii")}
        target = target.copy_with(host=_address(host, port, private=private))
    client = httpx2.AsyncClient(proxy=proxy or None, trust_env=False, timeout=None, verify=ssl.create_default_context())
    async with client, client.stream("GET", target, headers=headers, extensions={"sni_hostname": host}) as answer:
        if answer.status_code in _REDIRECTS and (where := answer.headers.get("Location")):
            if len(where) > _LONGEST_URL:
                raise FetchError(f"転送先のアドレスが長すぎるので（{len(where):,}文字）、取得しません。")
            return urljoin(url, where)
        body = bytearray()
        if answer.status_code == HTTPStatus.OK:
            async for chunk in answer.aiter_raw():
                body += chunk
                if len(body) > max_bytes:
                    raise FetchError(
                        f"{max_bytes >> 20:,} MB より大きいので、取得をやめました。手で取得して置いてください。"
                    )
        validators = answer.headers.get("ETag", ""), answer.headers.get("Last-Modified", "")
        return FetchResult(answer.status_code, url, bytes(body), *validators)


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
    is_inner = ("." not in name and ":" not in name) or f".{name}".endswith(_INNER_NAMES)
    with suppress(OSError):  # also 127.1 and 0x7f000001
        is_inner = not _is_public(socket.inet_ntoa(socket.inet_aton(name)))
    with suppress(ValueError):
        is_inner = not _is_public(name)
    if is_inner:
        raise _inner_host_error(host)


def _is_public(address: str) -> bool:
    ip = ip_address(address.partition("%")[0])
    return ip.is_global and not ip.is_multicast and not any(ip in network for network in _REFUSED)
