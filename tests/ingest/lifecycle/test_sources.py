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
from ingest.errors import IngestError, ManifestError
from ingest.lifecycle import synchronise
from ingest.lifecycle.fetch import FetchError, fetch
from ingest.lifecycle.synchronise import confirm, read_sources, sync
from ingest.metadata.document_table import read_source_states
from tests.ingest.lifecycle.web_server import Server, listed

TEXT = (
    "# 港の計画\n\n港の公園を9つ作ります。市民は火曜から日曜の朝9時から夜8時まで入れます。\n\n"
    "船に乗るときは、窓口で券を買ってください。小学生は保護者と一緒に乗ります。\n\n定員は120人です。\n"
)
OTHER = "# 山の家の予約\n\n宿泊は三か月前から電話で受け付けます。\n\n薪と毛布は家にあり、食べ物は持参します。\n" * 2


def outcomes(settings: Settings, folder: Path) -> list[tuple[str, str]]:
    states = sync(settings, folder, "安奈", pause=lambda _: None).values()
    return [(state.state, state.reason) for state in states]


@pytest.fixture
def document(server: Server, settings: Settings, folder: Path) -> Path:
    listed(folder, f'url = "{server.url}/town/plan.md"\nfile = "plan.md"\nid = "minato"\nprivate = true')
    server.has("/town/plan.md", TEXT, ETag='"1"', Last_Modified="Wed, 01 Apr 2026 00:00:00 GMT")
    assert outcomes(settings, folder) == [("new", "")]
    return folder / "plan.md"


def test_a_document_is_fetched_again_only_if_it_changed(server: Server, settings: Settings, document: Path) -> None:
    folder = document.parent
    assert document.read_text("utf-8") == TEXT
    assert outcomes(settings, folder) == [("unchanged", "")]
    headers = server.asked[-1][1]
    assert headers["If-None-Match"] == '"1"'
    assert headers["If-Modified-Since"] == "Wed, 01 Apr 2026 00:00:00 GMT"
    server.has("/town/plan.md", TEXT + "\n四つに増やします。\n", ETag='"2"')
    assert outcomes(settings, folder) == [("changed", "")]
    (table,) = tomllib.loads((folder / "manifest.toml").read_text("utf-8"))["document"]
    assert [table[name] for name in ("id", "title", "url")] == ["minato", "港の計画", f"{server.url}/town/plan.md"]
    assert [(act.by, act.action, act.documents) for act in read_events(settings)] == [
        ("安奈", "fetch", ("minato",))
    ] * 2
    document.write_text("# 手で直した\n\n文です。\n", "utf-8")
    assert outcomes(settings, folder) == [("changed", "")]
    assert "If-None-Match" not in server.asked[-1][1]


def html(text: str) -> str:
    return f"<!DOCTYPE html><html><head><title>港</title></head><body>{text}</body></html>"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (TEXT.replace("9", "7").replace("120", "99"), ""),
        (TEXT + "\n冬は休みます。\n\n夏の休みには講習を開きます。\n", ""),
        (TEXT.replace("小学生は保護者と一緒に乗ります。", ""), ""),
        (TEXT[:60], "途中で切れている"),
        ("# 港の計画\n\n定員は120人です。\n", "%しか残っていません"),
        (OTHER, "元の文章が0%しか"),
        ("# ログイン\n\n番号を入れてください。\n", "元の文章が0%しか"),
        (html("ページが見つかりません"), "ウェブページが返されました"),
        ("", "読み取れる本文がありません"),
    ],
)
def test_an_odd_version_replaces_no_document_and_an_update_does(
    server: Server, settings: Settings, document: Path, body: str, reason: str
) -> None:
    server.has("/town/plan.md", body)
    ((outcome, found),) = outcomes(settings, document.parent)
    assert outcome == ("suspicious" if reason else "changed")
    assert reason in found
    assert document.read_text("utf-8") == (TEXT if reason else body)


@pytest.mark.parametrize(
    ("location", "expected"),
    [("/", "suspicious"), ("/b/plan.md", "suspicious"), ("/town/plan.md/index.html", "changed")],
)
def test_a_redirect_to_another_path_is_odd(
    server: Server, settings: Settings, document: Path, location: str, expected: str
) -> None:
    server.pages["/town/plan.md"] = (302, {"Location": location}, b"")
    server.has(location, TEXT + "\n冬は休みます。\n")
    assert [outcome for outcome, _ in outcomes(settings, document.parent)] == [expected]


def test_an_odd_version_waits_until_a_person_confirms_it(server: Server, settings: Settings, document: Path) -> None:
    server.has("/town/plan.md", OTHER, ETag='"2"')
    assert [outcomes(settings, document.parent)[0][0] for _ in range(2)] == ["suspicious"] * 2
    assert server.asked[-1][1]["If-None-Match"] == '"1"'
    assert "山の家の予約" in read_source_states(settings)["minato"].held_text
    confirm(settings, "minato", "文子")
    assert document.read_text("utf-8") == OTHER
    assert [(event.by, event.action) for event in read_events(settings, "minato")][-1] == ("文子", "confirm")
    assert outcomes(settings, document.parent) == [("unchanged", "")]
    with pytest.raises(IngestError, match="待っている内容がありません"):
        confirm(settings, "minato", "文子")


def test_a_document_that_is_gone_stays(server: Server, settings: Settings, document: Path) -> None:
    server.pages["/town/plan.md"] = (410, {}, b"")
    (first,) = sync(settings, document.parent, "安奈", pause=lambda _: None).values()
    assert first.state == "gone"
    assert "410" in first.reason
    assert document.read_text("utf-8") == TEXT
    outcomes(settings, document.parent)
    assert read_source_states(settings)["minato"].since == first.since


def test_sources_without_ids_are_listed_under_different_ones(server: Server, settings: Settings, folder: Path) -> None:
    listed(folder, *(f'url = "{server.url}/{n}"\nfile = "{n}"\nprivate = true' for n in ("a.md", "a.txt")))
    server.has("/a.txt", OTHER)
    for text in (None, TEXT):
        if text:
            server.has("/a.md", text)
        states = sync(settings, folder, "安奈", pause=lambda _: None)
        assert len(read_source_states(settings)) == len(states) == 2
    tables = tomllib.loads((folder / "manifest.toml").read_text("utf-8"))["document"]
    assert len({table["id"] for table in tables}) == 2


@pytest.mark.parametrize("step", ["replace_file", "write_manifest", "record_event", "_save_state"])
def test_an_interrupted_sync_is_repeated_without_loss(
    step: str, server: Server, settings: Settings, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed(folder, *(f'url = "{server.url}/{name}.md"\nfile = "{name}.md"\nprivate = true' for name in "ab"))
    server.has("/a.md", TEXT)
    (folder / "b.md").write_text(TEXT, "utf-8")
    server.has("/b.md", OTHER)

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(synchronise, step, interrupt)
        with pytest.raises(KeyboardInterrupt):
            outcomes(settings, folder)
    outcomes(settings, folder)
    assert [(folder / name).read_text("utf-8") for name in ("a.md", "b.md")] == [TEXT, TEXT]
    assert 'id = "a"' in (folder / "manifest.toml").read_text("utf-8")
    assert [state.needs_attention for state in read_source_states(settings).values()] == [False, True]


def test_robots_txt_is_respected_also_after_redirects(server: Server, settings: Settings, folder: Path) -> None:
    listed(folder, *(f'url = "{server.url}/{n}.md"\nfile = "{n}.md"\nprivate = true' for n in "ab"))
    server.pages["/a.md"] = (302, {"Location": "/in/c.md"}, b"")
    server.has("/b.md", TEXT)
    server.has("/robots.txt", "User-agent: *\nCrawl-delay: 7\nDisallow: /in/\n")
    waited: list[float] = []
    first, second = sync(settings, folder, "安奈", pause=waited.append).values()
    assert "robots.txt" in first.reason
    assert (first.state, second.state) == ("failed", "new")
    assert [path for path, _ in server.asked] == ["/robots.txt", "/a.md", "/b.md"]
    assert len(waited) == 1
    assert 6 < waited[0] <= 7
    broken: tuple[int, dict[str, str], bytes]
    for broken in ((503, {}, b""), (200, {}, "User-agent: *\nCrawl-delay: ²\n".encode())):
        server.pages["/robots.txt"] = broken
        assert [state for state, _ in outcomes(settings, folder)] == ["failed", "failed"]


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
    monkeypatch.setattr("ingest.lifecycle.fetch.choose_proxy", lambda *_: server.url)
    with pytest.raises(FetchError, match="内側のアドレス"):
        fetch(f"http://{name}:80/plan.md", {(name.strip("[]"), 80)})
    assert server.asked == []


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


def test_a_redirect_to_a_private_address_is_refused(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.lifecycle.fetch._is_public", lambda address: address == "127.0.0.1")
    server.pages["/out.md"] = (302, {"Location": f"http://127.0.0.2:{server.port}/plan.md"}, b"")
    server.has("/plan.md", TEXT)
    with pytest.raises(FetchError, match="内側のアドレス"):
        fetch(f"{server.url}/out.md", {server.host, ("127.0.0.2", server.port)})
    assert [path for path, _ in server.asked] == ["/out.md"]


def test_time_and_size_of_a_fetch_are_limited(server: Server) -> None:
    server.has("/large", b"x" * 3_000_000)
    with pytest.raises(FetchError, match="大きい"):
        fetch(f"{server.url}/large", {server.host}, private=True, max_bytes=1 << 20)
    server.drip_s = 0.2
    start = time.monotonic()
    with pytest.raises(FetchError, match="秒のうちに"):
        fetch(f"{server.url}/large", {server.host}, private=True, seconds=1)
    assert time.monotonic() - start < 20


OK = b"HTTP/1.1 200 OK\r\n"
HOSTILE = {
    "an address of 70,000 characters": (b"Location: http://127.0.0.1/" + b"a" * 70_000, "長すぎる"),
    "a control character": (b"Location: /a\x7fb", "non-printable"),
    "a redirect to itself": (b"Location: a.md", "転送が5回"),
    "another scheme": (b"Location: ftp://127.0.0.1/a", "取得できるアドレスではありません"),
    "a broken address": (b"Location: http://[::1/a", "Invalid IPv6 URL"),
    "two lengths": (OK + b"Content-Length: 3\r\nContent-Length: 4", "conflicting"),
    "a compressed bomb": (
        OK + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b"a" * 20_000_000),
        "文字だけのファイルではありません",
    ),
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
    (outcome, reason), following = outcomes(settings, folder)
    assert outcome in {"failed", "suspicious"}
    assert message in reason
    assert len(reason) < 300
    assert following == ("new", "")


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ('url = "ftp://a.example/x.pdf"\nfile = "x.pdf"', "url を確かめて"),
        ('url = "https://u:p@a.example/x.pdf"\nfile = "x.pdf"', "パスワード"),
        ('url = "https://a.example/x.pdf"\nfile = "../x.pdf"', "file を確かめて"),
        ('url = "https://a.example/x.exe"\nfile = "x.exe"', "形式は読めません"),
        ('url = "https://a.example/x.pdf"\nfile = "x.pdf"\nhost = "b"', "1番目: host を確かめて"),
        ('url = "https://a.example/x.pdf"', "file を確かめて"),
        (
            'url = "https://a.b/x.pdf"\nfile = "x.pdf"\n[[source]]\nurl = "https://a.b/y"\nfile = "x.pdf"',
            "二つ",
        ),
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
    assert "文書フォルダーの外" in outcomes(settings, folder)[0][1]
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
