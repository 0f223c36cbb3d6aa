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

from bot.errors import BotError, UnknownDocumentError
from bot.http.problems import RETRY_AFTER_S, ProblemDetails, to_problem
from bot.languages import LANGUAGES, catalogue
from bot.rendering.html.answer_parts import goal_bar
from bot.rendering.html.assets import SHARED, join_assets
from bot.rendering.html.display_preferences import CHOSEN, DisplayPreferences, cookies, request_preferences
from bot.rendering.html.furigana import add_furigana
from bot.rendering.html.markup import make_environment, render_template
from ingest.errors import IngestError

HERE = Path(__file__).parent
STYLES = "/reading-room.css"
HEADERS = {"referrer-policy": "same-origin", "x-content-type-options": "nosniff", "cache-control": "no-cache"}
# Less is as quickly sent as it is.
_WORTH_COMPRESSING = 2000

_TEMPLATES = make_environment(HERE / "templates")
_TEMPLATES.filters.update(goal_bar=goal_bar)
_TEMPLATES.globals.update(
    styles=STYLES,
    script=join_assets(SHARED, "browser.js"),
    catalogues={one: catalogue(one) for one in LANGUAGES},
)


class WithdrawnError(UnknownDocumentError):
    """A document that was withdrawn: it was here, and is told of."""


def page_response(request: Request, template: str, status: int = HTTPStatus.OK, **values: Any) -> HTMLResponse:
    """Return a page in the frame of the office, in the reader's language; nothing of it is loaded from elsewhere."""
    nonce, office = token_urlsafe(16), request.app.state.office
    values |= {
        "office": office,
        "nonce": nonce,
        "here": request.url.path.removeprefix(server_root(request)),
        # What a form that chooses the language carries on.
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
    """Return a part of a page, which another page takes in."""
    return html_response(request, _render(request, template, **values), status, HEADERS)


def server_root(request: Request) -> str:
    """Return the path below which the server hangs, "" for none."""
    return str(request.scope.get("root_path", "")).rstrip("/")


def _render(request: Request, template: str, **values: Any) -> str:
    preferences = request_preferences(request)
    made = render_template(
        _TEMPLATES, template, up=server_root(request), preferences=preferences, w=preferences.words, **values
    )
    return add_furigana(made, preferences.words["tag"]) if preferences.furigana else made


class PageRoute(APIRoute):
    """A route whose errors are pages, too."""

    def get_route_handler(self) -> Callable[..., Any]:
        """Return what answers a request."""
        answer = super().get_route_handler()

        async def answered(request: Request) -> Response:
            try:
                return await answer(request)
            except (BotError, IngestError, HTTPException, RequestValidationError) as error:
                return _error_response(request, error)

        return answered


router = APIRouter(include_in_schema=False)


@router.get(STYLES)
def styles(request: Request) -> Response:
    """Return the style sheet of the pages, which a browser keeps for a while."""
    accent = request.app.state.office.accent
    css = "\n".join([join_assets(HERE / "static", "base.css", "reading_room.css"), accent.css() if accent else ""])
    return html_response(request, css, HTTPStatus.OK, HEADERS | {"cache-control": "public, max-age=3600"}, "text/css")


def _error_response(request: Request, error: Exception) -> HTMLResponse:
    told = to_problem(error)
    status = HTTPStatus.GONE if isinstance(error, WithdrawnError) else told.status
    title, detail = _problem_texts(error, told, request_preferences(request))
    response = page_response(request, "missing.html", status, title=title, detail=detail)
    response.headers.update(getattr(error, "headers", None) or {})
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers.setdefault("retry-after", str(RETRY_AFTER_S))
    return response


def _problem_texts(error: Exception, told: ProblemDetails, preferences: DisplayPreferences) -> tuple[str, str]:
    """Return title and detail of a problem; the Japanese detail is the more exact one."""
    room, withdrawn = preferences.words["room"], isinstance(error, WithdrawnError)
    if preferences.language == "ja":
        return (room["withdrawn_title"] if withdrawn else told.title), told.detail
    if withdrawn:
        return room["withdrawn_title"], room["withdrawn_says"]
    if told.status == HTTPStatus.NOT_FOUND:
        return room["missing"], room["missing_says"]
    problems = preferences.words["problems"]
    seconds = (getattr(error, "headers", None) or {}).get("Retry-After", RETRY_AFTER_S)
    return room["problem"], problems.get(str(told.status), problems["500"]).format(seconds=seconds)


def html_response(
    request: Request, text: str, status: int, headers: dict[str, str], media: str = "text/html"
) -> HTMLResponse:
    """Return a text, compressed where the reader's browser takes it so: a plan of 300 pages is a megabyte."""
    content, more = text.encode(), {"vary": "accept-encoding, accept-language, cookie"}
    if len(content) > _WORTH_COMPRESSING and "gzip" in request.headers.get("accept-encoding", ""):
        content, more = gzip.compress(content, 5, mtime=0), more | {"content-encoding": "gzip"}
    return HTMLResponse(content, status, headers | more, media_type=media)
