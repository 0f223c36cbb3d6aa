"""A staff page with a route of the application, and a browser on it."""

import tomllib
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

import gradio as gr
from fastapi import APIRouter, FastAPI, Request, WebSocket
from fastapi.testclient import TestClient
from starlette.routing import BaseRoute

from bot.channels.pages.mount import Page, mount_page
from bot.running.auth.access import TABLE
from bot.running.auth.person import current_person
from bot.running.auth.sign_in import SignIn
from bot.running.server.api import create_app
from bot.running.server_state import server_state
from bot.running.service.service import Service
from ingest.configuration.settings import Settings
from tests.bot.fixed_service import StandIn

router = APIRouter()
PASSWORD = "ながいながい合言葉です"


@router.get("/inner/me")
@router.post("/inner/me")
def me(request: Request) -> str:
    return f"{current_person(request).name} {current_person(request).role}"


@router.websocket("/inner/talk")
async def repeat_me(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text(current_person(socket).name)
    await socket.close()


def _build(service: Service, settings: Settings) -> gr.Blocks:
    del service, settings
    with gr.Blocks(analytics_enabled=False) as page:
        told = gr.Textbox()
        page.load(_name, None, told)
    return cast("gr.Blocks", page)


def _name(request: gr.Request) -> str:
    return current_person(request).name


INNER = Page("/inner", "奥", "職員の画面です。", _build, (), router=router)


def inner_app(data: Path) -> FastAPI:
    settings = Settings(_env_file=None, data=data)
    app = _app(settings)
    mount_page(app, INNER)
    return app


def door_app(data: Path) -> FastAPI:
    """Return the same, with a page that all such apps share: it can be opened or refused, but its events do not run.

    Gradio takes longer to make a page than any test to knock at it.
    """
    settings = Settings(_env_file=None, data=data)
    app = _app(settings)
    app.include_router(router)
    app.router.routes.append(_shared_page())
    return app


def _app(settings: Settings) -> FastAPI:
    app = create_app(StandIn(), settings)
    access = server_state(app).access
    access.pages["/inner"] = "staff"
    gradio = tomllib.loads(TABLE.read_text("utf-8"))["gradio"]["open"]
    access.add("staff", {address.replace(" ", " /inner", 1): "" for address in ("GET /", *gradio)})
    access.add("staff", {"GET /inner/me": "", "POST /inner/me": "", "WS /inner/talk": ""})
    return app


@cache
def _shared_page() -> BaseRoute:
    with TemporaryDirectory() as data:
        return inner_app(Path(data)).routes[-1]


def browser(app: FastAPI) -> TestClient:
    return TestClient(app, follow_redirects=False, headers={"accept": "text/html"})


def sign_in_of(app: FastAPI) -> SignIn:
    return server_state(app).sign_in
