"""Middleware that enforces the access rules before every address."""

from http import HTTPStatus
from urllib.parse import quote, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.channels.sign_in.sign_in_page import SignInForm, render_sign_in
from bot.errors import BotError
from bot.running.auth.access import WEBSOCKET, Access, AccessRule
from bot.running.auth.keys import request_key
from bot.running.auth.person import ROLE_NAMES
from bot.running.auth.sessions import session_secret
from bot.running.auth.sign_in import SignIn
from bot.running.http.problems import make_problem, problem_response, to_problem
from bot.running.http.site import base_path
from bot.running.office.office import Office
from ingest.errors import IngestError

# Methods that change nothing.
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
# Policy violation (RFC 6455, section 7.4.1).
_POLICY_VIOLATION = 1008
_NOT_SIGNED_IN = "サインインしていないか、期限が切れました。/signin でサインインしてから、もう一度お試しください。"


class AccessGate:
    """Middleware that redirects browsers without a session to the sign-in page, and refuses programs with 401.

    Sets `person` in the scope of admitted requests that need a role, and `key` for programs with an API key.
    """

    def __init__(self, app: ASGIApp, access: Access, sign_in: SignIn, office: Office) -> None:
        self._app = app
        self._access = access
        self._sign_in = sign_in
        self._office = office

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        try:
            refusal = await self._check(HTTPConnection(scope))
        except (BotError, IngestError) as error:
            refusal = problem_response(to_problem(error))
        if refusal is None:
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": _POLICY_VIOLATION})
        else:
            await refusal(scope, receive, send)

    async def _check(self, request: HTTPConnection) -> Response | None:
        rules = self._access.rules_for(_path(request))
        if not rules:
            return problem_response(make_problem(HTTPStatus.NOT_FOUND))
        method = WEBSOCKET if request.scope["type"] == "websocket" else request.scope["method"]
        rule = rules.get("GET" if method == "HEAD" else method)
        if rule is None:
            return problem_response(make_problem(HTTPStatus.METHOD_NOT_ALLOWED), {"Allow": ", ".join(sorted(rules))})
        if secret := request_key(request):
            return await self._check_program(request, rule, secret)
        return None if rule.role == "citizen" else await self._check_person(request, rule, method)

    async def _check_program(self, request: HTTPConnection, rule: AccessRule, secret: str) -> Response | None:
        key = await run_in_threadpool(self._sign_in.keys.find, secret)
        if key is None:
            detail = "この鍵は使えません。取り消されていないか、書き間違いがないかを確かめてください。"
            return problem_response(make_problem(HTTPStatus.UNAUTHORIZED, detail), {"WWW-Authenticate": "Bearer"})
        is_public = rule.role == "citizen" and not rule.scope
        if rule.scope not in key.scopes and not is_public:
            needed = f"「{rule.scope}」の許された鍵が要ります。" if rule.scope else "鍵では使えません。"
            return problem_response(make_problem(HTTPStatus.FORBIDDEN, f"このアドレスは、{needed}"))
        request.scope.update(key=key, person=key.person)
        return None

    async def _check_person(self, request: HTTPConnection, rule: AccessRule, method: str) -> Response | None:
        session = await self._sign_in.find_session(session_secret(request))
        is_for_reader = "text/html" in request.headers.get("accept", "")
        if session is None:
            if method == "GET" and is_for_reader:
                target = quote(_path(request) + (f"?{request.url.query}" if request.url.query else ""), safe="")
                return RedirectResponse(f"{base_path(request)}/signin?next={target}", HTTPStatus.SEE_OTHER)
            return problem_response(make_problem(HTTPStatus.UNAUTHORIZED, _NOT_SIGNED_IN))
        person = session.person
        if not person.may(rule.role):
            detail = f"{ROLE_NAMES[rule.role]}でなければ使えません。いまは{ROLE_NAMES[person.role]}として入っています。"
            if not is_for_reader:
                return problem_response(make_problem(HTTPStatus.FORBIDDEN, detail))
            form = SignInForm(message=detail, person=person)
            return render_sign_in(form, self._office, base_path(request), status=HTTPStatus.FORBIDDEN)
        if method not in {*SAFE_METHODS, WEBSOCKET} and not is_same_origin(request):
            return problem_response(
                make_problem(HTTPStatus.FORBIDDEN, "ほかのサイトからは操作できません。画面を開き直してください。")
            )
        request.scope["person"] = person
        return None


def _path(request: HTTPConnection) -> str:
    path: str = request.scope["path"]
    return path.removeprefix(base_path(request)) or "/"


def is_same_origin(request: HTTPConnection) -> bool:
    """Whether a request was sent by a page of this server or by a program.

    This is how `net/http.CrossOriginProtection` of Go prevents cross-site request forgery: browsers send
    `Sec-Fetch-Site`, older ones `Origin`; programs send neither, and have no cookie for another site to use.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")
