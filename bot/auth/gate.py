"""Middleware that enforces the access rules before every address."""

from http import HTTPStatus
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.auth import page
from bot.auth.access import WEBSOCKET, Access, AccessRule
from bot.auth.cookie import base_path, session_secrets
from bot.auth.keys import request_key
from bot.auth.person import ROLE_NAMES, Person
from bot.auth.same_origin import SAFE, is_same_origin
from bot.auth.sign_in import SignIn
from bot.errors import BotError
from bot.http.problems import make_problem, problem_response, to_problem
from bot.office import Office
from ingest.errors import IngestError

# "Policy violation" (RFC 6455, 7.4.1).
_CLOSED = 1008
_STRANGER = "サインインしていないか、期限が切れました。/signin でサインインしてから、もう一度お試しください。"


class Gate:
    """Middleware. A stranger's browser is led to the sign-in page, a stranger's program gets a 401.

    Who is let in where a role is needed stands in the scope as `person`, and the key of a program as `key`.
    """

    def __init__(self, app: ASGIApp, access: Access, sign_in: SignIn, office: Office) -> None:
        self._app = app
        self._access = access
        self._sign_in = sign_in
        self._office = office

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let in or refuse."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        try:
            refused = await self._refusal(HTTPConnection(scope))
        except (BotError, IngestError) as error:
            refused = problem_response(to_problem(error))
        if refused is None:
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": _CLOSED})
        else:
            await refused(scope, receive, send)

    async def _refusal(self, request: HTTPConnection) -> Response | None:
        rows = self._access.found(_path(request))
        if not rows:
            return problem_response(make_problem(HTTPStatus.NOT_FOUND))
        method = WEBSOCKET if request.scope["type"] == "websocket" else request.scope["method"]
        row = rows.get("GET" if method == "HEAD" else method)
        if row is None:
            return problem_response(make_problem(HTTPStatus.METHOD_NOT_ALLOWED), {"Allow": ", ".join(sorted(rows))})
        if secret := request_key(request):
            return await self._admit_program(request, row, secret)
        return None if row.role == "citizen" else await self._admit_person(request, row, method)

    async def _admit_program(self, request: HTTPConnection, row: AccessRule, secret: str) -> Response | None:
        key = await run_in_threadpool(self._sign_in.keys.find, secret)
        if key is None:
            detail = "この鍵は使えません。取り消されていないか、書き間違いがないかを確かめてください。"
            return problem_response(make_problem(HTTPStatus.UNAUTHORIZED, detail), {"WWW-Authenticate": "Bearer"})
        if not (row.scope in key.scopes or (row.role == "citizen" and not row.scope)):
            needed = f"「{row.scope}」の許された鍵が要ります。" if row.scope else "鍵では使えません。"
            return problem_response(make_problem(HTTPStatus.FORBIDDEN, f"このアドレスは、{needed}"))
        request.scope.update(key=key, person=key.person)
        return None

    async def _admit_person(self, request: HTTPConnection, row: AccessRule, method: str) -> Response | None:
        secrets = session_secrets(request)
        found = await run_in_threadpool(self._sign_in.found, secrets) if secrets else None
        if found is None:
            return self._refuse_stranger(request, method)
        person = found.person
        if not person.may(row.role):
            return self._forbid_role(request, row, person)
        if method not in {*SAFE, WEBSOCKET} and not is_same_origin(request):
            return problem_response(
                make_problem(HTTPStatus.FORBIDDEN, "ほかのサイトからは操作できません。画面を開き直してください。")
            )
        request.scope["person"] = person
        return None

    def _refuse_stranger(self, request: HTTPConnection, method: str) -> Response:
        if method == "GET" and "text/html" in request.headers.get("accept", ""):
            wanted = _path(request) + (f"?{request.url.query}" if request.url.query else "")
            return RedirectResponse(f"{base_path(request)}/signin?next={quote(wanted, safe='')}", HTTPStatus.SEE_OTHER)
        return problem_response(make_problem(HTTPStatus.UNAUTHORIZED, _STRANGER))

    def _forbid_role(self, request: HTTPConnection, row: AccessRule, person: Person) -> Response:
        detail = f"{ROLE_NAMES[row.role]}でなければ使えません。いまは{ROLE_NAMES[person.role]}として入っています。"
        if "text/html" in request.headers.get("accept", ""):
            form = page.SignInForm(told=detail, person=person)
            return page.sign_in_page(form, self._office, base_path(request), status=HTTPStatus.FORBIDDEN)
        return problem_response(make_problem(HTTPStatus.FORBIDDEN, detail))


def _path(request: HTTPConnection) -> str:
    """Return the address as the table writes it, without the path below which the server hangs."""
    path: str = request.scope["path"]
    return path.removeprefix(base_path(request)) or "/"
