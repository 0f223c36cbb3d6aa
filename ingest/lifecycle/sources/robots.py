"""Applies robots.txt (RFC 9309) and a pause between requests to one host."""

import time
from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import urlsplit, urlunsplit
from urllib.robotparser import RobotFileParser

from pydantic import SecretStr

from ingest.lifecycle.sources.fetch import AGENT, FetchError, FetchLimits, fetch
from ingest.lifecycle.sources.source_list import WebSource

Pause = Callable[[float], None]
# Default pause between requests to one host.
_PAUSE_S = 1.0
# Longest pause that robots.txt may request.
_LONGEST_PAUSE_S = 30.0
_ROBOTS_LIMITS = FetchLimits(20.0, 512 << 10)


class Robots:
    """Applies the hosts' robots.txt, each read once, and the pause between requests to a host."""

    def __init__(self, pause: Pause, proxy: SecretStr | None = None) -> None:
        self._pause = pause
        self._proxy = proxy
        self._read: dict[tuple[str, str], RobotFileParser] = {}
        self._asked: dict[str, float] = {}

    def wait_for_permission(self, source: WebSource, url: str) -> None:
        """Wait for the pause of the host. Raises FetchError if robots.txt disallows the URL."""
        parts = urlsplit(url)
        key = (parts.scheme, parts.netloc)
        if key not in self._read:
            self._read[key] = self._rules(source, urlunsplit((*key, "/robots.txt", "", "")))
        rules = self._read[key]
        if not rules.can_fetch(AGENT, url):
            raise FetchError("公開元の robots.txt が機械による取得を断っています。手で取得して置いてください。")
        pause = min(float(rules.crawl_delay(AGENT) or _PAUSE_S), _LONGEST_PAUSE_S)
        wait = self._asked.get(parts.netloc, 0.0) + pause - time.monotonic()
        if parts.netloc in self._asked and wait > 0:
            self._pause(wait)
        self._asked[parts.netloc] = time.monotonic()

    def _rules(self, source: WebSource, url: str) -> RobotFileParser:
        rules = RobotFileParser(url)
        answer = fetch(url, source.hosts, private=source.private, proxy=self._proxy, limits=_ROBOTS_LIMITS)
        if answer.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            rules.parse(["User-agent: *", "Disallow: /"])
        elif answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise FetchError(f"公開元の robots.txt が読めないので（{answer.status}）、今回は取得しません。")
        else:
            rules.parse(answer.body.decode("utf-8", "replace").splitlines())
        return rules
