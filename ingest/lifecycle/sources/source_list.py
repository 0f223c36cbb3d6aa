"""The web sources in `sources.toml`, and the state of each in `sync.json` of the data folder.

[[source]]
url = "https://www.city.example.jp/plan.pdf"
file = "plan.pdf"                   # in the same folder
id = "plan"                         # may be absent; used if the manifest does not name the file
hosts = ["files.city.example.jp"]   # may be absent; other servers to which a redirect may lead
private = false                     # true for a server in the office's network
"""

import hashlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from ingest.configuration.settings import Settings
from ingest.configuration.storage import StateFile, read_toml_tables, replace_file, translate_os_errors
from ingest.errors import ManifestError, StorageError
from ingest.metadata.manifest import read_entry
from ingest.readers import SUFFIXES

SOURCES = "sources.toml"
_KEYS = {"url", "file", "id", "hosts", "private"}
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class WebSource:
    """A web address, the file it is stored as, and the hosts (name and port) that may be contacted."""

    url: str
    file: str
    id: str = ""
    hosts: frozenset[tuple[str, int]] = frozenset()
    private: bool = False


def host_of(url: str) -> tuple[str, int]:
    """Return host and port of an address; raises ValueError if it cannot be fetched."""
    parts = urlsplit(url)
    if parts.scheme not in _PORTS or not parts.hostname or parts.username is not None:
        raise ValueError(url)
    return parts.hostname.lower(), parts.port or _PORTS[parts.scheme]


def read_sources(folder: Path) -> tuple[WebSource, ...]:
    """Return the sources of a corpus folder, none without a list.

    Raises ManifestError with each wrong entry and its problem.
    """
    path = folder / SOURCES
    if not path.exists():
        return ()
    tables = read_toml_tables(path, "source", ManifestError)
    problems = [f"{path} {n}番目: {text}" for n, table in enumerate(tables, 1) for text in _problems(table)]
    files = [str(table.get("file")) for table in tables]
    problems += [f"{path}: ファイル「{file}」が二つあります。" for file in {f for f in files if files.count(f) > 1}]
    if problems:
        raise ManifestError("\n".join(problems))
    sources = []
    for table in tables:
        host = host_of(table["url"])
        further = {(name.lower(), port) for name in table.get("hosts", []) for port in _PORTS.values()}
        # A site may have introduced encryption.
        sources.append(WebSource(**{**table, "hosts": frozenset({host, (host[0], 443), *further})}))
    return tuple(sources)


def _problems(table: dict[str, Any]) -> list[str]:
    problems = [
        f"{key} という項目はありません。書ける項目は {' '.join(sorted(_KEYS))} です。" for key in table.keys() - _KEYS
    ]
    url, hosts = str(table.get("url", "")), table.get("hosts", [])
    problems += read_entry({"id": "x", **table, "file": table.get("file", ""), "title": "x", "url": url})[1].values()
    if not problems and not str(table["file"]).lower().endswith(SUFFIXES):
        problems.append(f"「{table['file']}」の形式は読めません。読める形式は {' '.join(SUFFIXES)} です。")
    if not isinstance(hosts, list) or not all(isinstance(host, str) and host.strip() for host in hosts):
        problems.append('hosts は ["ホスト名", …] の形で書いてください。')
    if not isinstance(table.get("private", False), bool):
        problems.append("private は true か false で書いてください。")
    with suppress(ValueError):
        host_of(url)
        return problems
    return [*problems, "url は、名前やパスワードを含まない http:// か https:// のアドレスで書いてください。"]


State = Literal["unchanged", "changed", "moved", "suspicious", "gone"]
STATES: Mapping[str, str] = {
    "unchanged": "変わりなし",
    "changed": "変わった",
    "moved": "移った",
    "suspicious": "疑わしい",
    "gone": "なくなった",
}
"""Japanese names of the states."""
NEEDS_ATTENTION: frozenset[State] = frozenset({"suspicious", "gone"})
_FILE = "sync.json"
_HELD = "held"


@dataclass(frozen=True, slots=True)
class SourceState:
    """What is known of a source after the last fetch; times are ISO 8601 in UTC, digests SHA-256 of the file.

    Attributes:
        folder: the corpus folder.
        state: its state since `since`, for `reason` ("" if there is nothing to say).
        at: when the site last answered.
        changed: when the kept file was last replaced.
        failure: why the last fetch failed, "" if it did not.
        etag: the validator of the kept version, as is `modified`.
        digest: the version that was last accepted.
        held: the suspicious body that is kept aside, "" without one.
        held_text: title and beginning of that body, for people.
    """

    url: str
    file: str = ""
    id: str = ""
    folder: str = ""
    state: State = "unchanged"
    since: str = ""
    reason: str = ""
    at: str = ""
    changed: str = ""
    failure: str = ""
    etag: str = ""
    modified: str = ""
    digest: str = ""
    held: str = ""
    held_text: str = ""

    @property
    def name(self) -> str:
        """The id of its document, else the file."""
        return self.id or self.file

    @property
    def needs_attention(self) -> bool:
        """Whether a person should look at it."""
        return self.state in NEEDS_ATTENTION


def _file(settings: Settings) -> StateFile[SourceState]:
    return StateFile(settings.data, _FILE, SourceState, "")


def read_states(settings: Settings) -> dict[str, SourceState]:
    """Return the states by URL; none if the file was lost, so that everything is fetched again."""
    with suppress(StorageError):
        return _file(settings).read()
    return {}


def save_states(settings: Settings, states: Mapping[str, SourceState]) -> None:
    """Write the states atomically. Raises StorageError."""
    _file(settings).write(states)


def now_text() -> str:
    """Return the current time as the states have it."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def held_file(settings: Settings, state: SourceState) -> Path:
    """Return the path of the body that is kept aside for a source, with the suffix of its file."""
    return settings.data / _HELD / f"{state.held}{Path(state.file).suffix.lower()}"


def hold_body(settings: Settings, body: bytes, suffix: str) -> str:
    """Keep a body aside and return its digest. Raises StorageError."""
    digest = hashlib.sha256(body).hexdigest()
    target = settings.data / _HELD / f"{digest}{suffix.lower()}"
    with translate_os_errors(settings.data):
        target.parent.mkdir(parents=True, exist_ok=True)
        replace_file(target, lambda temporary: temporary.write_bytes(body))
    return digest


def remove_unused_bodies(settings: Settings, states: Mapping[str, SourceState]) -> None:
    """Delete the bodies that no source waits for."""
    used = {held_file(settings, state).name for state in states.values() if state.held}
    for file in (settings.data / _HELD).glob("*"):
        if file.name not in used:
            file.unlink(missing_ok=True)
