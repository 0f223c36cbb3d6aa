"""The basis of all console routes: person, service, page frame, style sheet and script."""

from collections.abc import Callable, Sequence
from functools import cache
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response
from fastapi.routing import APIRoute

from bot.answering.question.text_limits import MAX_QUESTION_CHARS
from bot.answering.rendering.answer_text import render_text
from bot.answering.rendering.source_line import strip_heading_mark
from bot.channels.html.answer_parts import parts_after_help
from bot.channels.html.markup import join_assets, make_environment, render_template
from bot.channels.pages.citizen.reader_texts import notice_texts
from bot.channels.pages.reading.page_responses import HEADERS, html_response
from bot.channels.sign_in.sign_in_page import render_masthead
from bot.desk.curation.faq_desk import FaqDesk
from bot.running.auth.person import current_person
from bot.running.http.form_fields import Fields, form_fields
from bot.running.http.problems import to_problem
from bot.running.http.site import base_path
from bot.running.office.accent import accent_css
from bot.running.server_state import server_state

AREAS = (
    ("", "調べる", "l"),
    ("calls", "これまでの通話", ""),
    ("documents", "文書", "d"),
    ("departments", "課と窓口", ""),
    ("dictionary", "言葉の辞書", ""),
    ("faq", "質問と回答", ""),
    ("queue", "改善", ""),
)
"""The pages of the navigation: path below /staff/, name, and key."""
FOR_TESTERS = "queue"
HELP = (
    ("/", "質問の欄へ"),
    ("Enter", "調べる。箇所の上では、開く・閉じる"),
    ("j ↓", "次の箇所"),
    ("k ↑", "前の箇所"),
    ("c", "回答を根拠ごとコピー（メールに貼れる形）"),
    ("w", "「この回答は違う」を開く"),
    ("h", "この通話で調べたことへ"),
    ("n", "新しい通話"),
    ("l", "調べる画面へ"),
    ("d", "文書の画面へ"),
    ("?", "この説明"),
)
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
)
_HERE = Path(__file__).parent
_STYLE = join_assets(_HERE / "static", "base.css", "staff.css")
_SCRIPT = join_assets(_HERE / "static", "browser.js", "console.js")
_KEEP = {**HEADERS, "cache-control": "private, max-age=31536000, immutable"}


class Console:
    """A request to the console with the person, the service and the query fields."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.person = current_person(request)
        state = server_state(request.app)
        self.service, self.settings, self.accent = state.service, state.settings, state.office.accent
        self.fields = Fields(request.query_params.multi_items())
        self.root = base_path(request)

    @property
    def faq(self) -> FaqDesk:
        return FaqDesk(self.service)

    def link(self, path: str = "", **query: object) -> str:
        """Return the address of a console page with the query fields that are not empty."""
        fields = [(name, value) for name, value in query.items() if value not in {None, "", 0}]
        return f"{self.root}/staff/{path}" + (f"?{urlencode(fields)}" if fields else "")

    def paging(self, items: Sequence[Any], per_page: int) -> dict[str, Any]:
        """Return the `items` of the page that the query field `part` asks for, with what a template says about it."""
        pages = max(1, -(-len(items) // per_page))
        page = min(max(self.fields.number("part", 1), 1), pages)
        shown = items[(page - 1) * per_page : page * per_page]
        return {"items": shown, "n": len(items), "part": page, "parts_of_list": pages}

    def render(self, template: str, /, **values: Any) -> str:
        return render_template(_TEMPLATES, template, up=self.root, person=self.person, link=self.link, **values)

    def page(
        self,
        template: str,
        title: str,
        *,
        area: str | None = None,
        problem: str = "",
        status: int = HTTPStatus.OK,
        **values: Any,
    ) -> HTMLResponse:
        """Return a template in the frame of the console; `area` is its entry in the navigation."""
        areas = [entry for entry in AREAS if entry[0] != FOR_TESTERS or self.person.may("tester")]
        html = self.render(
            "frame.html",
            view=template,
            title=title,
            service=self.settings.service_name,
            masthead=render_masthead(self.settings.service_name, "/staff/", self.person, self.root),
            areas=areas,
            area=area,
            help=HELP,
            problem=problem,
            version=_version(self.accent),
            longest_question=MAX_QUESTION_CHARS,
            **values,
        )
        return html_response(self.request, html, status, HEADERS | {"content-security-policy": POLICY})


OpenConsole = Annotated[Console, Depends(Console)]
SentForm = Annotated[Fields, Depends(form_fields)]


class ConsoleRoute(APIRoute):
    """A route whose errors are shown as pages for GET requests, else returned as problems."""

    def get_route_handler(self) -> Callable[..., Any]:
        handle = super().get_route_handler()

        async def handle_errors(request: Request) -> Response:
            try:
                return await handle(request)
            except Exception as error:
                if request.method not in {"GET", "HEAD"}:
                    raise
                problem = to_problem(error)
                return Console(request).page(
                    "missing.html", "開けませんでした", problem=problem.detail, status=problem.status
                )

        return handle_errors


def console_router() -> APIRouter:
    """Return a router for pages and actions of the console."""
    return APIRouter(include_in_schema=False, route_class=ConsoleRoute)


def done(address: str, message: str, **more: Any) -> JSONResponse:
    """Return the result of an action: the address to open next and the message to show there."""
    return JSONResponse({"at": address, "message": message, **more})


router = console_router()


@router.get("/staff/console.css")
def style(request: Request) -> Response:
    accent = accent_css(server_state(request.app).office.accent)
    return html_response(request, _STYLE + accent, HTTPStatus.OK, _KEEP, "text/css")


@router.get("/staff/console.js")
def script(request: Request) -> Response:
    return html_response(request, _SCRIPT, HTTPStatus.OK, _KEEP, "text/javascript")


@cache
def _version(accent: str | None) -> str:
    return sha256(f"{_STYLE}{_SCRIPT}{accent}".encode()).hexdigest()[:12]


_TEMPLATES = make_environment(_HERE / "templates")
_TEMPLATES.filters.update(
    parts_after_help=parts_after_help,
    notice_texts=notice_texts,
    notice_text=lambda notice: render_text([notice]),
    without_mark=strip_heading_mark,
)
