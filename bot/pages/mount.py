"""Mounts all Gradio pages in the server and sets them up for Japanese."""

from collections.abc import Iterator
from contextlib import contextmanager

import gradio as gr
from fastapi import FastAPI
from gradio.routes import App
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import RedirectResponse
from starlette.routing import Mount, Route

from bot.office.accent import Accent
from bot.pages.citizen.page import CITIZEN
from bot.pages.gradio_middleware import CompressedEvents, EventFilter, GradioPageMiddleware
from bot.pages.page import Page, offered_pages
from bot.pages.staff.page import mount_console
from bot.pages.theme import quiet_theme
from bot.rendering.html.assets import SHARED
from bot.runtime.service_interface import AnswerService
from ingest.configuration.settings import Settings

# Gradio polls its queue a thousand times a second, a twentieth of a core while nobody asks (decision 044). No page
# uses `gr.Progress`; a server that shuts down waits for the last poll.
_EVENT_POLL_S, _PROGRESS_POLL_S = 0.01, 1.0


def mount_pages(app: FastAPI, service: AnswerService, settings: Settings) -> FastAPI:
    """Add every page to `app` and return it; the one at `/` comes last, because it matches all other paths."""
    mount_console(app, settings)
    for page in (*offered_pages(), CITIZEN):
        mount_page(app, page, service, settings)
    return app


def mount_page(app: FastAPI, page: Page, service: AnswerService, settings: Settings) -> None:
    """Add one page and its routes to `app`. Raises KeyError for a page that `app.state.access` does not list."""
    app.state.settings = settings
    app.state.larger_bodies.update(page.bodies)
    open_to = app.state.access.pages[page.path]
    if page.router:
        app.include_router(page.router)
    with _share_application():
        blocks = page.build(service, settings)
        # Without a limit of its own: `AnsweringPool` rejects in the reader's language, Gradio in English.
        blocks.queue(api_open=False, default_concurrency_limit=None)
    queue = blocks._queue  # noqa: SLF001
    queue.sleep_when_free, queue.progress_update_sleep_when_free = _EVENT_POLL_S, _PROGRESS_POLL_S
    gr.mount_gradio_app(
        app,
        blocks,
        path=page.path,
        theme=quiet_theme(),
        favicon_path=str(SHARED / "icon.svg") if page.path == "/" else None,
        footer_links=[],
        run_history=False,
        show_error=False,
        max_file_size="1b",
    )
    gradio = app.routes.pop()
    if not (isinstance(gradio, Mount) and isinstance(gradio.app, App)):
        raise TypeError(f"Gradio is expected as the last route, not {gradio!r}")
    blocks.app = gradio.app
    gradio.app.state.limits = app.state.limits
    title = f"{page.title} | {settings.service_name}" if page.title else settings.service_name
    framed_by = () if open_to != "citizen" else app.state.office.embed_origins
    shell = GradioPageMiddleware(
        EventFilter(gradio.app, lambda: blocks.fns),
        title=title,
        description=page.description,
        css=_page_styles(page, app.state.office.accent),
        notice=page.notice(settings) if page.notice else None,
        script=page.script,
        framed_by=framed_by,
    )
    if gradio.path:  # without its last slash, the address would match the citizens' page
        name = gradio.path.rpartition("/")[2]
        app.router.routes.append(
            Route(gradio.path, lambda request: RedirectResponse(f"{name}/?{request.url.query}".rstrip("?")))
        )
    app.router.routes.append(Mount(gradio.path, GZipMiddleware(CompressedEvents(shell))))


@contextmanager
def _share_application() -> Iterator[None]:
    """Keep Gradio from creating three applications while a page is built; only the one mounted later serves.

    Each registers some eighty routes; together they take a sixth of a second.
    """
    make = App.create_app
    App.create_app = staticmethod(lambda *_, **__: None)  # type: ignore[assignment, method-assign]
    try:
        yield
    finally:
        App.create_app = staticmethod(make)  # type: ignore[method-assign]


def _page_styles(page: Page, accent: Accent | None) -> str:
    """Return the shared style sheet, the page's own, and the office's colour."""
    sheets = [sheet.read_text("utf-8") for sheet in (SHARED / "base.css", *page.css)]
    return "".join([*sheets, accent.css() if accent else ""])
