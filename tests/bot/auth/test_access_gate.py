"""Tests that staff pages and their routes are closed to anonymous requests."""

from datetime import timedelta
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from bot.auth import SignedInPerson
from bot.auth.sessions import NAME
from tests.bot.auth.inner import browser, door_app, sign_in_of

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
def test_anonymous_request_is_refused(stranger: TestClient, method: str, path: str) -> None:
    refused = stranger.request(method, path, headers={"accept": "*/*"})
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


def test_public_api_stays_open(stranger: TestClient) -> None:
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
