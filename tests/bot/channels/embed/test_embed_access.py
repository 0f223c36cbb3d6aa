import re
from typing import Any

import pytest
from fastapi.testclient import TestClient

from bot.channels.pages.citizen.citizen_page import CITIZEN
from bot.channels.pages.mount import mount_page
from bot.running.server.api import create_app
from ingest.configuration.settings import Settings
from tests.bot.fixed_service import StandIn

CITY = "https://www.city.example.jp"


def client(**settings: Any) -> TestClient:
    configured = Settings(_env_file=None, **settings)
    app = create_app(StandIn(), configured)
    mount_page(app, CITIZEN)
    return TestClient(app)


def policy(chat: TestClient) -> str:
    return re.sub("'nonce-[^']+'", "'nonce-'", chat.get("/").headers["content-security-policy"])


def test_by_default_no_site_may_embed_the_chat() -> None:
    chat = client()
    assert chat.get("/").headers["content-security-policy"].endswith("frame-ancestors 'self'")
    assert "embedded.js" not in chat.get("/").text
    for script in ("/embed.js", "/embedded.js"):
        answer = chat.get(script)
        assert answer.status_code == 404
        assert "SHIRUBE_EMBED_ORIGINS" in answer.json()["detail"]


def test_only_this_site_frames_pages_that_are_not_embedded() -> None:
    for chat, framing in ((client(), "SAMEORIGIN"), (client(embed_origins=CITY), None)):
        assert chat.get("/").headers.get("x-frame-options") == framing
        assert chat.get("/documents").headers.get("x-frame-options") == framing
        for path in ("/signin", "/api/documents", "/missing", "/health"):
            answer = chat.get(path)
            assert answer.headers["x-frame-options"] == "SAMEORIGIN", path
            assert "camera=()" in answer.headers["permissions-policy"]


def test_the_listed_sites_and_no_others_may_show_the_page() -> None:
    before = policy(client())
    chat = client(embed_origins=f"{CITY} http://intra.example:8080")
    assert policy(chat) == f"{before} {CITY} http://intra.example:8080"


@pytest.mark.parametrize("settings", [{}, {"embed_origins": CITY}])
@pytest.mark.parametrize("path", ["/", "/config", "/theme.css"])
def test_no_other_site_may_read_the_page(settings: dict[str, str], path: str) -> None:
    chat = client(**settings)
    asked = {"Origin": CITY, "Access-Control-Request-Method": "POST"}
    for answer in (chat.get(path, headers=asked), chat.options(path, headers=asked)):
        assert [name for name in answer.headers if name.startswith("access-control")] == []


def test_the_scripts_may_be_loaded_by_other_sites() -> None:
    chat = client(embed_origins=CITY, service_name='</script>"; alert(1); "')
    for script in ("/embed.js", "/embedded.js"):
        answer = chat.get(script)
        assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
        assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
        assert "__" not in answer.text
    launcher = chat.get("/embed.js").text
    assert CITY in launcher
    assert r'"</script>\"; alert(1); \""' in launcher


@pytest.mark.parametrize("limit", [8192])
def test_the_launcher_is_small(limit: int) -> None:
    assert len(client(embed_origins=CITY).get("/embed.js").content) < limit
