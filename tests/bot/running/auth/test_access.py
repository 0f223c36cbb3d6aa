import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import httpx2
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from starlette.routing import Mount
from starlette.websockets import WebSocketDisconnect

from bot.running.auth.access import AccessRule
from bot.running.auth.person import ROLES, Role, SignedInPerson
from bot.running.auth.sessions import NAME
from bot.running.auth.sign_in import SignIn
from bot.running.server.api import create_app
from bot.running.server.pages import mount_pages
from bot.running.server_state import server_state
from ingest.configuration.settings import Settings
from tests.bot.fixed_service import StandIn
from tests.bot.running.auth.inner import browser, door_app, sign_in_of
from tests.bot.server_thread import listening

# How a parameter of an address is filled in.
_FILLED = {"page:int": "1", "path:path": "x", "kind": "scores", "form": "csv", "passage_id:path": "x", "n": "1"}
# Below these the pages hang a whole application, whose routes are walked too.
_INNER = ("app", "_app")


class Call(NamedTuple):
    method: str
    path: str


class Served(NamedTuple):
    client: httpx2.Client
    app: FastAPI
    cookies: dict[Role, str]
    sign_in: SignIn


@pytest.fixture(scope="module")
def full_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    data = tmp_path_factory.mktemp("access")
    settings = Settings(
        _env_file=None, data=data, mcp=True, embed_origins="https://a.example", requests_per_minute_address=10**6
    )
    app = create_app(StandIn(), settings)
    mount_pages(app)
    sign_in = server_state(app).sign_in
    cookies = {role: sign_in.sessions.begin(SignedInPerson(f"誰か{role}", role)) for role in ROLES}
    with listening(app) as url, httpx2.Client(base_url=url, trust_env=False, timeout=30) as client:
        yield Served(client, app, cookies, sign_in)


def routes(found: Any, root: str = "") -> Iterator[Call]:
    for route in found:
        if hasattr(route, "effective_candidates"):  # how FastAPI keeps an included router
            yield from routes(route.effective_candidates(), root)
        elif isinstance(route, Mount):
            inner = route.app
            while not hasattr(inner, "routes"):
                inner = next(getattr(inner, name) for name in _INNER if hasattr(inner, name))
            yield from routes(inner.routes, root + route.path)
        else:
            path = re.sub(r"\{(.+?)\}", lambda found: _FILLED.get(found[1], "x"), root + route.path)
            yield from (Call(method, path) for method in sorted(getattr(route, "methods", None) or {"WS"}))


def request_status(full_server: Served, call: Call, role: Role | None = None, **headers: str) -> httpx2.Response:
    cookie = {"cookie": f"{NAME}={full_server.cookies[role]}"} if role else {}
    with full_server.client.stream(call.method, call.path, headers=cookie | headers) as answer:
        if "event-stream" not in answer.headers.get("content-type", ""):
            answer.read()
        return answer


def all_routes(full_server: Served) -> list[Call]:
    return sorted({call for call in routes(full_server.app.routes) if call.method != "WS"})


def row_of(full_server: Served, call: Call) -> AccessRule | None:
    method = "GET" if call.method == "HEAD" else call.method
    return server_state(full_server.app).access.rules_for(call.path).get(method)


def test_no_route_opens_below_its_role(full_server: Served) -> None:
    calls = all_routes(full_server)
    assert len(calls) > 150
    reached: list[tuple[Call, Role | None]] = []
    for call in calls:
        row = row_of(full_server, call)
        if row is None:
            reached += (
                [(call, None)] if request_status(full_server, call, "admin").status_code not in {404, 405} else []
            )
            continue
        for role in (None, *ROLES[: ROLES.index(row.role)]):
            if row.role != "citizen" and request_status(full_server, call, role).status_code not in (
                {401} if role is None else {403}
            ):
                reached.append((call, role))
    assert reached == []


def test_each_route_opens_to_its_role(full_server: Served) -> None:
    shut = []
    for call in all_routes(full_server):
        row = row_of(full_server, call)
        if call == Call("POST", "/signin"):
            continue  # a 403 is its own answer to a wrong password
        if row and request_status(full_server, call, row.role).status_code in {401, 403}:
            shut.append(call)
    assert shut == []


def test_each_route_of_ours_is_in_the_table(full_server: Served) -> None:
    own = [route for route in full_server.app.routes if not isinstance(route, Mount)]
    calls = {call for call in routes(own) if call.method != "HEAD"}
    assert [call for call in sorted(calls) if row_of(full_server, call) is None] == []


def test_each_table_row_matches_a_route(full_server: Served) -> None:
    access = server_state(full_server.app).access
    there = {(call.method, access.rules_for(call.path).get(call.method)) for call in all_routes(full_server)}
    rows = {row for _, row in there if row}
    assert [row for row in access if row not in rows] == []


def test_route_missing_from_the_table_is_closed(tmp_path: Path) -> None:
    app = create_app(StandIn(), Settings(_env_file=None, data=tmp_path))
    app.add_api_route("/forgotten", lambda: "open", methods=["GET"])
    secret = server_state(app).sign_in.sessions.begin(SignedInPerson("安奈", "admin"))
    with listening(app) as url:
        answer = httpx2.get(f"{url}/forgotten", cookies={NAME: secret}, trust_env=False)
    assert answer.status_code == 404


def test_insufficient_role_is_explained(full_server: Served) -> None:
    shown = request_status(full_server, Call("GET", "/workbench/"), "staff", accept="text/html")
    assert shown.status_code == 403
    assert "試験者でなければ使えません" in shown.text
    assert 'href="/staff/"' in shown.text
    assert 'href="/workbench/"' not in shown.text


@pytest.mark.parametrize(
    ("scope", "method", "path", "status"),
    [
        ("ask", "POST", "/api/chat", 422),
        ("ask", "GET", "/api/search?q=a", 403),
        ("search", "GET", "/api/search?q=a", 200),
        ("search", "POST", "/api/chat", 403),
        ("search", "GET", "/health", 200),
        ("export", "GET", "/api/export/audit.csv", 200),
        ("export", "PUT", "/staff/documents/x/entry", 403),
        ("admin", "DELETE", "/staff/documents/staged/x", 204),
        ("admin", "GET", "/staff/", 403),
        ("admin", "POST", "/workbench/gradio_api/queue/join", 403),
    ],
)
def test_key_opens_only_its_scopes(full_server: Served, scope: str, method: str, path: str, status: int) -> None:
    name = f"{scope} {method} {path}"[:40]
    key = full_server.sign_in.keys.add(name, frozenset({scope}), 60)
    assert request_status(full_server, Call(method, path), authorization=f"Bearer {key}").status_code == status
    full_server.sign_in.keys.revoke(name)
    assert request_status(full_server, Call(method, path), authorization=f"Bearer {key}").status_code == 401


def test_unknown_key_counts_as_anonymous(full_server: Served) -> None:
    assert request_status(full_server, Call("GET", "/v1/models"), authorization="Bearer sk-none").status_code == 200
    assert (
        request_status(full_server, Call("GET", "/api/export/audit.csv"), authorization="Bearer sk-none").status_code
        == 401
    )


ANNA = SignedInPerson("安奈", "staff")


@pytest.fixture
def app(tmp_path: Path) -> FastAPI:
    return door_app(tmp_path)


@pytest.fixture
def stranger(app: FastAPI) -> TestClient:
    return browser(app)


@pytest.fixture
def anna(app: FastAPI) -> TestClient:
    client = browser(app)
    client.cookies[NAME] = sign_in_of(app).sessions.begin(ANNA)
    return client


def test_anonymous_visitor_is_redirected_to_sign_in(stranger: TestClient) -> None:
    sent = stranger.get("/inner/?as_of=2026-04-01&q=期間")
    assert sent.status_code == 303
    assert sent.headers["location"].startswith("/signin?next=%2Finner%2F%3Fas_of%3D2026-04-01%26q%3D")


def test_anonymous_request_is_refused(stranger: TestClient) -> None:
    refused = stranger.post("/inner/me", headers={"accept": "*/*"})
    assert refused.status_code == 401
    assert refused.headers["content-type"] == "application/problem+json"
    assert "サインイン" in refused.json()["detail"]


def test_anonymous_websocket_is_refused(stranger: TestClient) -> None:
    with pytest.raises(WebSocketDisconnect), stranger.websocket_connect("/inner/talk"):
        pass


def test_signed_in_user_is_known_to_page_and_routes(anna: TestClient) -> None:
    assert anna.get("/inner/").status_code == 200
    assert anna.get("/inner/me").json() == "安奈 staff"
    with anna.websocket_connect("/inner/talk") as socket:
        assert socket.receive_text() == "安奈"


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site", "origin": "http://testserver"},
    ],
)
def test_cross_site_request_is_refused(anna: TestClient, headers: dict[str, str]) -> None:
    assert anna.post("/inner/me", headers=headers).status_code == 403
    assert anna.post("/inner/gradio_api/queue/join", headers=headers).status_code == 403


@pytest.mark.parametrize(
    "headers", [{"origin": "http://testserver"}, {"sec-fetch-site": "same-origin", "origin": "null"}, {}]
)
def test_same_site_request_is_accepted(anna: TestClient, headers: dict[str, str]) -> None:
    assert anna.post("/inner/me", headers=headers).status_code == 200


def test_expired_session_is_refused(app: FastAPI) -> None:
    late = browser(app)
    late.cookies[NAME] = sign_in_of(app).sessions.begin(ANNA, lasts=timedelta(seconds=-1))
    assert late.get("/inner/").status_code == 303


@pytest.mark.parametrize("secret", ["", "x" * 5000, "ふざけた", "' OR 1=1 --"])
def test_forged_cookie_is_refused(app: FastAPI, secret: str) -> None:
    refused = browser(app).get("/inner/", headers=[(b"accept", b"text/html"), (b"cookie", f"{NAME}={secret}".encode())])
    assert refused.status_code == 303


def test_session_survives_a_restart(app: FastAPI, anna: TestClient, tmp_path: Path) -> None:
    del app
    after = browser(door_app(tmp_path))
    after.cookies = anna.cookies
    assert after.get("/inner/me").json() == "安奈 staff"
