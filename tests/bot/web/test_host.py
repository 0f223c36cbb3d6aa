"""Tests that no link contains the client's `Host` header, only a configured or a trusted host."""

from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from pydantic import ValidationError

from bot.pages.citizen.citizen_page import CITIZEN
from bot.pages.mount import mount_page
from bot.server.api import create_app
from ingest.configuration.settings import Settings
from tests.bot.fixed_service import CITATION, StandIn
from tests.bot.server_thread import Prepared

PROXY = "10.0.0.1"
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


def test_no_address_contains_the_host_of_the_client(tmp_path: Path) -> None:
    client = TestClient(create_app(StandIn(), Settings(_env_file=None, data=tmp_path)), follow_redirects=False)
    paths = "/documents /documents/ /plans /plans.csv /plans.json /signin /signin/ /api/documents /api/documents/"
    for path in f"{paths} /openapi.json /staff/ /staff /v1/models/".split():
        for accept in ("text/html", "*/*"):
            answer = client.get(path, headers=FORGED | {"accept": accept})
            assert "evil.example" not in f"{answer.headers} {answer.text}", path


@pytest.mark.parametrize("address", ["chat.example", "https://a.example/path", "javascript:x", "https://a b"])
def test_a_public_address_is_scheme_and_host(address: str) -> None:
    with pytest.raises(ValidationError):
        Settings(_env_file=None, public_url=address)


@pytest.mark.parametrize(
    ("host", "settings", "root"),
    [
        ("city.example", {}, "http://city.example"),
        ("city.example:8000", {}, "http://city.example:8000"),
        ("evil.example", {"public_url": "https://chat.city.example"}, "https://chat.city.example"),
        ("127.0.0.1:8000", {"public_url": "https://chat.city.example"}, "http://127.0.0.1:8000"),
        ("a.example/x?<b>", {}, "http://testserver"),
        ("evil.example@a", {}, "http://testserver"),
    ],
)
def test_the_chat_has_the_configured_address_or_a_valid_host(host: str, settings: dict[str, Any], root: str) -> None:
    configured = Settings(_env_file=None, **settings)
    app = create_app(StandIn(), configured)
    mount_page(app, CITIZEN, app.state.service, configured)
    page = TestClient(app).get("/", headers={"host": host, "x-gradio-server": "http://evil.example"}).text
    assert f'"root":"{root}"' in page
    assert "evil" not in page
