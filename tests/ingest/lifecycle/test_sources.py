"""Tests of `python -m ingest sync` from a real server."""

import gzip
import json
import time
import tomllib
from pathlib import Path

import pytest
from pydantic import SecretStr

from ingest.__main__ import main
from ingest.configuration.audit import read_events
from ingest.configuration.settings import Settings
from ingest.errors import ManifestError
from ingest.lifecycle.sources.fetch import FetchError, FetchLimits, _is_public, fetch
from ingest.lifecycle.sources.source_list import read_sources
from ingest.lifecycle.sources.synchronise import sync
from tests.ingest.lifecycle.web_server import Server, listed

TEXT = "# 港の計画\n\n港の公園を三つ作ります。\n"


def sent_requests(settings: Settings, folder: Path) -> list[tuple[str, str]]:
    return [(one.outcome, one.reason) for one in sync(settings, folder, "安奈", pause=lambda _: None)]


def test_a_document_is_fetched_again_only_if_it_changed(server: Server, settings: Settings, folder: Path) -> None:
    listed(folder, f'url = "{server.url}/plan.md"\nfile = "plan.md"\nid = "minato"\nprivate = true')
    server.has("/plan.md", TEXT, ETag='"1"', Last_Modified="Wed, 01 Apr 2026 00:00:00 GMT")
    assert sent_requests(settings, folder) == [("new", "")]
    assert (folder / "plan.md").read_text("utf-8") == TEXT
    assert sent_requests(settings, folder) == [("unchanged", "")]
    headers = server.asked[-1][1]
    assert headers["If-None-Match"] == '"1"'
    assert headers["If-Modified-Since"] == "Wed, 01 Apr 2026 00:00:00 GMT"
    server.has("/plan.md", TEXT + "\n四つに増やします。\n", ETag='"2"')
    assert sent_requests(settings, folder) == [("changed", "")]
    (table,) = tomllib.loads((folder / "manifest.toml").read_text("utf-8"))["document"]
    assert [table[name] for name in ("id", "title", "url")] == ["minato", "港の計画", f"{server.url}/plan.md"]
    assert [(act.by, act.action, act.documents) for act in read_events(settings)] == [
        ("安奈", "fetch", ("minato",))
    ] * 2


def test_a_manually_changed_file_is_fetched_again(server: Server, settings: Settings, folder: Path) -> None:
    listed(folder, f'url = "{server.url}/plan.md"\nfile = "plan.md"\nprivate = true')
    server.has("/plan.md", TEXT, ETag='"1"')
    sent_requests(settings, folder)
    (folder / "plan.md").write_text("# 手で直した\n\n文です。\n", "utf-8")
    assert sent_requests(settings, folder) == [("changed", "")]
    assert "If-None-Match" not in server.asked[-1][1]


def test_robots_txt_is_respected(server: Server, settings: Settings, folder: Path) -> None:
    listed(
        folder,
        f'url = "{server.url}/in/a.md"\nfile = "a.md"\nprivate = true',
        f'url = "{server.url}/b.md"\nfile = "b.md"\nprivate = true',
    )
    server.has("/in/a.md", TEXT)
    server.has("/b.md", TEXT)
    server.has("/robots.txt", "User-agent: *\nDisallow: /in/\n")
    first, second = sent_requests(settings, folder)
    assert first[0] == "failed"
    assert "robots.txt" in first[1]
    assert second == ("new", "")
    assert [path for path, _ in server.asked] == ["/robots.txt", "/b.md"]
    server.pages["/robots.txt"] = (503, {}, b"")
    assert [outcome for outcome, _ in sent_requests(settings, folder)] == ["failed", "failed"]


def test_robots_txt_is_respected_after_redirects(server: Server, settings: Settings, folder: Path) -> None:
    listed(folder, f'url = "{server.url}/a.md"\nfile = "a.md"\nprivate = true')
    server.pages["/a.md"] = (302, {"Location": "/in/b.md"}, b"")
    server.has("/robots.txt", "User-agent: *\nDisallow: /in/\n")
    server.has("/in/b.md", TEXT)
    assert "robots.txt" in sent_requests(settings, folder)[0][1]
    assert "/in/b.md" not in [path for path, _ in server.asked]


def test_requests_to_one_host_are_delayed(server: Server, settings: Settings, folder: Path) -> None:
    listed(folder, *(f'url = "{server.url}/{n}.md"\nfile = "{n}.md"\nprivate = true' for n in "ab"))
    server.has("/robots.txt", "User-agent: *\nCrawl-delay: 7\nDisallow:\n")
    waited: list[float] = []
    sync(settings, folder, "安奈", pause=waited.append)
    assert len(waited) == 1
    assert 6 < waited[0] <= 7


def test_an_error_page_does_not_replace_a_document(server: Server, settings: Settings, folder: Path) -> None:
    listed(folder, f'url = "{server.url}/plan.pdf"\nfile = "plan.pdf"\nprivate = true')
    (folder / "plan.pdf").write_bytes(b"as it was")
    assert "もうありません（404）" in sent_requests(settings, folder)[0][1]
    server.has("/plan.pdf", "<html>ページが見つかりません</html>")
    assert "ウェブページが返されました" in sent_requests(settings, folder)[0][1]
    assert (folder / "plan.pdf").read_bytes() == b"as it was"
    assert not list((settings.data / "fetched").iterdir())


def test_redirects_are_followed_only_to_listed_hosts(server: Server) -> None:
    server.has("/plan.md", TEXT)
    server.pages["/old.md"] = (302, {"Location": "/plan.md"}, b"")
    server.pages["/away.md"] = (302, {"Location": f"http://localhost:{server.port}/plan.md"}, b"")
    server.pages["/round.md"] = (302, {"Location": "/round.md"}, b"")
    server.pages["/other.md"] = (302, {"Location": "ftp://127.0.0.1/plan.md"}, b"")
    assert fetch(f"{server.url}/old.md", {server.host}, private=True).body == TEXT.encode()
    with pytest.raises(FetchError, match=r"sources\.toml にないホスト"):
        fetch(f"{server.url}/away.md", {server.host}, private=True)
    both = {server.host, ("localhost", server.port)}
    assert fetch(f"{server.url}/away.md", both, private=True).body == TEXT.encode()
    with pytest.raises(FetchError, match="転送が5回"):
        fetch(f"{server.url}/round.md", {server.host}, private=True)
    with pytest.raises(FetchError, match="取得できるアドレスではありません"):
        fetch(f"{server.url}/other.md", {server.host}, private=True)


INNER_ADDRESSES = [
    *("127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "169.254.169.254", "[::10.0.0.1]"),
    *("[64:ff9b::10.0.0.1]", "[64:ff9b:1::808:808]", "[2002:7f00:1::]", "[2001:0:808:808::f5ff:fffe]", "[fec0::1]"),
    *("224.0.0.1", "[ff0e::1]", "[64:ff9b::224.0.0.1]"),
]


@pytest.mark.parametrize("name", INNER_ADDRESSES)
def test_private_addresses_are_contacted_only_if_allowed(name: str, server: Server) -> None:
    host = (name.strip("[]"), server.port)
    with pytest.raises(FetchError, match="内側のアドレス"):
        fetch(f"http://{name}:{server.port}/plan.md", {host})
    assert server.asked == []


@pytest.mark.parametrize(
    "name", [*INNER_ADDRESSES, "127.1", "0x7f000001", "files", "files.local", "a.internal", "x.localhost."]
)
def test_a_proxy_is_not_asked_for_private_addresses_or_names(
    name: str, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.lifecycle.sources.fetch.choose_proxy", lambda *_: server.url)
    with pytest.raises(FetchError, match="内側のアドレス"):
        fetch(f"http://{name}:80/plan.md", {(name.strip("[]"), 80)})
    assert server.asked == []


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1", "64:ff9b::808:808", "2002:808:808::", "::ffff:8.8.8.8"])
def test_addresses_of_the_internet_are_public(address: str) -> None:
    assert _is_public(address)


def test_a_proxy_fetches_names_that_this_machine_does_not_know(server: Server) -> None:
    server.has("http://plans.city.example/plan.md?n=1", TEXT)
    proxy = SecretStr(server.url.replace("//", "//office:p%40ss@"))
    hosts = {("plans.city.example", 80), ("plans.city.example", 443)}
    assert fetch("http://plans.city.example/plan.md?n=1", hosts, proxy=proxy).body == TEXT.encode()
    with pytest.raises(FetchError, match=r"403.*プロキシー http:") as refused:
        fetch("https://plans.city.example/plan.md", hosts, proxy=proxy)
    assert "p%40ss" not in str(refused.value)
    assert [path for path, _ in server.asked] == ["http://plans.city.example/plan.md?n=1", "plans.city.example:443"]
    assert {headers["Proxy-Authorization"] for _, headers in server.asked} == {"Basic b2ZmaWNlOnBAc3M="}


def test_sync_uses_the_proxy_of_the_settings(server: Server, settings: Settings, folder: Path) -> None:
    listed(folder, 'url = "http://plans.city.example/plan.md"\nfile = "plan.md"')
    server.has("http://plans.city.example/plan.md", TEXT)
    used = settings.model_copy(update={"proxy": SecretStr(server.url)})
    assert sent_requests(used, folder) == [("new", "")]
    assert [path for path, _ in server.asked] == [
        "http://plans.city.example/robots.txt", "http://plans.city.example/plan.md"
    ]  # fmt: skip


def test_a_redirect_to_a_private_address_is_refused(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.lifecycle.sources.fetch._is_public", lambda address: address == "127.0.0.1")
    server.pages["/out.md"] = (302, {"Location": f"http://127.0.0.2:{server.port}/plan.md"}, b"")
    server.has("/plan.md", TEXT)
    with pytest.raises(FetchError, match="内側のアドレス"):
        fetch(f"{server.url}/out.md", {server.host, ("127.0.0.2", server.port)})
    assert [path for path, _ in server.asked] == ["/out.md"]


def test_japanese_addresses_are_encoded(server: Server) -> None:
    server.has("/%E8%A8%88%E7%94%BB.md?n=1", TEXT)
    assert fetch(f"{server.url}/計画.md?n=1", {server.host}, private=True).body == TEXT.encode()


def test_time_and_size_of_a_fetch_are_limited(server: Server) -> None:
    server.has("/large", b"x" * 3_000_000)
    with pytest.raises(FetchError, match="大きい"):
        fetch(f"{server.url}/large", {server.host}, private=True, limits=FetchLimits(size=1 << 20))
    server.drip_s = 0.2
    start = time.monotonic()
    with pytest.raises(FetchError, match="秒のうちに"):
        fetch(f"{server.url}/large", {server.host}, private=True, limits=FetchLimits(seconds=1))
    assert time.monotonic() - start < 20


@pytest.mark.parametrize(
    "response", [b"", b"HTTP/1.1 2", b"HTTP/1.1 200 OK\r\nContent-", b"HTTP/1.1 200 OK\r\nA: b\r\n"]
)
def test_truncated_headers_are_an_error(response: bytes, server: Server) -> None:
    server.cuts["/cut"] = response
    with pytest.raises(FetchError, match="取得できません"):
        fetch(f"{server.url}/cut", {server.host}, private=True)


OK = b"HTTP/1.1 200 OK\r\n"
HOSTILE = {
    "an address of 70,000 characters": (b"Location: http://127.0.0.1/" + b"a" * 70_000, "長すぎる"),
    "a control character": (b"Location: /a\x7fb", "non-printable"),
    "a redirect to itself": (b"Location: a.md", "転送が5回"),
    "another scheme": (b"Location: ftp://127.0.0.1/a", "取得できるアドレスではありません"),
    "a script": (b"Location: javascript:alert(1)", "取得できるアドレスではありません"),
    "a broken address": (b"Location: http://[::1/a", "Invalid IPv6 URL"),
    "a port of letters": (b"Location: http://127.0.0.1:a/", "取得できるアドレスではありません"),
    "a large header": (OK + b"X: " + b"a" * 2_000_000, "too long"),
    "many headers": (OK + b"X: a\r\n" * 100_000, "too long"),
    "two lengths": (OK + b"Content-Length: 3\r\nContent-Length: 4", "conflicting"),
    "a negative length": (OK + b"Content-Length: -5", "bad Content-Length"),
    "a compressed bomb": (
        OK + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b"a" * 20_000_000),
        "文字だけのファイルではありません",
    ),
    "a broken chunk": (OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nab", "illegal chunk"),
    "no HTTP": (b"\x00\xff" * 99, "illegal"),
    "nothing": (b"", "disconnected"),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_answer_is_named_and_the_next_source_is_fetched(
    server: Server, settings: Settings, folder: Path, kind: str
) -> None:
    head, message = HOSTILE[kind]
    status = b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n" if head.startswith(b"Location") else b""
    server.cuts["/a.md"] = status + head + b"\r\n\r\n" * bool(head)
    server.has("/b.md", TEXT)
    listed(folder, *(f'url = "{server.url}/{name}.md"\nfile = "{name}.md"\nprivate = true' for name in "ab"))
    (outcome, reason), following = sent_requests(settings, folder)
    assert outcome in {"failed", "suspicious"}
    assert message in reason
    assert len(reason) < 300
    assert following == ("new", "")


@pytest.mark.parametrize("line", ["Crawl-delay: ²", "Disallow: //[", "Request-rate: ²/3"])
def test_a_source_with_a_broken_robots_txt_is_named(
    server: Server, settings: Settings, folder: Path, line: str
) -> None:
    server.has("/robots.txt", f"User-agent: *\n{line}\n")
    listed(folder, f'url = "{server.url}/a.md"\nfile = "a.md"\nprivate = true')
    ((outcome, reason),) = sent_requests(settings, folder)
    assert outcome == "failed"
    assert "robots.txt が読めない" in reason


def test_a_truncated_body_is_an_error(server: Server) -> None:
    server.pages["/short"] = (200, {"Content-Length": "100", "Connection": "close"}, b"few")
    with pytest.raises(FetchError):
        fetch(f"{server.url}/short", {server.host}, private=True, limits=FetchLimits(seconds=2))


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ('url = "ftp://a.example/x.pdf"\nfile = "x.pdf"', "url は"),
        ('url = "https://u:p@a.example/x.pdf"\nfile = "x.pdf"', "パスワード"),
        ('url = "https://a.example/x.pdf"\nfile = "../x.pdf"', "file は"),
        ('url = "https://a.example/x.exe"\nfile = "x.exe"', "形式は読めません"),
        ('url = "https://a.example/x.pdf"\nfile = "x.pdf"\nhost = "b"', "host という項目はありません"),
        ('url = "https://a.example/x.pdf"', "file"),
        ("url = ", "読めません"),
    ],
)
def test_the_error_for_an_invalid_source_list_names_the_entry(entry: str, message: str, folder: Path) -> None:
    listed(folder, entry)
    with pytest.raises(ManifestError, match=message):
        read_sources(folder)


def test_a_link_out_of_the_folder_is_not_written_to(server: Server, settings: Settings, folder: Path) -> None:
    (folder.parent / "secret.md").write_text("秘密", "utf-8")
    (folder / "plan.md").symlink_to(folder.parent / "secret.md")
    listed(folder, f'url = "{server.url}/plan.md"\nfile = "plan.md"\nprivate = true')
    server.has("/plan.md", TEXT)
    assert "文書フォルダーの外" in sent_requests(settings, folder)[0][1]
    assert (folder.parent / "secret.md").read_text("utf-8") == "秘密"


def test_the_sync_command_reports_each_source(
    server: Server, settings: Settings, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ("sync", "--corpus", str(folder), "--data", str(settings.data), "--no-build")
    assert main([*arguments]) == 0
    assert "取得するアドレスがありません" in capsys.readouterr().out
    listed(folder, f'url = "{server.url}/none.md"\nfile = "none.md"\nprivate = true')
    assert main([*arguments, "--json"]) == 1
    (output,) = json.loads(capsys.readouterr().out)
    assert output["file"] == "none.md"
    assert output["outcome"] == "gone"
