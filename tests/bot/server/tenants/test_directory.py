"""Tests of the routing to offices by path or host, their list, and their administrators."""

import csv
import io
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi.testclient import TestClient

from bot.auth import SignIn
from bot.auth.sessions import NAME
from bot.errors import OfficeError
from bot.server.serve import worker
from bot.server.tenants import open_tenants
from bot.service import open_service
from ingest.configuration.settings import Settings
from ingest.configuration.tenants import read_tenants
from ingest.errors import StorageError
from tests.bot.server.tenants.prefecture import LISTED, PASSWORD, Prefecture, listed
from tests.conftest import without_records

pytest_plugins = ["tests.bot.city_index"]
HTML = {"accept": "text/html"}
PROXY = "10.0.0.1"


@contextmanager
def opened(settings: Settings) -> Iterator[TestClient]:
    with (
        open_service(settings) as whole,
        open_tenants(whole, settings) as app,
        TestClient(app, client=(PROXY, 1), follow_redirects=False) as client,
    ):
        yield client


@pytest.fixture(scope="module")
def settings_by_host(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return listed(tmp_path_factory.mktemp("hosts"), tenants_by="host", trusted_proxies=PROXY)


@pytest.fixture(scope="module")
def by_host(settings_by_host: Settings) -> Iterator[TestClient]:
    settings = settings_by_host
    for town, name in (("", "県の安奈"), ("kanazawa", "町の花子")):
        sign_in = SignIn(next((one.settings for one in read_tenants(settings) if one.id == town), settings))
        sign_in.accounts.add(name, PASSWORD, "admin" if not town else "staff")
        if not town:
            sign_in.accounts.add("県の助手", PASSWORD, "editor")
        sign_in.close()
    with opened(settings) as client:
        yield client


def request_to(host: str, **more: Any) -> dict[str, Any]:
    return {"headers": {"x-forwarded-for": "192.0.2.7", "x-forwarded-host": host} | HTML | more}


def signed_in(client: TestClient, host: str, name: str, address: str = "192.0.2.7") -> httpx2.Response:
    account = {"name": name, "password": PASSWORD}
    answer: httpx2.Response = client.post("/signin", data=account, **request_to(host, **{"x-forwarded-for": address}))
    client.cookies.clear()
    return answer


@pytest.mark.parametrize(
    "host", ["kanazawa.example", "KANAZAWA.example:8443", "www.kanazawa.example", "kanazawa.example."]
)
def test_an_office_is_found_by_its_host(by_host: TestClient, host: str) -> None:
    assert "<span>ひとつめの町</span>" in by_host.get("/signin", **request_to(host)).text


def test_only_a_trusted_proxy_may_set_the_host(by_host: TestClient) -> None:
    past = TestClient(by_host.app, client=("192.0.2.9", 1))
    assert "役所の一覧" in past.get("/", **request_to("kanazawa.example")).text


def test_an_unknown_host_gets_the_list_with_links_to_the_others(by_host: TestClient) -> None:
    listed = by_host.get("/", **request_to("nobody.example:8443"))
    assert 'href="http://kanazawa.example:8443/"' in listed.text
    assert by_host.get("/api/documents", **request_to("nobody.example", accept="*/*")).status_code == 404


def test_an_administrator_of_the_whole_signs_in_at_any_office_by_password(by_host: TestClient) -> None:
    came = signed_in(by_host, "kanazawa.example", "県の安奈")
    assert came.status_code == 303
    cookie = {"cookie": f"{NAME}={came.cookies[NAME]}"}
    assert "県の安奈（全体の管理者）" in by_host.get("/signin", **request_to("hoshimi.example", **cookie)).text
    assert by_host.get("/api/export/audit.csv", **request_to("kanazawa.example", **cookie)).status_code == 200
    by_host.post("/signout", **request_to("kanazawa.example", **cookie))
    assert by_host.get("/api/export/audit.csv", **request_to("hoshimi.example", **cookie)).status_code == 303
    assert signed_in(by_host, "kanazawa.example", "県の助手").status_code == 403


def test_failures_of_service_accounts_count_at_all_offices(by_host: TestClient, settings_by_host: Settings) -> None:
    for name in ("県の安奈", "町の花子"):
        wrong = {"name": name, "password": "ちがうことばをいれてみる"}
        by_host.post("/signin", data=wrong, **request_to("hoshimi.example", **{"x-forwarded-for": "192.0.2.66"}))
    with closing(sqlite3.connect(settings_by_host.data / "shirube.sqlite")) as kept:  # as after a day of trying
        assert kept.execute("UPDATE sign_in_failures SET until = datetime('now', '+10 minutes')").rowcount >= 2
        kept.commit()
    assert signed_in(by_host, "kanazawa.example", "県の安奈", "192.0.2.66").status_code == 403
    assert signed_in(by_host, "kanazawa.example", "県の安奈", "192.0.2.67").status_code == 303
    assert signed_in(by_host, "kanazawa.example", "町の花子", "192.0.2.66").status_code == 303


def test_an_address_of_no_office_shows_the_list(with_pages: Prefecture) -> None:
    for path, status in (("/", 200), ("/nosuch/", 404), ("/kanazawaa/api/chat", 404)):
        answer = with_pages.client.get(path, headers=HTML)
        assert answer.status_code == status
        assert 'href="/hoshimi/"' in answer.text
    problem = with_pages.client.post("/nosuch/api/chat", json={"question": "期間は?"})
    assert problem.headers["content-type"] == "application/problem+json"
    assert "役所はありません" in problem.json()["detail"]


def test_each_office_shows_its_name_documents_and_pages(with_pages: Prefecture) -> None:
    get = with_pages.client.get
    names = [get(f"/{town}/openapi.json").json()["info"]["title"] for town in ("kanazawa", "hoshimi")]
    assert names == ["ひとつめの町 API", "合図乙の町 API"]
    for town, title, other in (("kanazawa", "金沢市DX", "星見市環境"), ("hoshimi", "星見市環境", "金沢市DX")):
        for path in ("/api/documents", "/documents", "/plans?all=1"):
            text = get(f"/{town}{path}").text
            assert other not in text
            assert title in text or path.startswith("/plans")
        page = get(f"/{town}/", headers=HTML)
        assert f'/{town}"' in re.findall('"root": *"[^"]*"', page.text)[0]
    assert [get(f"/{town}/embed.js").status_code for town in ("kanazawa", "hoshimi")] == [200, 404]


def test_an_administrator_of_the_whole_opens_every_office_with_one_session(with_pages: Prefecture) -> None:
    cookie = with_pages.cookie()
    assert 'href="/hoshimi/staff/"' in with_pages.client.get("/", headers=HTML | cookie).text
    for town in ("kanazawa", "hoshimi"):
        assert with_pages.client.get(f"/{town}/staff/", headers=cookie).status_code == 200
        assert with_pages.client.get(f"/{town}/staff/", headers=with_pages.cookie(role="editor")).status_code == 401
    assert with_pages.client.get("/staff/", headers=cookie).headers["location"] == "/"


def test_the_session_of_the_office_has_priority(with_pages: Prefecture) -> None:
    own, whole = with_pages.cookie("kanazawa", "staff"), with_pages.cookie("", "editor")
    both = {"cookie": f"{own['cookie']}; {whole['cookie']}"}
    assert with_pages.client.get("/kanazawa/staff/departments", headers=both).status_code == 200


def test_actions_of_the_whole_are_distinguishable_in_the_audit_log(with_pages: Prefecture) -> None:
    form = {"reason": "見直し"}
    document = with_pages.client.get("/kanazawa/api/documents").json()["documents"][0]["id"]
    where = f"/kanazawa/staff/documents/withdrawn/{document}"
    assert with_pages.client.put(where, data=form, headers=with_pages.cookie()).status_code == 204
    assert with_pages.client.delete(where, headers=with_pages.cookie()).status_code == 204
    exported = with_pages.client.get("/kanazawa/api/export/audit.csv", headers=with_pages.cookie("kanazawa"))
    acts = csv.DictReader(io.StringIO(exported.content.decode("utf-8-sig")))
    assert {act["by"] for act in acts if act["action"] in {"withdraw", "restore"}} == {"安奈（全体の管理者）"}


def test_office_without_documents_does_not_block_others(tmp_path: Path, city_settings: Settings) -> None:
    settings = listed(tmp_path)
    one = settings.data / "tenants" / "hoshimi"
    one.parent.mkdir(parents=True)
    one.symlink_to(city_settings.data)
    with opened(settings) as client:
        assert client.get("/kanazawa/ready").status_code == 503
        assert client.get("/hoshimi/ready").status_code == client.get("/ready").status_code == 200
        assert 'shirube_tenant_ready{tenant="kanazawa"} 0.0' in client.get("/metrics").text


def test_an_office_with_invalid_settings_is_named(tmp_path: Path) -> None:
    settings = listed(tmp_path, LISTED.replace('contact = "', 'opening_hours = "いつでも"\ncontact = "'))
    with pytest.raises(OfficeError, match="hoshimi"), opened(settings):
        pass


def test_offices_never_share_a_sqlite(tmp_path: Path) -> None:
    file = tmp_path / "all.sqlite"
    with pytest.raises(StorageError, match="PostgreSQL"), opened(listed(tmp_path, database_url=f"sqlite:///{file}")):
        pass
    assert not file.exists()


def test_each_worker_opens_all_offices(
    indexed: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    settings = listed(tmp_path)
    for town, data in indexed.items():
        without_records(data, settings.data / "tenants" / town)
    monkeypatch.setenv("SHIRUBE_DATA", str(settings.data))
    monkeypatch.setenv("SHIRUBE_TENANTS", str(settings.tenants))
    monkeypatch.setattr("bot.server.serve.configure_server_log", lambda _: None)
    at_end: list[Callable[[], None]] = []
    monkeypatch.setattr("bot.server.serve.atexit.register", at_end.append)
    asked = {"question": "プラン2.0の計画期間は?"}
    with caplog.at_level("INFO", "bot.web.access_log"), TestClient(worker()) as client:
        first = client.post("/hoshimi/api/chat", json=asked).json()["conversation_id"]
        for town, status in (("hoshimi", 200), ("kanazawa", 404)):
            answer = client.post(f"/{town}/api/chat", json=asked | {"conversation_id": first})
            assert answer.status_code == status
    at_end[0]()
    assert {record.fields["tenant"] for record in caplog.records if hasattr(record, "fields")} == {
        "hoshimi",
        "kanazawa",
    }
