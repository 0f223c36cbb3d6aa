"""Tests of error pages that a site serves instead of a document, and of ordinary updates."""

import re
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from ingest.build.sandboxed_reading import read_without_limits
from ingest.configuration.audit import read_events
from ingest.configuration.settings import Settings
from ingest.documents import Document, ParsedDocument
from ingest.errors import IngestError, StorageError, UnreadableDocumentError
from ingest.lifecycle.sources import suspicion, synchronise
from ingest.lifecycle.sources.source_list import read_states
from ingest.lifecycle.sources.synchronise import SyncResult, confirm, sync
from ingest.metadata.proposal import find_title
from ingest.sandbox import Limits
from tests.ingest.lifecycle.web_server import Server, listed

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


PARAGRAPHS = (
    "市民は火曜から日曜の朝9時から夜8時まで泳げます。", "水泳帽をかぶり、窓口で券を買ってください。",
    "更衣室の鍵は100円を入れて使います。", "小学生は保護者と一緒に入り、夕方5時までに出てください。",
    "定員は120人で、混雑するときは入場を待っていただきます。", "回数券は11枚で4,000円、年度の終わりまで使えます。",
)  # fmt: skip
TITLE = "温水プールのご案内（令和6年度）"


def html(title: str, *paragraphs: str) -> str:
    text = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return f"<!DOCTYPE html><html><head><title>{title}</title></head><body><h1>{title}</h1>{text}</body></html>"


BODIES: dict[str, tuple[str, str]] = {
    "figures": (re.sub(r"\d", "7", html(TITLE, *PARAGRAPHS)), "changed"),
    "a new year": (html(TITLE.replace("6", "7"), *PARAGRAPHS[1:], "冬は水を31度に保ちます。"), "changed"),
    "longer": (html(TITLE, *PARAGRAPHS, "冬は水を31度に保ちます。", "夏の休みには講習を開きます。"), "changed"),
    "shorter": (html(TITLE, *PARAGRAPHS[:4]), "changed"),
    "an error page": (html("お探しのページは見つかりませんでした", "移動したか、削除されました。"), "suspicious"),
    "a busy page": (html("青波市", "ただいまアクセスが集中しています。もう一度お試しください。"), "suspicious"),
    "a start page": (html("ようこそ青波市へ", *(f"{n}月の新しいお知らせです。" for n in range(20))), "suspicious"),
    "a sign-in page": (html(TITLE, "番号を入れてください。<input type='password' name='word'>"), "suspicious"),
    "a truncated page": (html(TITLE, *PARAGRAPHS)[:-60], "suspicious"),
    "another document": (html("山の家の予約", "宿泊は3か月前から電話で受け付けます。" * 6), "suspicious"),
    "another language": (html(TITLE, "Residents apply at the counter before March. " * 6), "suspicious"),
    "nothing": ("", "suspicious"),
}


@pytest.mark.parametrize("kind", BODIES)
def test_suspicious_pages_replace_no_document_and_updates_do(
    server: Server, settings: Settings, folder: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    body, expected = BODIES[kind]
    monkeypatch.setattr(suspicion, "read_with_limits", read_in_this_process)
    listed(folder, f'url = "{server.url}/pool.html"\nfile = "pool.html"\nprivate = true')
    (folder / "pool.html").write_text(html(TITLE, *PARAGRAPHS), "utf-8")
    server.has("/pool.html", body)
    assert outcome(settings, folder) == expected
    assert ((folder / "pool.html").read_text("utf-8") == body) == (expected == "changed")


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
        folder, *(f'url = "{server.url}/{name}.md"\nfile = "{name}.md"\nid = "{name}"\nprivate = true' for name in "ab")
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
    server.has("/robots.txt", "User-agent: *\nCrawl-delay: 30\nDisallow:\n")
    server.has("/town/pool.md", NEW)
    running, finish = threading.Event(), threading.Event()

    def wait(_: float) -> None:
        running.set()
        finish.wait(60)

    first = threading.Thread(target=lambda: sync(settings, folder, "安奈", pause=wait))
    listed(
        folder,
        f'url = "{server.url}/town/pool.md"\nfile = "pool.md"\nid = "pool"\nprivate = true',
        f'url = "{server.url}/more.md"\nfile = "more.md"\nprivate = true',
    )
    first.start()
    assert running.wait(60)
    with pytest.raises(StorageError, match="少し待って"):
        run(settings, folder)
    finish.set()
    first.join()
    assert fetched_document.read_text("utf-8") == NEW
