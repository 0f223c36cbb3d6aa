"""Fetches the sources of a folder and replaces the files that changed."""

import hashlib
import json
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from pathlib import Path
from secrets import token_hex
from typing import Any, Literal
from urllib.parse import urlsplit, urlunsplit
from urllib.robotparser import RobotFileParser

from ingest.build.sandboxed_reading import reading_limits
from ingest.configuration.audit import record_event
from ingest.configuration.settings import Settings
from ingest.configuration.storage import replace_text, translate_os_errors
from ingest.corpus import Corpus
from ingest.errors import IngestError, UnreadableDocumentError
from ingest.lifecycle.sync.fetch import AGENT, FetchError, FetchLimits, FetchResult, fetch
from ingest.lifecycle.sync.sources import Source, read_sources
from ingest.metadata.manifest import manifest_tables
from ingest.metadata.proposal import Value, propose_with_limits
from ingest.metadata.proposal.folder import Proposal
from ingest.metadata.proposal.manifest_writer import write_manifest

Outcome = Literal["new", "changed", "unchanged", "failed"]
Pause = Callable[[float], None]
# Default pause between requests to one host.
_PAUSE_S = 1.0
# Longest pause that robots.txt may request.
_LONGEST_PAUSE_S = 30.0
_ROBOTS_LIMITS = FetchLimits(20.0, 512 << 10)


@dataclass(frozen=True, slots=True)
class SyncResult:
    """The outcome of one source; `told` is the error, "" if it did not fail."""

    url: str
    file: str
    outcome: Outcome
    told: str = ""


def sync(settings: Settings, folder: Path, by: str, pause: Pause = time.sleep) -> list[SyncResult]:
    """Fetch each source of `folder` once and store what changed; a failed source leaves its file unchanged.

    Raises ManifestError for a broken list, StorageError.
    """
    sources = read_sources(folder)
    robots = _Robots(pause)
    state = _State.load(settings)
    results = []
    for source in sources:
        try:
            results.append(_sync_source(settings, folder, source, robots, state))
        except (FetchError, UnreadableDocumentError, IngestError) as error:
            results.append(SyncResult(source.url, source.file, "failed", str(error)))
        if results[-1].outcome in ("new", "changed"):
            record_event(settings, by, "fetch", [source.id or source.file], source.url)
    return results


def _sync_source(settings: Settings, folder: Path, source: Source, robots: "_Robots", state: "_State") -> SyncResult:
    target = folder / source.file
    if not target.resolve().is_relative_to(folder.resolve()):
        raise FetchError(f"ファイル「{source.file}」は文書フォルダーの外を指しています。")
    stored_digest = hashlib.sha256(target.read_bytes()).hexdigest() if target.is_file() else ""
    known = state.get(source.url) if stored_digest and state.get(source.url).get("digest") == stored_digest else {}
    answer = fetch(
        source.url,
        source.hosts,
        private=source.private,
        etag=known.get("etag", ""),
        modified=known.get("modified", ""),
        before_request=partial(robots.wait_for_permission, source),
    )
    if answer.status == HTTPStatus.NOT_MODIFIED:
        return SyncResult(source.url, source.file, "unchanged")
    if answer.status != HTTPStatus.OK:
        raise FetchError(_refusal(answer.status, source))
    digest = hashlib.sha256(answer.body).hexdigest()
    if digest != stored_digest:
        _store_document(settings, folder, source, answer.body)
    state.record(source.url, answer, digest)
    return SyncResult(
        source.url, source.file, "unchanged" if digest == stored_digest else "changed" if stored_digest else "new"
    )


def _refusal(status: int, source: Source) -> str:
    if status in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE):
        return (
            f"公開元にもうありません（{status}）。「{source.file}」はそのままです。取り下げられたものなら "
            "`python -m ingest withdraw` で取り下げ、sources.toml から消してください。"
        )
    return f"公開元が断りました（{status}）。時間をおいて試し、続くようならアドレスを確かめてください。"


def _store_document(settings: Settings, folder: Path, source: Source, body: bytes) -> None:
    """Store a document only if it can be read, so that an error page does not replace it."""
    target = folder / source.file
    staging = settings.data / "fetched" / token_hex(8)
    with translate_os_errors(settings.data):
        staging.mkdir(parents=True)
        try:
            file = staging / target.name
            file.write_bytes(body)
            values = propose_with_limits(file, reading_limits(settings))
            _replace(file, target)
        finally:
            shutil.rmtree(staging, ignore_errors=True)
    if source.id and not _is_listed(folder, source.file):
        url = Value(source.url, "sources.toml", sure=True)
        write_manifest(folder, [Proposal(source.file, source.id, {**values, "url": url})])


def _replace(file: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}.new")
    shutil.copyfile(file, temporary)
    temporary.replace(target)


def _is_listed(folder: Path, file: str) -> bool:
    return any(table.get("file") == file for table in manifest_tables(folder, Corpus()))


class _Robots:
    """Applies the hosts' robots.txt, each read once, and the pause between requests to a host."""

    def __init__(self, pause: Pause) -> None:
        self._pause = pause
        self._read: dict[tuple[str, str], RobotFileParser] = {}
        self._asked: dict[str, float] = {}

    def wait_for_permission(self, source: Source, url: str) -> None:
        """Wait for the pause of the host. Raises FetchError if robots.txt disallows the URL."""
        parts = urlsplit(url)
        key = (parts.scheme, parts.netloc)
        if key not in self._read:
            self._read[key] = self._rules(source, urlunsplit((*key, "/robots.txt", "", "")))
        rules = self._read[key]
        if not rules.can_fetch(AGENT, url):
            raise FetchError("公開元の robots.txt が機械による取得を断っています。手で取得して置いてください。")
        wanted = min(float(rules.crawl_delay(AGENT) or _PAUSE_S), _LONGEST_PAUSE_S)
        wait = self._asked.get(parts.netloc, 0.0) + wanted - time.monotonic()
        if parts.netloc in self._asked and wait > 0:
            self._pause(wait)
        self._asked[parts.netloc] = time.monotonic()

    def _rules(self, source: Source, url: str) -> RobotFileParser:
        """Return the rules (RFC 9309): everything is allowed without a file, nothing is fetched on server errors."""
        rules = RobotFileParser(url)
        answer = fetch(url, source.hosts, private=source.private, limits=_ROBOTS_LIMITS)
        if answer.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            rules.parse(["User-agent: *", "Disallow: /"])
        elif answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise FetchError(f"公開元の robots.txt が読めないので（{answer.status}）、今回は取得しません。")
        else:
            rules.parse(answer.body.decode("utf-8", "replace").splitlines())
        return rules


class _State:
    """The last response of each URL, stored in the data folder: ETag, date and digest."""

    def __init__(self, settings: Settings, known: dict[str, dict[str, str]]) -> None:
        self._settings = settings
        self._known = known

    @classmethod
    def load(cls, settings: Settings) -> "_State":
        """Return the stored state; an empty one if it was lost, so that everything is fetched again."""
        with suppress(OSError, ValueError):
            known: Any = json.loads((settings.data / "sync.json").read_text("utf-8"))
            return cls(settings, dict(_texts(known)))
        return cls(settings, {})

    def get(self, url: str) -> dict[str, str]:
        """Return the stored values of a URL."""
        return self._known.get(url, {})

    def record(self, url: str, answer: FetchResult, digest: str) -> None:
        """Store the response of a URL."""
        at = datetime.now(UTC).isoformat(timespec="seconds")
        self._known[url] = {"etag": answer.etag, "modified": answer.modified, "digest": digest, "at": at}
        with translate_os_errors(self._settings.data):
            replace_text(self._settings.data / "sync.json", json.dumps(self._known, indent=2) + "\n")


def _texts(known: Any) -> Iterator[tuple[str, dict[str, str]]]:
    for url, values in known.items() if isinstance(known, dict) else ():
        if isinstance(values, dict) and all(isinstance(value, str) for value in values.values()):
            yield str(url), values
