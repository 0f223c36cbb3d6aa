"""What only those may reach who have signed in: a page with all its addresses, or the routes that belong to it."""

from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send

from bot.sign_in.cookie import session_of
from bot.sign_in.person import Person
from bot.sign_in.same_origin import SAFE, from_own_pages
from bot.sign_in.sign_in import SignIn
from bot.web.problems import problem, response

# "Policy violation" (RFC 6455, 7.4.1).
_CLOSED = 1008


class StaffOnly(BaseRoute):
    """A route around another one. A stranger's browser is led to the sign-in page, a stranger's program gets a 401."""

    def __init__(self, inner: BaseRoute, sign_in: SignIn) -> None:
        self._inner = inner
        self._sign_in = sign_in

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match what the route inside matches."""
        return self._inner.matches(scope)

    def url_path_for(self, name: str, /, **path_params: Any) -> Any:
        """Return the address of the route inside. Raises NoMatchFound."""
        return self._inner.url_path_for(name, **path_params)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what a person who has signed in asks for."""
        request = HTTPConnection(scope)
        person = await run_in_threadpool(self._person, session_of(request))
        if person and (scope["type"] == "websocket" or scope["method"] in SAFE or from_own_pages(request)):
            scope["person"] = person
            await self._inner.handle(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": _CLOSED})
        else:
            await _refusal(request, known=bool(person))(scope, receive, send)

    def _person(self, secret: str) -> Person | None:
        return self._sign_in.sessions.person(secret) if secret else None


def _refusal(request: HTTPConnection, *, known: bool) -> Response:
    if known:
        return response(problem(HTTPStatus.FORBIDDEN, "ほかのサイトからは操作できません。画面を開き直してください。"))
    if request.scope["method"] == "GET" and "text/html" in request.headers.get("accept", ""):
        wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(f"/signin?next={quote(wanted, safe='')}", HTTPStatus.SEE_OTHER)
    detail = "サインインしていないか、期限が切れました。/signin でサインインしてから、もう一度お試しください。"
    return response(problem(HTTPStatus.UNAUTHORIZED, detail))
