"""Mounts the Gradio pages and the staff console in the server, and sets Gradio up for Japanese."""

from pathlib import Path

import gradio as gr
from fastapi import APIRouter, FastAPI, Request
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import RedirectResponse
from starlette.routing import Mount, Route

from bot.office.accent import accent_css
from bot.pages.citizen.citizen_page import CITIZEN
from bot.pages.gradio_middleware import EventFilter, GradioPageMiddleware
from bot.pages.page_interface import Page, offered_pages
from bot.pages.staff import (
    call_pages,
    console,
    dictionary_pages,
    document_pages,
    faq_pages,
    office_pages,
    queue_pages,
)
from bot.question.office_dictionary import MAX_BYTES
from bot.rendering.html.markup import SHARED_FILES
from bot.web.server_state import server_state

# Fonts of the reader's system that are made for Japanese; none is fetched.
FONTS = ("Hiragino Sans", "Hiragino Kaku Gothic ProN", "Yu Gothic UI", "Noto Sans CJK JP", "Noto Sans JP", "sans-serif")
# Gradio's theme in the colours of `base.css`, whose custom properties have a light and a dark value.
_THEME = Path(__file__).parent / "static" / "theme.css"
# No catalogue of Gradio 6 has this text, which it writes into a live region: pages tell what is done themselves.
_UNTOLD = gr.I18n(**{locale: {"common.complete": " "} for locale in ("en", "ja", "zh-CN", "pt")})
# Pages that are open at the same time, 100 kB each; older ones load themselves again.
_SESSIONS = 2000
# In the order in which their routes are tried.
_CONSOLE_MODULES = (
    console,
    call_pages,
    document_pages,
    faq_pages,
    office_pages,
    queue_pages,
    dictionary_pages,
)


def mount_pages(app: FastAPI) -> FastAPI:
    """Add every page to `app` and return it; the page at `/` comes last, because it matches all other paths."""
    mount_console(app)
    for page in (*offered_pages(), CITIZEN):
        mount_page(app, page)
    return app


def mount_console(app: FastAPI) -> None:
    """Add the pages of the staff console; their roles are in `bot/auth/access.toml`."""
    larger_bodies = server_state(app).larger_bodies
    larger_bodies[document_pages.UPLOAD] = document_pages.MAX_UPLOAD_MB * 1_000_000
    larger_bodies[faq_pages.UPLOAD] = faq_pages.MAX_UPLOAD_MB * 1_000_000
    larger_bodies[dictionary_pages.FILE] = 2 * MAX_BYTES
    for module in _CONSOLE_MODULES:
        app.include_router(module.router)


def mount_page(app: FastAPI, page: Page) -> None:
    """Add one page and its routes to `app`. Raises KeyError for a page that the access rules do not list."""
    state = server_state(app)
    settings, office = state.settings, state.office
    state.larger_bodies.update(page.bodies)
    if page.router:
        app.include_router(page.router)
    blocks = page.build(state.service, settings)
    # `Blocks.launch` has these as parameters, `mount_gradio_app` does not (decision 099).
    blocks.max_threads, blocks.state_session_capacity = state.admission.most, _SESSIONS
    # Without a limit of its own: `bot/admission.py` rejects in the reader's language, Gradio in English.
    blocks.queue(api_open=False, default_concurrency_limit=None)
    inner = gr.mount_gradio_app(
        FastAPI(openapi_url=None),
        blocks,
        path="/",
        theme=gr.themes.Base(font=FONTS, font_mono=("monospace",), radius_size="lg"),
        favicon_path=str(SHARED_FILES / "icon.svg"),
        footer_links=[],
        run_history=False,
        show_error=False,
        max_file_size=max(page.bodies.values(), default=1),
        i18n=_UNTOLD,
    )
    app.include_router(APIRouter(lifespan=lambda _: inner.router.lifespan_context(inner)))
    is_public = state.access.pages[page.path] == "citizen"
    sheets = [sheet.read_text("utf-8") for sheet in (SHARED_FILES / "base.css", _THEME, *page.css)]
    framed = GradioPageMiddleware(
        EventFilter(inner, blocks),
        title=f"{page.title} | {settings.service_name}" if page.title else settings.service_name,
        description=page.description,
        css="".join([*sheets, accent_css(office.accent)]),
        notice=page.notice(settings) if page.notice else None,
        script=page.script,
        framed_by=office.embed_origins if is_public else (),
    )
    if page.path != "/":  # without its last slash, the address would match the citizens' page
        name = page.path.rpartition("/")[2]

        def add_slash(request: Request) -> RedirectResponse:
            return RedirectResponse(f"{name}/?{request.url.query}".rstrip("?"))

        app.router.routes.append(Route(page.path, add_slash))
    app.router.routes.append(Mount(page.path, GZipMiddleware(framed)))
