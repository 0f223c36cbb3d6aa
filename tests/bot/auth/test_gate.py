"""Pages for staff and their routes: strangers get no further than the door."""

from datetime import timedelta
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from bot.auth import Person
from bot.auth.cookie import NAME
from tests.bot.auth.inner import browser, door_app, sign_in_of

ANNA = Person("安奈", "staff")


@pytest.fixture
def app(tmp_path: Path) -> FastAPI:
    return door_app(tmp_path)


@pytest.fixture
def stranger(app: FastAPI) -> TestClient:
    return browser(app)


@pytest.fixture
def anna(app: FastAPI) -> TestClient:
    """Return the browser of someone who has signed in."""
    client = browser(app)
    client.cookies[NAME] = sign_in_of(app).sessions.begin(ANNA)
    return client


def test_a_stranger_is_led_to_the_sign_in_page_and_back(stranger: TestClient) -> None:
    """The page sends a browser to sign in, and tells where it wanted to go."""
    sent = stranger.get("/inner/?as_of=2026-04-01&q=期間")
    assert sent.status_code == 303
    assert sent.headers["location"].startswith("/signin?next=%2Finner%2F%3Fas_of%3D2026-04-01%26q%3D")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/inner/config"),
        ("GET", "/inner/theme.css"),
        ("POST", "/inner/gradio_api/queue/join"),
        ("GET", "/inner/gradio_api/queue/data?session_hash=x"),
        ("GET", "/inner/gradio_api/heartbeat/x"),
        ("GET", "/inner/me"),
        ("POST", "/inner/me"),
    ],
)
def test_a_stranger_reaches_neither_queue_nor_routes(stranger: TestClient, method: str, path: str) -> None:
    """Whatever is no visit of a page is refused as the API refuses, in Japanese."""
    refused = stranger.request(method, path, headers={"accept": "*/*"})
    assert refused.status_code == 401
    assert refused.headers["content-type"] == "application/problem+json"
    assert "サインイン" in refused.json()["detail"]


def test_a_stranger_gets_no_websocket(stranger: TestClient) -> None:
    """The connection is refused before it is made."""
    with pytest.raises(WebSocketDisconnect), stranger.websocket_connect("/inner/talk"):
        pass


def test_who_has_signed_in_is_known_to_page_and_routes(anna: TestClient) -> None:
    """The page opens, and what belongs to it knows the person."""
    assert anna.get("/inner/").status_code == 200
    assert anna.get("/inner/me").json() == "安奈 staff"
    with anna.websocket_connect("/inner/talk") as socket:
        assert socket.receive_text() == "安奈"


def test_what_is_not_for_staff_stays_open(stranger: TestClient) -> None:
    """The API answers a stranger."""
    assert stranger.get("/health").status_code == 200
    assert stranger.get("/inner/nothing").status_code == 404


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site", "origin": "http://testserver"},
    ],
)
def test_another_site_changes_nothing(anna: TestClient, headers: dict[str, str]) -> None:
    """What another site has a browser send is refused, though the browser is signed in."""
    assert anna.post("/inner/me", headers=headers).status_code == 403
    assert anna.post("/inner/gradio_api/queue/join", headers=headers).status_code == 403


@pytest.mark.parametrize(
    "headers", [{"origin": "http://testserver"}, {"sec-fetch-site": "same-origin", "origin": "null"}, {}]
)
def test_the_pages_own_requests_pass(anna: TestClient, headers: dict[str, str]) -> None:
    """The page itself and programs may change things."""
    assert anna.post("/inner/me", headers=headers).status_code == 200


def test_a_session_runs_out(app: FastAPI) -> None:
    """When its time is over, a session opens nothing."""
    late = browser(app)
    late.cookies[NAME] = sign_in_of(app).sessions.begin(ANNA, lasts=timedelta(seconds=-1))
    assert late.get("/inner/").status_code == 303


@pytest.mark.parametrize("secret", ["", "x" * 5000, "ふざけた", "' OR 1=1 --"])
def test_a_made_up_cookie_opens_nothing(app: FastAPI, secret: str) -> None:
    """A cookie that was never handed out is a stranger's."""
    refused = browser(app).get("/inner/", headers=[(b"accept", b"text/html"), (b"cookie", f"{NAME}={secret}".encode())])
    assert refused.status_code == 303


def test_a_session_outlives_the_server(app: FastAPI, anna: TestClient, tmp_path: Path) -> None:
    """Another process over the same records knows who is there."""
    del app
    after = browser(door_app(tmp_path))
    after.cookies = anna.cookies
    assert after.get("/inner/me").json() == "安奈 staff"
