"""Mounts the Gradio pages and the staff console in the server, and sets Gradio up for Japanese."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import gradio as gr
from fastapi import FastAPI, Request
from gradio import route_utils
from gradio.routes import App
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
from bot.service import Service
from ingest.configuration.settings import Settings

# Fonts of the reader's system that are made for Japanese; none is fetched.
FONTS = ("Hiragino Sans", "Hiragino Kaku Gothic ProN", "Yu Gothic UI", "Noto Sans CJK JP", "Noto Sans JP", "sans-serif")
# Gradio's theme in the colours of `base.css`, whose custom properties have a light and a dark value.
_THEME = Path(__file__).parent / "static" / "theme.css"
# Gradio polls its queue a thousand times a second, a twentieth of a core while nobody asks (decision 094).
_EVENT_POLL_S = 0.01
# No page uses `gr.Progress`; a server that shuts down waits for the last poll.
_PROGRESS_POLL_S = 1.0
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


def mount_pages(app: FastAPI, service: Service, settings: Settings) -> FastAPI:
    """Add every page to `app` and return it; the page at `/` comes last, because it matches all other paths."""
    mount_console(app, settings)
    for page in (*offered_pages(), CITIZEN):
        mount_page(app, page, service, settings)
    return app


def mount_console(app: FastAPI, settings: Settings) -> None:
    """Add the pages of the staff console; their roles are in `bot/auth/access.toml`."""
    app.state.settings = settings
    app.state.larger_bodies[document_pages.UPLOAD] = document_pages.MAX_UPLOAD_MB * 1_000_000
    app.state.larger_bodies[faq_pages.UPLOAD] = faq_pages.MAX_UPLOAD_MB * 1_000_000
    app.state.larger_bodies[dictionary_pages.FILE] = 2 * MAX_BYTES
    for module in _CONSOLE_MODULES:
        app.include_router(module.router)


def mount_page(app: FastAPI, page: Page, service: Service, settings: Settings) -> None:
    """Add one page and its routes to `app`. Raises KeyError for a page that `app.state.access` does not list."""
    app.state.settings = settings
    app.state.larger_bodies.update(page.bodies)
    if page.router:
        app.include_router(page.router)
    blocks = page.build(service, settings)
    # Without a limit of its own: `bot/admission.py` rejects in the reader's language, Gradio in English.
    blocks.queue(api_open=False, default_concurrency_limit=None)
    blocks.state_session_capacity = _SESSIONS
    queue = blocks._queue  # noqa: SLF001
    queue.max_thread_count = app.state.admission.most
    queue.sleep_when_free = _EVENT_POLL_S
    queue.progress_update_sleep_when_free = _PROGRESS_POLL_S
    gr.mount_gradio_app(
        app,
        blocks,
        path=page.path,
        theme=gr.themes.Base(font=FONTS, font_mono=("monospace",), radius_size="lg"),
        favicon_path=str(SHARED_FILES / "icon.svg") if page.path == "/" else None,
        footer_links=[],
        run_history=False,
        show_error=False,
        max_file_size=max(page.bodies.values(), default=1),
        i18n=_UNTOLD,
    )
    mounted = app.routes.pop()
    if not (isinstance(mounted, Mount) and isinstance(mounted.app, App)):
        raise TypeError(f"Gradio is expected as the last route, not {mounted!r}")
    blocks.app = mounted.app
    mounted.app.state.limits = app.state.limits
    is_public = app.state.access.pages[page.path] == "citizen"
    sheets = [sheet.read_text("utf-8") for sheet in (SHARED_FILES / "base.css", _THEME, *page.css)]
    framed = GradioPageMiddleware(
        EventFilter(mounted.app),
        title=f"{page.title} | {settings.service_name}" if page.title else settings.service_name,
        description=page.description,
        css="".join([*sheets, accent_css(app.state.office.accent)]),
        notice=page.notice(settings) if page.notice else None,
        script=page.script,
        framed_by=app.state.office.embed_origins if is_public else (),
    )
    if mounted.path:  # without its last slash, the address would match the citizens' page
        name = mounted.path.rpartition("/")[2]

        def add_slash(request: Request) -> RedirectResponse:
            return RedirectResponse(f"{name}/?{request.url.query}".rstrip("?"))

        app.router.routes.append(Route(mounted.path, add_slash))
    app.router.routes.append(Mount(mounted.path, GZipMiddleware(framed)))


_absolute_root = route_utils.get_root_url


def _relative_root(*args: Any, **kwargs: Any) -> str:
    return urlsplit(_absolute_root(*args, **kwargs)).path.rstrip("/")


# Gradio builds the addresses of a page from the client's `Host`; browsers resolve a path by where they are.
route_utils.get_root_url = _relative_root
