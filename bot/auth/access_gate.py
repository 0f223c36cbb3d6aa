"""Middleware that enforces the access rules before every address, and reads roles at the identity provider again.

A removed role is not usable for longer than 15 minutes. The provider is asked with the refresh token; while it is away,
the role last read remains usable for an hour, and then the session ends. Without a refresh token the browser is sent
through the provider again.
"""

from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from urllib.parse import quote, urlsplit

import anyio
from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.auth.access import WEBSOCKET, Access, AccessRule
from bot.auth.keys import request_key
from bot.auth.person import ROLE_NAMES, SignedInPerson
from bot.auth.sessions import RoleReading, base_path, session_secret
from bot.auth.sign_in import ActiveSession, SignIn
from bot.auth.sign_in_page import SignInForm, render_sign_in
from bot.errors import AccountError, BotError, ProviderAwayError
from bot.http.problems import make_problem, problem_response, to_problem
from bot.office import Office
from ingest.errors import IngestError

MAX_AGE = timedelta(minutes=15)
MAX_UNREAD_AGE = timedelta(hours=1)
# Processes that wait for another to read the role continue after this time.
_READING = timedelta(seconds=15)
_READING_TIMEOUT_S = 10.0
_POLL_S = 0.1
_RETRY = timedelta(minutes=1)


class ProviderSignInNeeded(Exception):  # noqa: N818 -- not a failure
    """Only a sign-in through the browser can have the role read again."""


async def check_role(session: ActiveSession) -> ActiveSession | None:
    """Return the session with a role that is recent enough, or None if it has ended.

    Raises ProviderSignInNeeded, and StorageError if the database cannot be used.
    """
    current: ActiveSession | None = session
    while current and (reading := current.reading):
        now = datetime.now(UTC)
        if current.provider is None or reading.issuer != current.provider.issuer:
            await _end(current)
            return None
        is_recent = now - reading.read <= MAX_AGE
        if not reading.has_refresh_token:
            if is_recent:
                return current
            raise ProviderSignInNeeded
        if now < reading.due:
            if is_recent or (reading.is_unread and now - reading.read <= MAX_UNREAD_AGE):
                return current
        elif await _read_role(current, reading, now):
            return await run_in_threadpool(current.reload)
        await anyio.sleep(_POLL_S)  # another request is reading the role
        current = await run_in_threadpool(current.reload)
    return current


async def _read_role(session: ActiveSession, reading: RoleReading, now: datetime) -> bool:
    assert session.provider is not None
    try:
        token = await run_in_threadpool(session.sessions.claim_role_reading, session.secret, now + _READING)
        if token is None:
            return False
        with anyio.fail_after(_READING_TIMEOUT_S):
            identity = await session.provider.read_again(token, reading.subject)
    except (AccountError, ValueError):  # ended at the provider, or unreadable
        await _end(session)
    except (ProviderAwayError, TimeoutError):
        last = reading.read + MAX_UNREAD_AGE
        if now > last:
            await _end(session)
        else:
            due = min(now + _RETRY, last)
            await run_in_threadpool(session.sessions.save_unread_role, session.secret, reading.read, due)
    else:
        await (run_in_threadpool(session.save_identity, identity) if identity.role else _end(session))
    return True


async def _end(session: ActiveSession) -> None:
    await run_in_threadpool(session.sessions.end, session.secret)


# Methods that change nothing.
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
# Policy violation (RFC 6455, section 7.4.1).
_POLICY_VIOLATION = 1008
_NOT_SIGNED_IN = "サインインしていないか、期限が切れました。/signin でサインインしてから、もう一度お試しください。"
_ROLE_IS_OLD = "庁内の認証に役割を確かめる時間です。画面を開き直してから、もう一度お試しください。"


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
        secret = session_secret(request)
        session = await run_in_threadpool(self._sign_in.find_session, secret) if secret else None
        if session and session.reading:
            try:
                session = await check_role(session)
            except ProviderSignInNeeded:
                # Only the opening of a page can be redirected through the provider.
                is_navigation = request.headers.get("sec-fetch-mode", "navigate") == "navigate"
                if not (is_navigation and method == "GET" and "text/html" in request.headers.get("accept", "")):
                    return problem_response(make_problem(HTTPStatus.UNAUTHORIZED, _ROLE_IS_OLD))
                return RedirectResponse(
                    f"{base_path(request)}/signin/oidc?next={_target(request)}", HTTPStatus.SEE_OTHER
                )
        if session is None:
            return self._ask_to_sign_in(request, method)
        person = session.person
        if not person.may(rule.role):
            return self._refuse_role(request, rule, person)
        if method not in {*SAFE_METHODS, WEBSOCKET} and not is_same_origin(request):
            return problem_response(
                make_problem(HTTPStatus.FORBIDDEN, "ほかのサイトからは操作できません。画面を開き直してください。")
            )
        request.scope["person"] = person
        return None

    def _ask_to_sign_in(self, request: HTTPConnection, method: str) -> Response:
        if method == "GET" and "text/html" in request.headers.get("accept", ""):
            return RedirectResponse(f"{base_path(request)}/signin?next={_target(request)}", HTTPStatus.SEE_OTHER)
        return problem_response(make_problem(HTTPStatus.UNAUTHORIZED, _NOT_SIGNED_IN))

    def _refuse_role(self, request: HTTPConnection, rule: AccessRule, person: SignedInPerson) -> Response:
        detail = f"{ROLE_NAMES[rule.role]}でなければ使えません。いまは{ROLE_NAMES[person.role]}として入っています。"
        if "text/html" in request.headers.get("accept", ""):
            form = SignInForm(message=detail, person=person)
            return render_sign_in(form, self._office, base_path(request), status=HTTPStatus.FORBIDDEN)
        return problem_response(make_problem(HTTPStatus.FORBIDDEN, detail))


def _target(request: HTTPConnection) -> str:
    return quote(_path(request) + (f"?{request.url.query}" if request.url.query else ""), safe="")


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
