"""Reads `sources.toml`: which web address is stored as which file.

[[source]]
url = "https://www.city.example.jp/plan.pdf"
file = "plan.pdf"                   # in the same folder
id = "plan"                         # may be absent; used if the manifest does not name the file
hosts = ["files.city.example.jp"]   # may be absent; other servers to which a redirect may lead
private = false                     # true for a server in the office's network
"""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ingest.errors import ManifestError
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
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8-sig")).get("source", [])
    except (OSError, ValueError) as error:
        raise ManifestError(f"{path}: 読めません（{error}）。引用符や括弧の閉じ忘れを確かめてください。") from error
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise ManifestError(f"{path}: アドレスは [[source]] の下に書いてください。")
    problems = [f"{path} {n}番目: {text}" for n, table in enumerate(tables, 1) for text in _problems(table)]
    files = [str(table.get("file")) for table in tables]
    problems += [f"{path}: ファイル「{file}」が二つあります。" for file in {f for f in files if files.count(f) > 1}]
    if problems:
        raise ManifestError("\n".join(problems))
    return tuple(_source(table) for table in tables)


def _problems(table: dict[str, Any]) -> list[str]:
    problems = [
        f"{key} という項目はありません。書ける項目は {' '.join(sorted(_KEYS))} です。" for key in table.keys() - _KEYS
    ]
    entry = {"file": table.get("file", ""), "id": table.get("id", "x"), "title": "x", "url": table.get("url", "")}
    problems += read_entry(entry)[1].values()
    if not problems and not str(table["file"]).lower().endswith(SUFFIXES):
        problems.append(f"「{table['file']}」の形式は読めません。読める形式は {' '.join(SUFFIXES)} です。")
    hosts = table.get("hosts", [])
    if not isinstance(hosts, list) or not all(isinstance(host, str) and host.strip() for host in hosts):
        problems.append('hosts は ["ホスト名", …] の形で書いてください。')
    if not isinstance(table.get("private", False), bool):
        problems.append("private は true か false で書いてください。")
    try:
        host_of(str(table.get("url", "")))
    except ValueError:
        problems.append("url は、名前やパスワードを含まない http:// か https:// のアドレスで書いてください。")
    return list(dict.fromkeys(problems))


def _source(table: dict[str, Any]) -> WebSource:
    host = host_of(table["url"])
    encrypted = (host[0], _PORTS["https"])  # the target of a site that has introduced encryption
    further = [(name.lower(), port) for name in table.get("hosts", []) for port in _PORTS.values()]
    hosts = frozenset([host, encrypted, *further])
    return WebSource(table["url"], table["file"], table.get("id", ""), hosts, table.get("private", False))
