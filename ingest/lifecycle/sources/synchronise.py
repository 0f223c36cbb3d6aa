"""Fetches the sources of a folder and keeps aside what is suspicious."""

import hashlib
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from http import HTTPStatus
from pathlib import Path
from secrets import token_hex
from typing import Literal
from urllib.parse import urlsplit, urlunsplit
from urllib.robotparser import RobotFileParser

from pydantic import SecretStr

from ingest.build.build import Progress, build
from ingest.build.build_report import BuildReport
from ingest.build.sandboxed_reading import reading_limits
from ingest.configuration.audit import record_event
from ingest.configuration.settings import Settings
from ingest.configuration.storage import exclusive_writer, replace_file, translate_os_errors
from ingest.corpus import Corpus
from ingest.errors import IngestError, NoIndexError, StorageError, UnreadableDocumentError
from ingest.index.generation import load_generation
from ingest.lifecycle.sources.fetch import AGENT, FetchError, FetchLimits, FetchResult, fetch
from ingest.lifecycle.sources.source_list import (
    NEEDS_ATTENTION,
    SourceState,
    State,
    WebSource,
    held_file,
    hold_body,
    now_text,
    read_sources,
    read_states,
    remove_unused_bodies,
    save_states,
)
from ingest.lifecycle.sources.suspicion import find_suspicion, is_moved, is_page_instead, read_content
from ingest.metadata.manifest import manifest_tables
from ingest.metadata.proposal import ProposedValue, propose_with_limits
from ingest.metadata.proposed_manifest import ProposedEntry, write_manifest

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
            try:
                rules.parse(answer.body.decode("utf-8", "replace").splitlines())
            except ValueError as error:  # of a number or an address
                raise FetchError(f"公開元の robots.txt が読めないので（{error}）、今回は取得しません。") from error
        return rules


Outcome = State | Literal["new", "failed"]
# Characters of a suspicious body that are shown to the person who judges it.
_SHOWN_CHARS = 300
_LOCK = "sync.lock"
_STAGING = "fetched"


@dataclass(frozen=True, slots=True)
class SyncResult:
    """The outcome of one source, and why.

    `is_replaced` says whether its file was written, `is_confirmable` whether a readable body is kept aside.
    """

    url: str
    file: str
    outcome: Outcome
    reason: str = ""
    is_replaced: bool = False
    is_confirmable: bool = False


def sync(settings: Settings, folder: Path, by: str, pause: Pause = time.sleep) -> list[SyncResult]:
    """Fetch each source of `folder` once and store what changed; a failed source leaves its file unchanged.

    A suspicious body is kept aside. Each source is finished before the next one begins, so that an interrupted call is
    repeated without loss. Raises ManifestError for a broken list, StorageError, also if another call is running.
    """
    sources = read_sources(folder)
    robots = Robots(pause, settings.proxy)
    with exclusive_writer(settings.data, _LOCK):
        shutil.rmtree(settings.data / _STAGING, ignore_errors=True)
        listed = {source.url for source in sources}
        states = {
            url: state
            for url, state in read_states(settings).items()
            if url in listed or state.folder not in ("", str(folder.resolve()))
        }
        results = []
        for source in sources:
            try:
                results.append(_sync_source(settings, folder, source, robots, states))
            except StorageError:
                raise
            except (FetchError, IngestError) as error:
                states[source.url] = replace(_known_state(states, folder, source), failure=str(error))
                results.append(SyncResult(source.url, source.file, "failed", str(error)))
            if results[-1].is_replaced:
                record_event(settings, by, "fetch", [source.id or source.file], source.url)
            save_states(settings, states)
        remove_unused_bodies(settings, states)
    return results


def confirm(settings: Settings, name: str, by: str) -> tuple[SourceState, Path]:
    """Replace the kept file of the source `name` (id, file or URL) by the body that was kept aside.

    Returns its new state and its corpus folder, which is to be indexed.
    Raises IngestError without such a body, or if it cannot be read, and then changes nothing.
    """
    with exclusive_writer(settings.data, _LOCK):
        states = read_states(settings)
        waiting = [state for state in states.values() if state.held and name in (state.id, state.file, state.url)]
        if len(waiting) != 1:
            raise IngestError(
                f"「{name}」には、確かめるのを待っている内容がありません。`python -m ingest sync` で確かめてください。"
            )
        (state,) = waiting
        folder = Path(state.folder)
        source = next((source for source in read_sources(folder) if source.url == state.url), None)
        if source is None:
            raise IngestError(f"「{name}」はもう sources.toml にありません。")
        with translate_os_errors(settings.data):
            body = held_file(settings, state).read_bytes()
        with _stage(settings, source, body) as file:
            read_content(file, reading_limits(settings))
            _store_document(folder, source, file)
        _list_document(settings, folder, source)
        now = now_text()
        confirmed = replace(
            state, state="changed", since=now, reason=f"{by}が確かめて置き換えました。", changed=now, digest=state.held,
            etag="", modified="", held="", held_text="",
        )  # fmt: skip
        states[state.url] = confirmed
        save_states(settings, states)
        record_event(settings, by, "confirm", [confirmed.name], confirmed.url)
        remove_unused_bodies(settings, states)
    return confirmed, folder


def drop_held_body(settings: Settings, doc_id: str) -> bool:
    """Delete the body that is kept aside for a document's source; returns whether there was one."""
    with exclusive_writer(settings.data, _LOCK):
        states = read_states(settings)
        waiting = {url: state for url, state in states.items() if state.held and doc_id in (state.id, state.file)}
        if waiting:
            dropped = {url: replace(state, held="", held_text="") for url, state in waiting.items()}
            save_states(settings, states | dropped)
            remove_unused_bodies(settings, states | dropped)
    return bool(waiting)


def _known_state(states: dict[str, SourceState], folder: Path, source: WebSource) -> SourceState:
    state = states.get(source.url) or SourceState(source.url)
    return replace(state, file=source.file, id=source.id, folder=str(folder.resolve()))


def _sync_source(
    settings: Settings, folder: Path, source: WebSource, robots: Robots, states: dict[str, SourceState]
) -> SyncResult:
    target = folder / source.file
    if not target.resolve().is_relative_to(folder.resolve()):
        raise FetchError(f"ファイル「{source.file}」は文書フォルダーの外を指しています。")
    state = _known_state(states, folder, source)
    kept_digest = hashlib.sha256(target.read_bytes()).hexdigest() if target.is_file() else ""
    is_known = bool(kept_digest) and state.digest == kept_digest
    answer = fetch(
        source.url,
        source.hosts,
        private=source.private,
        proxy=settings.proxy,
        etag=state.etag if is_known else "",
        modified=state.modified if is_known else "",
        before_request=partial(robots.wait_for_permission, source),
    )
    state = states[source.url] = _judge(settings, source, state, answer, kept_digest)
    is_accepted = state.state not in NEEDS_ATTENTION
    if is_accepted:
        _list_document(settings, folder, source)
    is_replaced = is_accepted and state.digest != kept_digest
    outcome: Outcome = "new" if is_replaced and not kept_digest else state.state
    return SyncResult(source.url, source.file, outcome, state.reason, is_replaced, bool(state.held_text))


def _judge(
    settings: Settings, source: WebSource, state: SourceState, answer: FetchResult, kept_digest: str
) -> SourceState:
    if answer.status in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE):
        reason = (
            f"公開元にもうありません（{answer.status}）。「{source.file}」はそのままです。取り下げられたものなら "
            "`python -m ingest withdraw` で取り下げ、sources.toml から消してください。"
        )
        return _next_state(state, "gone", reason, held=state.held, held_text=state.held_text)
    if answer.status == HTTPStatus.NOT_MODIFIED:
        return _accepted(state, answer, "unchanged", kept_digest)
    if answer.status == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
        raise FetchError("プロキシーが名前と鍵を求めています（407）。SHIRUBE_PROXY=http://名前:鍵@… と書いてください。")
    if answer.status != HTTPStatus.OK:
        raise FetchError(
            f"公開元が断りました（{answer.status}）。時間をおいて試し、続くようならアドレスを確かめてください。"
        )
    digest = hashlib.sha256(answer.body).hexdigest()
    folder = Path(state.folder)
    if digest == kept_digest:
        return _accepted(state, answer, "unchanged", digest)
    if digest == state.held:
        return _next_state(state, "suspicious", state.reason, held=digest, held_text=state.held_text)
    with _stage(settings, source, answer.body) as file:
        suspicion, shown = _find_suspicion(settings, folder / source.file, file, source, answer.url)
        # What was accepted before is taken again: a person changed the file, not the site.
        if suspicion and digest != state.digest:
            held = hold_body(settings, answer.body, file.suffix)
            return _next_state(state, "suspicious", suspicion, held=held, held_text=shown)
        _store_document(folder, source, file)
    return _accepted(state, answer, "changed", digest)


def _accepted(previous: SourceState, answer: FetchResult, state: State, digest: str) -> SourceState:
    reason = ""
    if is_moved(previous.url, answer.url):
        state, reason = "moved", f"{answer.url} へ転送されました。sources.toml の url を書き換えてください。"
    changes = {"etag": answer.etag, "modified": answer.modified} if answer.status == HTTPStatus.OK else {}
    changed = now_text() if digest != previous.digest else previous.changed
    return _next_state(previous, state, reason, digest=digest, changed=changed, **changes)


def _next_state(previous: SourceState, state: State, reason: str, **changes: str) -> SourceState:
    now = now_text()
    since = previous.since if previous.since and previous.state == state != "changed" else now
    settled = replace(previous, state=state, since=since, reason=reason, at=now, failure="", held="", held_text="")
    return replace(settled, **changes)  # type: ignore[arg-type]  # all are texts


def _find_suspicion(settings: Settings, target: Path, file: Path, source: WebSource, url: str) -> tuple[str, str]:
    limits = reading_limits(settings)
    stored = None
    if is_page_instead(file.read_bytes(), file.suffix, target.read_bytes() if target.is_file() else b""):
        return "ファイルの代わりに、ウェブページが返されました。", ""
    try:
        new = read_content(file, limits)
    except UnreadableDocumentError as error:
        return str(error), ""
    if target.is_file():
        try:
            stored = read_content(target, limits)
        except UnreadableDocumentError:  # holds no text that could be lost
            stored = None
    return find_suspicion(stored, new, source.url, url), f"{new.title}\n{new.text}"[:_SHOWN_CHARS]


@contextmanager
def _stage(settings: Settings, source: WebSource, body: bytes) -> Iterator[Path]:
    staging = settings.data / _STAGING / token_hex(8)
    with translate_os_errors(settings.data):
        staging.mkdir(parents=True)
        try:
            file = staging / Path(source.file).name
            file.write_bytes(body)
            yield file
        finally:
            shutil.rmtree(staging, ignore_errors=True)


def _store_document(folder: Path, source: WebSource, file: Path) -> None:
    target = folder / source.file
    with translate_os_errors(folder):
        target.parent.mkdir(parents=True, exist_ok=True)
        replace_file(target, lambda temporary: shutil.copyfile(file, temporary))


def _list_document(settings: Settings, folder: Path, source: WebSource) -> None:
    tables = manifest_tables(folder, Corpus()) if source.id else []
    if source.id and not any(table.get("file") == source.file for table in tables):
        values = propose_with_limits(folder / source.file, reading_limits(settings))
        url = ProposedValue(source.url, "sources.toml", sure=True)
        write_manifest(folder, [ProposedEntry(source.file, source.id, {**values, "url": url})])


def index_folder(settings: Settings, folder: Path, by: str, progress: Progress | None = None) -> BuildReport:
    """Index this folder and those of the current index, and record it in the audit log. Raises IngestError."""
    corpora = [folder]
    with suppress(NoIndexError):
        indexed = [Path(name) for name in load_generation(settings).basis.corpora]
        corpora = indexed if folder.resolve() in indexed else [*indexed, folder]
    report = build(settings, corpora, progress=progress)
    if report.changed:
        record_event(settings, by, "build", (), f"索引 {report.name}、文書 {report.documents}")
    return report
