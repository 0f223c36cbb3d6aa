from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import example, given
from hypothesis import settings as configure
from hypothesis import strategies as st
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from bot.running.auth.person import SignedInPerson
from bot.running.auth.sessions import NAME
from bot.running.http.site import ProxyHeaders
from bot.running.server.api import create_app
from bot.running.server.pages import mount_pages
from bot.running.server_state import server_state
from ingest.configuration.settings import Settings
from tests.bot.fixed_service import CITATION, StandIn
from tests.bot.server_thread import Prepared

PROXY = "10.0.0.1"
USUAL = {"x-forwarded-for": "198.51.100.7", "x-forwarded-proto": "https", "x-forwarded-host": "city.example"}


async def described_request(request: Request) -> JSONResponse:
    assert request.client
    assert not [name for name in request.headers if "forwarded" in name]
    return JSONResponse([request.client.host, request.url.scheme, request.headers["host"]])


def behind(peer: str, **settings: Any) -> TestClient:
    configured = Settings(_env_file=None, **({"trusted_proxies": "10.0.0.0/8 2001:db8::/32"} | settings))
    return TestClient(ProxyHeaders(Starlette(routes=[Route("/", described_request)]), configured), client=(peer, 1))


def seen_addresses(headers: dict[str, str], peer: str = PROXY, **settings: Any) -> list[str]:
    found: list[str] = behind(peer, **settings).get("/", headers=headers).json()
    return found


def test_a_trusted_proxy_sets_client_scheme_and_host() -> None:
    assert seen_addresses(USUAL) == ["198.51.100.7", "https", "city.example"]


@pytest.mark.parametrize("peer", ["192.0.2.1", "127.0.0.1", "unix"])
def test_other_forwarding_headers_are_ignored(peer: str) -> None:
    assert seen_addresses(USUAL | {"forwarded": "for=1.2.3.4;proto=https"}, peer) == [peer, "http", "testserver"]
    assert seen_addresses(USUAL, PROXY, trusted_proxies="") == [PROXY, "http", "testserver"]


@pytest.mark.parametrize(
    ("forwarded_for", "client"),
    [
        ("6.6.6.6, 198.51.100.7", "198.51.100.7"),  # the client made the first one up
        ("6.6.6.6, 198.51.100.7, 10.2.2.2", "198.51.100.7"),  # two proxies of ours
        ("198.51.100.7:4711", "198.51.100.7"),
        ("[2001:db9::1]:4711", "2001:db9::1"),
        ("2001:db9::1", "2001:db9::1"),
        ("10.3.3.3", "10.3.3.3"),  # somebody within
        ("unknown", "unknown"),
    ],
)
def test_the_client_is_the_last_untrusted_address(forwarded_for: str, client: str) -> None:
    assert seen_addresses({"x-forwarded-for": forwarded_for})[0] == client


def test_scheme_and_host_are_those_of_the_nearest_proxy() -> None:
    headers = {
        "x-forwarded-for": "198.51.100.7, 10.2.2.2",
        "x-forwarded-proto": "https",
        "x-forwarded-host": "forged.example, city.example",
    }
    assert seen_addresses(headers) == ["198.51.100.7", "https", "city.example"]


@pytest.mark.parametrize(("peer", "logged"), [(PROXY, 1), ("127.0.0.1", 1), ("8.8.8.8", 0), ("unix", 0)])
def test_an_untrusted_proxy_is_logged_once(peer: str, logged: int, caplog: pytest.LogCaptureFixture) -> None:
    client = behind(peer, trusted_proxies="")
    for _ in range(3):
        client.get("/", headers=USUAL)
    assert caplog.text.count("SHIRUBE_TRUSTED_PROXIES") == caplog.text.count(peer) == logged
    assert "198.51.100.7" not in caplog.text


@configure(deadline=None, max_examples=50)
@example("ws")
@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=60))
def test_no_header_causes_an_error(written: str) -> None:
    assert seen_addresses(dict.fromkeys(USUAL, written) | {"forwarded": written})[1] in {"http", "https"}


@pytest.mark.parametrize(
    "wrong",
    [
        *({"trusted_proxies": "proxy.example"}, {"root_path": "shirube"}, {"root_path": "/a/"}, {"oidc_roles": "a=b"}),
        *({"public_url": each} for each in ("chat.example", "https://a.example/path", "javascript:x", "https://a b")),
    ],
)
def test_invalid_addresses_of_the_service_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Settings(_env_file=None, **wrong)


@pytest.fixture(scope="module")
def below(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    settings = Settings(
        _env_file=None, data=tmp_path_factory.mktemp("below"), root_path="/shirube", trusted_proxies=PROXY
    )
    app = create_app(StandIn(), settings)
    return mount_pages(app)


def visitor(app: FastAPI, **more: Any) -> TestClient:
    headers = USUAL | {"accept": "text/html"}
    return TestClient(app, headers=headers, client=(PROXY, 1), follow_redirects=False, **more)


def editor_of(app: FastAPI) -> TestClient:
    return visitor(app, cookies={NAME: server_state(app).sign_in.sessions.begin(SignedInPerson("安奈", "editor"))})


@pytest.mark.parametrize("kept", ["", "/shirube"])
def test_all_links_are_below_the_path(below: FastAPI, kept: str) -> None:
    client = visitor(below)
    assert client.get(f"{kept}/health").status_code == 200
    assert '"root":"/shirube"' in client.get(f"{kept}/").text.replace(" ", "")
    sent = client.get(f"{kept}/staff/")
    assert sent.headers["location"] == "/shirube/signin?next=%2Fstaff%2F"
    assert 'action="/shirube/signin"' in client.get(f"{kept}/signin").text
    token = server_state(below).sign_in.renew_start_token()
    came = client.post(f"{kept}/signin", data={"name": "安奈", "token": token, "onward": "/staff/"})
    assert came.headers["location"] == "/shirube/staff/"
    assert "Path=/shirube;" in came.headers["set-cookie"]
    assert "Secure" in came.headers["set-cookie"]


def test_the_pages_of_staff_open_below_the_path(below: FastAPI) -> None:
    client = visitor(
        below, cookies={NAME: server_state(below).sign_in.sessions.begin(SignedInPerson("安奈", "editor"))}
    )
    assert client.get("/shirube/staff/").status_code == 200
    assert client.get("/shirube/workbench/config").json()["root"] == "/shirube/workbench"
    assert client.get("/shirube/staff/departments").status_code == 200


def test_browsers_are_required_to_use_https(tmp_path: Path) -> None:
    app = create_app(StandIn(), Settings(_env_file=None, data=tmp_path, trusted_proxies=PROXY))
    assert "strict-transport-security" not in TestClient(app, client=(PROXY, 1)).get("/health").headers
    assert visitor(app).get("/health").headers["strict-transport-security"].startswith("max-age=31536000")


def test_a_large_document_is_uploaded_below_the_path(below: FastAPI) -> None:
    client = visitor(
        below, cookies={NAME: server_state(below).sign_in.sessions.begin(SignedInPerson("安奈", "editor"))}
    )
    answer = client.post("/shirube/staff/documents/staged", files={"file": ("a.unknown", b"x" * 2_000_000)})
    assert answer.status_code == 422


FORGED = {"host": "evil.example", "x-forwarded-host": "evil.example", "forwarded": "host=evil.example"}
ASKED = {"messages": [{"role": "user", "content": "期間は?"}]}
CITED = CITATION.model_copy(update={"file_url": "/api/documents/plan-2/file"})


def linked(headers: dict[str, str], peer: str = "192.0.2.1", **settings: Any) -> str:
    app = create_app(Prepared(citations=(CITED,)), Settings(_env_file=None, **settings))
    answer = TestClient(app, client=(peer, 1)).post("/v1/chat/completions", json=ASKED, headers=headers)
    return str(answer.json()["choices"][0]["message"]["content"]).partition("](<")[2].partition(">)")[0]


@pytest.mark.parametrize(
    ("headers", "peer", "settings", "origin"),
    [
        (FORGED, "192.0.2.1", {}, "http://testserver"),
        (FORGED, "192.0.2.1", {"public_url": "https://chat.city.example"}, "https://chat.city.example"),
        (FORGED, "192.0.2.1", {"trusted_proxies": PROXY}, "http://testserver"),
        ({"host": "evil.example"}, PROXY, {"trusted_proxies": PROXY}, "http://testserver"),
        (
            {"x-forwarded-host": "city.example", "x-forwarded-proto": "https"},
            PROXY,
            {"trusted_proxies": PROXY},
            "https://city.example",
        ),
        ({"x-forwarded-host": 'x"><b>'}, PROXY, {"trusted_proxies": PROXY}, "http://testserver"),
        ({"host": "localhost:9000"}, "192.0.2.1", {}, "http://localhost:9000"),
        ({"host": "localhost.evil.example"}, "192.0.2.1", {}, "http://testserver"),
        (
            FORGED,
            "192.0.2.1",
            {"public_url": "https://a.example", "root_path": "/shirube"},
            "https://a.example/shirube",
        ),
    ],
)
def test_a_source_links_to_a_trusted_host(
    headers: dict[str, str], peer: str, settings: dict[str, Any], origin: str
) -> None:
    assert linked(headers, peer, **settings) == f"{origin}/api/documents/plan-2/file"


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> TestClient:
    settings = Settings(_env_file=None, data=tmp_path_factory.mktemp("pages"))
    app = create_app(StandIn(), settings)
    mount_pages(app)
    return TestClient(app, follow_redirects=False)


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8000", "evil.example@a", "a.example/evil?<b>"])
def test_no_page_contains_the_host_of_the_client(pages: TestClient, host: str) -> None:
    paths = "/ /config /gradio_api/info /gradio_api/startup-events /gradio_api/queue/status /manifest.json /theme.css"
    paths += " /workbench /workbench/ /workbench/config /staff /staff/ /signin /share /help /robots.txt /sitemap.xml"
    paths += " /gradio_api/app_id /gradio_api/file=x /assets/x.js /nothing /nothing/ /documents /documents/ /plans"
    paths += " /plans.csv /plans.json /signin/ /api/documents /api/documents/ /openapi.json /v1/models/"
    forged = FORGED | {"host": host, "x-gradio-server": "http://evil.example/evil", "origin": "http://evil.example"}
    for path in paths.split():
        for accept in ("text/html", "*/*"):
            answer = pages.get(path, headers=forged | {"accept": accept})
            assert "evil" not in f"{answer.headers} {answer.text}", path


def test_the_addresses_of_a_page_are_relative(pages: TestClient) -> None:
    assert '"root":""' in pages.get("/").text
    assert pages.get("/config").json()["root"] == ""
