"""Serves the console in this process and opens it in a signed-in browser."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from fastapi.testclient import TestClient
from playwright.sync_api import BrowserContext, Page, expect

from bot.running.auth.person import Role, SignedInPerson
from bot.running.auth.sessions import NAME
from bot.running.auth.sign_in import SignIn
from bot.running.server.api import create_app
from bot.running.server.pages import mount_console
from bot.running.service.service import Service
from ingest.configuration.settings import Settings
from tests.bot.server_thread import listening
from tests.conftest import page_of


@contextmanager
def console(service: Service, settings: Settings) -> Iterator[str]:
    app = create_app(service, settings)
    mount_console(app)
    with listening(app) as url:
        yield url


def staff_client(service: Service, settings: Settings, role: Role = "editor") -> TestClient:
    app = create_app(service, settings)
    mount_console(app)
    return TestClient(app, cookies=cookie(settings.data, role), raise_server_exceptions=False)


def ask(client: TestClient, question: str, **form: str) -> dict[str, Any]:
    reply = client.post("/staff/ask", data={"question": question, **form}).raise_for_status()
    events = [line.removeprefix("data: ") for line in reply.text.splitlines() if line.startswith("data: ")]
    return dict(json.loads(events[-1]))


def cookie(data: Path, role: Role = "editor") -> dict[str, str]:
    sign_in = SignIn(Settings(_env_file=None, data=data))
    try:
        return {NAME: sign_in.sessions.begin(SignedInPerson("安奈", role))}
    finally:
        sign_in.close()


@contextmanager
def seated(
    seat: BrowserContext,
    url: str,
    data: Path,
    width: int = 1280,
    scheme: Literal["light", "dark"] = "light",
    *,
    role: Role = "editor",
) -> Iterator[Page]:
    with page_of(seat) as page:
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 844 if width < 500 else 800})
        seat.add_cookies([{"name": name, "value": value, "url": url} for name, value in cookie(data, role).items()])
        seat.grant_permissions(["clipboard-read", "clipboard-write"])
        page.goto(f"{url}/staff/", wait_until="domcontentloaded")
        expect(page.locator("#question")).to_be_focused()
        yield page


def look_up(page: Page, question: str) -> None:
    page.locator("#question").fill(question)
    page.keyboard.press("Enter")
    expect(page.locator("#asked")).to_have_text(f"質問：{question}")
    expect(page.locator("[data-waiting]")).to_have_count(0)
    expect(page.locator("#asked")).to_be_focused()
