"""HTML responses of pages without scripts, error pages included."""

import gzip
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from secrets import token_urlsafe
from typing import Any

from fastapi import APIRouter, Request
from fastapi.exceptions import HTTPException, RequestValidationError
from fastapi.responses import HTMLResponse, Response
from fastapi.routing import APIRoute

from bot.answering.languages import LANGUAGES, catalogue
from bot.channels.html.display_preferences import CHOSEN, cookies, request_preferences
from bot.channels.html.furigana import add_furigana
from bot.channels.html.markup import SHARED_FILES, join_assets, make_environment, render_template
from bot.errors import BotError, WithdrawnDocumentError
from bot.running.http.problems import RETRY_AFTER_S, to_problem
from bot.running.http.site import base_path
from bot.running.office.accent import accent_css
from bot.running.server_state import server_state
from ingest.errors import IngestError

HERE = Path(__file__).parent
STYLES = "/reading-room.css"
HEADERS = {"referrer-policy": "same-origin", "x-content-type-options": "nosniff", "cache-control": "no-cache"}
# Shorter responses, in bytes, are not worth compressing.
_MIN_COMPRESSED_BYTES = 2000

_TEMPLATES = make_environment(HERE / "templates")
_TEMPLATES.globals.update(
    styles=STYLES,
    script=join_assets(SHARED_FILES, "browser.js"),
    catalogues={language: catalogue(language) for language in LANGUAGES},
)


def page_response(request: Request, template: str, status: int = HTTPStatus.OK, **values: Any) -> HTMLResponse:
    """Return a page in the frame of the office, in the reader's language; it loads nothing from other servers."""
    nonce = token_urlsafe(16)
    office = server_state(request.app).office
    values |= {
        "office": office,
        "nonce": nonce,
        "here": request.url.path.removeprefix(base_path(request)),
        # Sent again by the form that chooses the language.
        "asked": [(name, value) for name, value in request.query_params.multi_items() if name not in CHOSEN],
    }
    response = html_response(
        request,
        _render(request, template, **values),
        status,
        HEADERS
        | {
            "content-security-policy": f"default-src 'none'; style-src 'self'; script-src 'nonce-{nonce}'; "
            "img-src 'self' data:; form-action 'self'; base-uri 'none'; "
            + " ".join(("frame-ancestors 'self'", *office.embed_origins))
        },
    )
    for cookie in cookies(request):
        response.headers.append("set-cookie", cookie)
    return response


def part_response(request: Request, template: str, status: int = HTTPStatus.OK, **values: Any) -> HTMLResponse:
    """Return a part of a page, which a script inserts into another page."""
    return html_response(request, _render(request, template, **values), status, HEADERS)


def _render(request: Request, template: str, **values: Any) -> str:
    preferences = request_preferences(request)
    html = render_template(
        _TEMPLATES, template, up=base_path(request), preferences=preferences, w=preferences.words, **values
    )
    return add_furigana(html, preferences.words["tag"]) if preferences.furigana else html


class PageRoute(APIRoute):
    """A route whose errors are pages, too."""

    def get_route_handler(self) -> Callable[..., Any]:
        handle = super().get_route_handler()

        async def handle_errors(request: Request) -> Response:
            try:
                return await handle(request)
            except (BotError, IngestError, HTTPException, RequestValidationError) as error:
                return _error_response(request, error)

        return handle_errors


router = APIRouter(include_in_schema=False)


@router.get(STYLES)
def styles(request: Request) -> Response:
    """Return the style sheet of the pages, which browsers cache for an hour."""
    accent = accent_css(server_state(request.app).office.accent)
    css = "\n".join([join_assets(HERE / "static", "base.css", "reading_room.css"), accent])
    return html_response(request, css, HTTPStatus.OK, HEADERS | {"cache-control": "public, max-age=3600"}, "text/css")


def _error_response(request: Request, error: Exception) -> HTMLResponse:
    problem = to_problem(error)
    is_withdrawn = isinstance(error, WithdrawnDocumentError)
    status = HTTPStatus.GONE if is_withdrawn else problem.status
    headers = getattr(error, "headers", None) or {}
    preferences = request_preferences(request)
    room, problems = preferences.words["room"], preferences.words["problems"]
    if preferences.language == "ja":
        title, detail = room["withdrawn_title"] if is_withdrawn else problem.title, problem.detail
    elif is_withdrawn:
        title, detail = room["withdrawn_title"], room["withdrawn_says"]
    elif status == HTTPStatus.NOT_FOUND:
        title, detail = room["missing"], room["missing_says"]
    else:
        seconds = headers.get("Retry-After", RETRY_AFTER_S)
        title, detail = room["problem"], problems.get(str(status), problems["500"]).format(seconds=seconds)
    response = page_response(request, "missing.html", status, title=title, detail=detail)
    response.headers.update(headers)
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers.setdefault("retry-after", str(RETRY_AFTER_S))
    return response


def html_response(
    request: Request, text: str, status: int, headers: dict[str, str], media: str = "text/html"
) -> HTMLResponse:
    """Return a text, compressed if the browser accepts it: a plan of 300 pages is a megabyte."""
    content = text.encode()
    headers = headers | {"vary": "accept-encoding, accept-language, cookie"}
    if len(content) > _MIN_COMPRESSED_BYTES and "gzip" in request.headers.get("accept-encoding", ""):
        content = gzip.compress(content, 5, mtime=0)
        headers["content-encoding"] = "gzip"
    return HTMLResponse(content, status, headers, media_type=media)
