"""Mounts Gradio pages, also of other packages, in the server, and sets Gradio up for Japanese."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from pathlib import Path

import gradio as gr
from fastapi import APIRouter, FastAPI, Request
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import RedirectResponse
from starlette.routing import Mount, Route

from bot.channels.html.display_preferences import DisplayPreferences
from bot.channels.html.markup import SHARED_FILES
from bot.channels.pages.gradio_middleware import EventFilter, GradioPageMiddleware
from bot.running.office.accent import accent_css
from bot.running.server_state import server_state
from bot.running.service.service import Service
from ingest.configuration.settings import Settings

# Fonts of the reader's system that are made for Japanese; none is fetched.
FONTS = ("Hiragino Sans", "Hiragino Kaku Gothic ProN", "Yu Gothic UI", "Noto Sans CJK JP", "Noto Sans JP", "sans-serif")
# Gradio's theme in the colours of `base.css`, whose custom properties have a light and a dark value.
_THEME = Path(__file__).parent / "static" / "theme.css"
# No catalogue of Gradio 6 has this text, which it writes into a live region: pages tell what is done themselves.
_UNTOLD = gr.I18n(**{locale: {"common.complete": " "} for locale in ("en", "ja", "zh-CN", "pt")})
# Pages that are open at the same time, 100 kB each; older ones load themselves again.
_SESSIONS = 2000
# Packages add pages by an entry point of this group (pyproject.toml), as the workbench does.
ENTRY_POINTS = "shirube.pages"


@dataclass(frozen=True, slots=True)
class Page:
    """A Gradio page at `path`, with a `router` of plain HTTP routes; `access.toml` says who may open both.

    `bodies` are the largest request bodies, in bytes, by address of the router, if they exceed a question's.
    `script` runs in the page. `notice` renders what the page says if scripts do not run; a page without it is
    Japanese only.
    """

    path: str
    title: str
    description: str
    build: Callable[[Service, Settings], gr.Blocks]
    css: tuple[Path, ...]
    notice: Callable[[Settings], Callable[[DisplayPreferences], str]] | None = None
    script: str = ""
    router: APIRouter | None = None
    bodies: Mapping[str, int] = field(default_factory=dict)


def offered_pages() -> tuple[Page, ...]:
    """Return the pages that installed packages offer, in the order of their names."""
    points = sorted(entry_points(group=ENTRY_POINTS), key=lambda point: point.name)
    return tuple(point.load() for point in points)


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
    # Without a limit of its own: `bot/running/http/admission.py` rejects in the reader's language, Gradio in English.
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
