"""Tests of error pages that a site serves instead of a document, and of ordinary updates."""

import threading
from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any

import pytest

from ingest.build.sandboxed_reading import read_without_limits
from ingest.configuration.audit import read_events
from ingest.configuration.settings import Settings
from ingest.documents import Document, ParsedDocument
from ingest.errors import IngestError, StorageError, UnreadableDocumentError
from ingest.lifecycle.sources import SyncResult, confirm, read_states, suspicion, sync, synchronise
from ingest.metadata.proposal import find_title
from ingest.sandbox.limited_process import Limits
from tests.ingest.lifecycle.altered_site import ALTERATIONS, UPDATES, make_page, render
from tests.ingest.lifecycle.web_server import Server, listed

PAGES = 30
MOST_HELD_BACK = 3
_SUFFIXES = (".html", ".html", ".html", ".md", ".csv", ".txt", ".pdf")
OLD = (
    "# 温水プールの使い方\n\n市民は火曜から日曜の朝九時から夜八時まで泳げます。\n\n"
    "水泳帽をかぶり、窓口で券を買ってください。\n\n更衣室の鍵は百円を入れて使います。\n"
)
NEW = OLD.replace("夜八時", "夜九時") + "\n冬は温水を三十一度に保ちます。\n"
OTHER = "# 山の家の予約\n\n宿泊は三か月前から電話で受け付けます。\n\n薪と毛布は家にあり、食べ物は持参します。\n" * 2


def run(settings: Settings, folder: Path) -> list[SyncResult]:
    return sync(settings, folder, "安奈", pause=lambda _: None)


def outcome(settings: Settings, folder: Path) -> str:
    (result,) = run(settings, folder)
    return result.outcome


def read_in_this_process(path: Path, entry: Mapping[str, Any], _limits: Limits) -> ParsedDocument:
    result = read_without_limits((path, Document(**{"title": find_title(path), **entry}), True))
    if isinstance(result, str):
        raise UnreadableDocumentError(result)
    return result


@pytest.fixture
def fetched_document(server: Server, settings: Settings, folder: Path) -> Path:
    listed(folder, f'url = "{server.url}/town/pool.md"\nfile = "pool.md"\nid = "pool"\nprivate = true')
    server.has("/town/pool.md", OLD, ETag='"1"')
    assert outcome(settings, folder) == "new"
    return folder / "pool.md"


def test_suspicious_pages_replace_no_document_and_updates_do(
    server: Server, settings: Settings, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(suspicion, "read_with_limits", read_in_this_process)
    random, sources, before = Random(72), [], {}
    for number in range(PAGES):
        suffix = _SUFFIXES[number % len(_SUFFIXES)]
        page, name = make_page(random), list(UPDATES)[number % len(UPDATES)]
        other, kind = make_page(random), list(ALTERATIONS)[number % len(ALTERATIONS)]
        for path, first, second in (
            (f"updated{number}{suffix}", page, render(UPDATES[name](page, random), suffix)),
            (f"altered{number}{suffix}", other, ALTERATIONS[kind](other, suffix, random)),
        ):
            before[path] = render(first, suffix)
            (folder / path).write_bytes(before[path])
            server.has(f"/{path}", second)
            sources.append(f'url = "{server.url}/{path}"\nfile = "{path}"\nprivate = true')
    listed(folder, *sources)
    outcomes = {result.file: result.outcome for result in run(settings, folder)}
    destroyed = [file for file in before if file.startswith("altered") and (folder / file).read_bytes() != before[file]]
    held_back = [file for file in before if file.startswith("updated") and outcomes[file] != "changed"]
    assert destroyed == []
    assert len(held_back) <= MOST_HELD_BACK, held_back


@pytest.mark.parametrize(
    "redirect",
    [
        ("/", "# 若竹町\n\nようこそ。\n", "suspicious"),
        ("/town/", NEW, "suspicious"),
        ("/login?next=pool", NEW, "suspicious"),
        ("/elsewhere/yado.md", OTHER, "suspicious"),
        ("/sports/pool-guide.md", NEW, "moved"),
    ],
)
def test_a_redirect_is_followed_only_to_the_same_document(
    redirect: tuple[str, str, str], server: Server, settings: Settings, fetched_document: Path
) -> None:
    (location, body, expected), folder = redirect, fetched_document.parent
    server.pages["/town/pool.md"] = (302, {"Location": location}, b"")
    server.has(location, body)
    assert outcome(settings, folder) == expected
    assert fetched_document.read_text("utf-8") == (NEW if expected == "moved" else OLD)
    assert outcome(settings, folder) == expected


def test_a_document_that_is_gone_stays(
    server: Server, settings: Settings, folder: Path, fetched_document: Path
) -> None:
    server.pages["/town/pool.md"] = (410, {}, b"")
    assert outcome(settings, folder) == "gone"
    (state,) = read_states(settings).values()
    assert state.state == "gone"
    assert "410" in state.reason
    assert fetched_document.read_text("utf-8") == OLD
    first = state.since
    assert outcome(settings, folder) == "gone"
    assert next(iter(read_states(settings).values())).since == first


def test_a_suspicious_body_waits_until_a_person_confirms_it(
    server: Server, settings: Settings, folder: Path, fetched_document: Path
) -> None:
    server.has("/town/pool.md", OTHER, ETag='"2"')
    assert [outcome(settings, folder) for _ in range(2)] == ["suspicious"] * 2
    assert server.asked[-1][1]["If-None-Match"] == '"1"'
    assert fetched_document.read_text("utf-8") == OLD
    confirm(settings, "pool", "文子")
    assert fetched_document.read_text("utf-8") == OTHER
    assert [(event.by, event.action) for event in read_events(settings, "pool")][-1] == ("文子", "confirm")
    assert outcome(settings, folder) == "unchanged"
    with pytest.raises(IngestError, match="待っている内容がありません"):
        confirm(settings, "pool", "文子")


def test_a_body_kept_aside_is_dropped_when_the_document_is_back(
    server: Server, settings: Settings, fetched_document: Path
) -> None:
    folder = fetched_document.parent
    server.has("/town/pool.md", OTHER)
    assert outcome(settings, folder) == "suspicious"
    server.has("/town/pool.md", OLD, ETag='"1"')
    assert outcome(settings, folder) == "unchanged"
    assert list((settings.data / "held").iterdir()) == []


def test_an_unreadable_body_cannot_be_confirmed(
    server: Server, settings: Settings, folder: Path, fetched_document: Path
) -> None:
    server.has("/town/pool.md", b"")
    (result,) = run(settings, folder)
    assert result.outcome == "suspicious"
    assert not result.is_confirmable
    with pytest.raises(IngestError):
        confirm(settings, "pool", "文子")
    assert fetched_document.read_text("utf-8") == OLD


@pytest.mark.parametrize(
    "step", ["replace_file", "write_manifest", "record_event", "save_states", "hold_body", "remove_unused_bodies"]
)
def test_an_interrupted_sync_is_repeated_without_loss(
    step: str, server: Server, settings: Settings, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed(
        folder,
        *(f'url = "{server.url}/{name}.md"\nfile = "{name}.md"\nid = "{name}"\nprivate = true' for name in "ab"),
    )
    server.has("/a.md", OLD)
    (folder / "b.md").write_text(OLD, "utf-8")
    server.has("/b.md", OTHER)

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(synchronise, step, interrupt)
        with pytest.raises(KeyboardInterrupt):
            run(settings, folder)
    assert (folder / "b.md").read_text("utf-8") == OLD
    run(settings, folder)
    assert (folder / "a.md").read_text("utf-8") == OLD
    assert (folder / "b.md").read_text("utf-8") == OLD
    assert 'id = "a"' in (folder / "manifest.toml").read_text("utf-8")
    assert [state.state in {"changed", "unchanged"} for state in read_states(settings).values()] == [True, False]
    assert list((settings.data / "fetched").glob("*")) == []


def test_two_calls_at_once_do_not_interfere(
    server: Server, settings: Settings, folder: Path, fetched_document: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.configuration.storage._BUSY_S", 0.1)
    server.has("/town/pool.md", NEW)
    running, finish = threading.Event(), threading.Event()

    def wait(_: float) -> None:
        running.set()
        finish.wait(10)

    first = threading.Thread(target=lambda: sync(settings, folder, "安奈", pause=wait))
    listed(
        folder,
        f'url = "{server.url}/town/pool.md"\nfile = "pool.md"\nid = "pool"\nprivate = true',
        f'url = "{server.url}/more.md"\nfile = "more.md"\nprivate = true',
    )
    first.start()
    assert running.wait(10)
    with pytest.raises(StorageError, match="少し待って"):
        run(settings, folder)
    finish.set()
    first.join()
    assert fetched_document.read_text("utf-8") == NEW


def test_a_large_error_page_is_kept_aside(
    server: Server, settings: Settings, folder: Path, fetched_document: Path
) -> None:
    server.has("/town/pool.md", b"<html><body><!--" + b"x" * (10 << 20) + b"--><h1>404</h1></body></html>")
    assert outcome(settings, folder) == "suspicious"
    assert fetched_document.read_text("utf-8") == OLD
