"""Fetches the sources of a corpus folder again, and keeps every odd change aside until a person has looked at it.

They are listed in its `sources.toml`:

[[source]]
url = "https://www.city.example.jp/plan.pdf"
file = "plan.pdf"                   # in the same folder
id = "plan"                         # may be absent; for the manifest, to which a new file is added
hosts = ["files.city.example.jp"]   # may be absent; other servers to which a redirect may lead
private = false                     # true for a server in the office's network
"""

import re
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated
from urllib.parse import unquote, urljoin, urlsplit
from urllib.robotparser import RobotFileParser

from pydantic import AfterValidator, BaseModel, ConfigDict, SecretStr, ValidationError

from ingest.build.build import Progress, build
from ingest.build.build_report import BuildReport
from ingest.build.sandboxed_reading import read_with_limits, reading_limits
from ingest.configuration.audit import record_event
from ingest.configuration.settings import Settings
from ingest.configuration.storage import (
    exclusive_writer,
    read_toml_tables,
    replace_file,
    translate_os_errors,
)
from ingest.errors import IngestError, ManifestError, NoIndexError, StorageError, UnreadableDocumentError
from ingest.index.generation import load_generation
from ingest.japanese import normalise_without_spaces
from ingest.lifecycle.fetch import AGENT, PORTS, FetchError, FetchResult, fetch, host_of
from ingest.metadata.document_table import (
    SourceState,
    SyncState,
    added_folder,
    change_documents,
    read_source_states,
)
from ingest.metadata.manifest import listed_ids, make_id, read_entry
from ingest.metadata.proposal import ProposedValue, propose_with_limits
from ingest.metadata.proposed_manifest import ProposedEntry, write_manifest
from ingest.readers import SUFFIXES, unreadable_format

SOURCES = "sources.toml"
Pause = Callable[[float], None]
# Seconds between requests to one host, and the longest that robots.txt may request.
_PAUSE_S = 1.0
_LONGEST_PAUSE_S = 30.0
_ROBOTS_REFUSED = ("User-agent: *", "Disallow: /")
_LOCK = "sync.lock"
# A version with less than this share of the kept text is not taken without a person (docs/decisions/072).
_MIN_SHARE = 0.4
# Characters of the pieces in which texts are compared, of each text that is compared, and that a person is shown.
_PIECE_CHARS = 12
_COMPARED_CHARS = 200_000
_SHOWN_CHARS = 300
_HTML_START = re.compile(
    rb"\s*+(?:\xef\xbb\xbf\s*+)?<(?:!doctype\s+html|html|\?xml[^>]*>\s*<!doctype html)", re.IGNORECASE
)
_INDEX_PAGE = re.compile(r"/(?:index|default|top|home)\.\w+$", re.IGNORECASE)


def _readable_file(file: str) -> str:
    if problems := read_entry({"file": file, "id": "x", "title": "x"})[1]:
        raise ValueError(problems["file"])
    if not file.lower().endswith(SUFFIXES):
        raise ValueError(unreadable_format(file).removesuffix("。"))
    return file


class WebSource(BaseModel):
    """A web address, the file it is stored as, and the further hosts that may be contacted."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    url: Annotated[str, AfterValidator(lambda url: host_of(url) and url)]
    file: Annotated[str, AfterValidator(_readable_file)]
    id: str = ""
    hosts: tuple[str, ...] = ()
    private: bool = False

    @property
    def allowed_hosts(self) -> set[tuple[str, int]]:
        """Host names with ports; a site may have introduced encryption."""
        name, port = host_of(self.url)
        return {(name, port), (name, 443), *((host.lower(), each) for host in self.hosts for each in PORTS.values())}


def read_sources(folder: Path) -> list[WebSource]:
    """Return the sources of a corpus folder, none without a list.

    Raises ManifestError with each wrong entry and its problem.
    """
    path = folder / SOURCES
    tables = read_toml_tables(path, "source", ManifestError) if path.exists() else []
    sources: list[WebSource] = []
    problems = []
    for number, table in enumerate(tables, 1):
        try:
            source = WebSource.model_validate(table)
        except ValidationError as error:
            wrong = [(one["loc"][0], one.get("ctx", {}).get("error", "")) for one in error.errors()]
            keys = " ".join(WebSource.model_fields)
            problems += [
                f"{path} {number}番目: {key} を確かめてください。{why or f'書ける項目は {keys} です'}。"
                for key, why in wrong
            ]
            continue
        if source.file in {other.file for other in sources}:
            problems.append(f"{path} {number}番目: ファイル「{source.file}」が二つあります。")
        sources.append(source)
    if problems:
        raise ManifestError("\n".join(problems))
    return sources


class Robots:
    """Applies the hosts' robots.txt (RFC 9309), each read once, and the pause between requests to a host."""

    def __init__(self, pause: Pause, proxy: SecretStr | None = None) -> None:
        self._pause = pause
        self._proxy = proxy
        self._rules: dict[str, RobotFileParser] = {}
        self._next: dict[str, float] = {}

    def wait_for_permission(self, source: WebSource, url: str) -> None:
        """Wait for the pause of the host. Raises FetchError if robots.txt disallows the URL or cannot be read."""
        address = urljoin(url, "/robots.txt")
        rules = self._rules.get(address)
        if rules is None:
            answer = fetch(address, source.allowed_hosts, private=source.private, proxy=self._proxy, seconds=20)
            rules = RobotFileParser(address)
            is_error = answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR
            try:
                rules.parse(_ROBOTS_REFUSED if is_error else answer.body.decode("utf-8", "replace").splitlines())
            except ValueError:  # of a number or an address
                rules.parse(_ROBOTS_REFUSED)
            self._rules[address] = rules
        if not rules.can_fetch(AGENT, url):
            raise FetchError("公開元の robots.txt が取得を断っているか、読めません。手で取得して置いてください。")
        wait = self._next.get(address, 0.0) - time.monotonic()
        if wait > 0:
            self._pause(wait)
        pause = min(float(rules.crawl_delay(AGENT) or _PAUSE_S), _LONGEST_PAUSE_S)
        self._next[address] = time.monotonic() + pause


def sync(settings: Settings, folder: Path, by: str, pause: Pause = time.sleep) -> dict[str, SourceState]:
    """Fetch each source of `folder` once, store what changed, and return the states by the ids of the documents.

    A failed source leaves its file unchanged; an odd version is kept aside. Each source is finished before the next one
    begins, so that an interrupted call is repeated without loss. Raises ManifestError for a broken list, StorageError,
    also if another call is running.
    """
    sources = read_sources(folder)
    robots = Robots(pause, settings.proxy)
    states: dict[str, SourceState] = {}
    with exclusive_writer(settings.data, _LOCK):
        known = {state.url: state for state in read_source_states(settings).values()}
        with change_documents(settings) as table:
            for row in table.rows():
                if row.source and row.source.folder == str(folder.resolve()):
                    row.source = row.source if row.source.url in {source.url for source in sources} else None
        for source in sources:
            ids = listed_ids(folder)
            doc_id = ids.get(source.file) or source.id or make_id(Path(source.file), {*ids.values(), *states})
            state = known.get(source.url) or SourceState(source.url, "", "")
            state = replace(state, file=source.file, folder=str(folder.resolve()))
            body = b""
            try:
                state, body = _fetch_source(settings, folder, source, robots, state)
                if not state.needs_attention:
                    _list_document(doc_id, state)
            except StorageError:
                raise
            except (FetchError, IngestError) as error:
                since = state.since if state.state == "failed" else datetime.now(UTC).isoformat(timespec="seconds")
                state = replace(state, state="failed", since=since, reason=str(error))
            states[doc_id] = state = _save_state(settings, doc_id, state, body)
            if state.state in {"new", "changed"}:
                record_event(settings, by, "fetch", [doc_id], source.url)
    return states


def confirm(settings: Settings, doc_id: str, by: str) -> Path:
    """Replace the kept file of a document by the version that was kept aside; returns its folder, to be indexed.

    Raises IngestError without such a version that can be read, and then changes nothing.
    """
    with exclusive_writer(settings.data, _LOCK):
        state = read_source_states(settings).get(doc_id)
        if state is None or not state.held_text:
            raise IngestError(f"「{doc_id}」には、確かめるのを待っている内容がありません（`python -m ingest sync`）。")
        body = (added_folder(settings) / state.held).read_bytes()
        _store_document(Path(state.folder) / state.file, body)
        _list_document(doc_id, state)
        state = _next_state(state, "changed", f"{by}が確かめて置き換えました。")
        _save_state(settings, doc_id, replace(state, digest=sha256(body).hexdigest(), etag="", modified=""))
        record_event(settings, by, "confirm", [doc_id], state.url)
    return Path(state.folder)


def _save_state(settings: Settings, doc_id: str, state: SourceState, held: bytes = b"") -> SourceState:
    with change_documents(settings) as table:
        if held:
            state = replace(state, held=table.store_file(state.file, held))
        for row in table.rows():
            if row.source and row.source.url == state.url:
                row.source = None
        table.row(doc_id).source = state
    return state


def _fetch_source(
    settings: Settings, folder: Path, source: WebSource, robots: Robots, state: SourceState
) -> tuple[SourceState, bytes]:
    """Return the next state, and the version to keep aside, b"" without one."""
    target = folder / source.file
    if not target.resolve().is_relative_to(folder.resolve()):
        raise FetchError(f"ファイル「{source.file}」は文書フォルダーの外を指しています。")
    kept = target.read_bytes() if target.is_file() else b""
    is_known = bool(kept) and state.digest == sha256(kept).hexdigest()
    answer = fetch(
        source.url,
        source.allowed_hosts,
        private=source.private,
        proxy=settings.proxy,
        etag=state.etag if is_known else "",
        modified=state.modified if is_known else "",
        before_request=partial(robots.wait_for_permission, source),
    )
    if answer.status in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE):
        reason = (
            f"公開元にもうありません（{answer.status}）。「{source.file}」はそのままです。取り下げられたものなら "
            "`python -m ingest withdraw` で取り下げ、sources.toml から消してください。"
        )
        return _next_state(state, "gone", reason), b""
    if answer.status == HTTPStatus.NOT_MODIFIED:
        return _next_state(state, "unchanged"), b""
    if answer.status == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
        raise FetchError("プロキシーが名前と鍵を求めています（407）。SHIRUBE_PROXY=http://名前:鍵@… と書いてください。")
    if answer.status != HTTPStatus.OK:
        raise FetchError(
            f"公開元が断りました（{answer.status}）。時間をおいて試し、続くようならアドレスを確かめてください。"
        )
    digest = sha256(answer.body).hexdigest()
    outcome: SyncState = "unchanged" if answer.body == kept else "changed" if kept else "new"
    if answer.body != kept:
        # What was accepted before is taken again: a person changed the file, not the site.
        suspicion, shown = (
            ("", "") if digest == state.digest else _find_suspicion(settings, target, kept, answer, source.url)
        )
        if suspicion:
            return replace(_next_state(state, "suspicious", suspicion), held_text=shown), answer.body
        _store_document(target, answer.body)
    return replace(_next_state(state, outcome), digest=digest, etag=answer.etag, modified=answer.modified), b""


def _next_state(previous: SourceState, state: SyncState, reason: str = "") -> SourceState:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    since = previous.since if previous.since and previous.state == state != "changed" else now
    return replace(previous, state=state, since=since, reason=reason, at=now, held="", held_text="")


def _find_suspicion(settings: Settings, target: Path, kept: bytes, answer: FetchResult, url: str) -> tuple[str, str]:
    """Return why the answer may be no version of `target`, "" if it seems to be one, and what a person is shown."""
    is_page_expected = target.suffix.lower() in {".html", ".htm"} or _HTML_START.match(kept)
    if _HTML_START.match(answer.body) and not is_page_expected:
        return "ファイルの代わりに、ウェブページが返されました。", ""
    with translate_os_errors(settings.data), TemporaryDirectory(dir=settings.data) as folder:
        file = Path(folder) / target.name
        file.write_bytes(answer.body)
        try:
            text = _read_text(file)
        except UnreadableDocumentError as error:
            return str(error), ""
    kept_text = ""
    with suppress(UnreadableDocumentError):  # holds no text that could be lost
        kept_text = _read_text(target) if kept else ""
    pieces = _pieces(kept_text)
    share = len(pieces & _pieces(text)) / len(pieces) if pieces else 1.0
    suspicion = ""
    if _path(url) != _path(answer.url):
        suspicion = f"{answer.url} へ転送されました。正しければ、sources.toml の url も書き換えてください。"
    elif kept.startswith(answer.body.rstrip()):
        suspicion = "途中で切れているようです。"
    elif share < _MIN_SHARE:
        suspicion = f"元の文章が{share:.0%}しか残っていません。"
    return suspicion, text[:_SHOWN_CHARS]


def _read_text(file: Path) -> str:
    parsed = read_with_limits(file, {"file": file.name, "id": "source"}, reading_limits())
    return "\n".join((parsed.document.title, *(passage.text for passage in parsed.passages)))


def _pieces(text: str) -> set[str]:
    # Updated figures do not count as other text.
    text = re.sub(r"\d", "0", normalise_without_spaces(text))[:_COMPARED_CHARS]
    return {text[start : start + _PIECE_CHARS] for start in range(len(text) - _PIECE_CHARS + 1)}


def _path(url: str) -> str:
    return _INDEX_PAGE.sub("/", unquote(urlsplit(url).path).casefold()).rstrip("/")


def _store_document(target: Path, body: bytes) -> None:
    with translate_os_errors(target.parent):
        target.parent.mkdir(parents=True, exist_ok=True)
        replace_file(target, lambda temporary: temporary.write_bytes(body))


def _list_document(doc_id: str, state: SourceState) -> None:
    folder = Path(state.folder)
    if state.file not in listed_ids(folder):
        values = {"title": ProposedValue(Path(state.file).stem, "ファイル名", sure=False)}
        values |= propose_with_limits(folder / state.file, reading_limits())
        values["url"] = ProposedValue(state.url, "sources.toml", sure=True)
        write_manifest(folder, [ProposedEntry(state.file, doc_id, values)])


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
