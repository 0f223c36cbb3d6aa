"""Tests of the public endpoints of Gradio and of the description of its page."""

import re

import pytest
from fastapi.testclient import TestClient

from bot.pages.mount import mount_pages
from bot.server.api import create_app
from ingest.configuration.settings import Settings
from tests.bot.fixed_service import StandIn


@pytest.fixture(scope="module")
def client() -> TestClient:
    settings = Settings(_env_file=None, service_name="まちの<しるべ>")
    app = create_app(StandIn(), settings)
    return TestClient(mount_pages(app, app.state.service, settings))


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/gradio_api/upload"),
        ("GET", "/gradio_api/info"),
        ("GET", "/gradio_api/openapi.json"),
        ("POST", "/gradio_api/run/ask"),
        ("POST", "/gradio_api/api/ask"),
        ("POST", "/gradio_api/call/ask"),
        ("POST", "/gradio_api/component_server"),
        ("GET", "/gradio_api/file=/etc/hostname"),
        ("GET", "/file=/etc/hostname"),
        ("GET", "/gradio_api/proxy=https://example.com/"),
        ("GET", "/gradio_api/runs"),
        ("GET", "/monitoring"),
        ("GET", "/login_check"),
        ("GET", "/nothing"),
    ],
)
def test_what_the_page_does_not_need_is_shut(client: TestClient, method: str, path: str) -> None:
    answer = client.request(method, path)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["title"] == "見つかりません"


@pytest.mark.parametrize(
    "event",
    [
        b'{"data": [], "fn_index": 99999, "session_hash": "a"}',
        b'{"data": [], "fn_index": null, "session_hash": "a"}',
        b'{"data": [], "session_hash": "a"}',
        b"[1]",
        b"no JSON",
        b"[" * 100_000,
    ],
)
def test_unknown_page_event_is_a_client_error(client: TestClient, event: bytes) -> None:
    answer = client.post("/gradio_api/queue/join", content=event, headers={"content-type": "application/json"})
    assert answer.status_code == 422
    assert answer.json()["title"] == "入力に誤りがあります"


def test_the_api_answers_beside_the_page(client: TestClient) -> None:
    assert client.get("/health").status_code == 200
    assert client.get("/api/chat").status_code == 405


def test_the_page_is_japanese_from_the_first_byte(client: TestClient) -> None:
    page = client.get("/").text
    assert '<html\n\tlang="ja"' in page
    assert "<title>まちの&lt;しるべ&gt;</title>" in page
    assert 'property="og:' not in page
    assert 'name="twitter:' not in page


def test_the_policy_forbids_loading_from_other_hosts(client: TestClient) -> None:
    policy = client.get("/").headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "http" not in policy


def test_page_scripts_require_a_fresh_nonce(client: TestClient) -> None:
    visits = [client.get("/") for _ in range(2)]
    numbers = [re.findall("'nonce-([^']+)'", visit.headers["content-security-policy"]) for visit in visits]
    assert numbers[0] != numbers[1]
    for visit, (number,) in zip(visits, numbers, strict=True):
        assert "unsafe-eval" not in visit.headers["content-security-policy"]
        assert all(f'nonce="{number}"' in tag for tag in re.findall("<script[^>]*>", visit.text))


def test_a_stranger_cannot_move_the_page(client: TestClient) -> None:
    forwarded = {"x-forwarded-host": "attacker.example", "x-forwarded-proto": "https"}
    for path in ("/", "/config"):
        assert "attacker.example" not in client.get(path, headers=forwarded).text
