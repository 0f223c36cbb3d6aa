"""Routes of `/signin` and `/signout`."""

import logging
import re
from dataclasses import replace
from http import HTTPStatus
from math import ceil
from typing import TYPE_CHECKING, Annotated

from anyio import from_thread
from fastapi import APIRouter, Form, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from bot.auth.access import HOME
from bot.auth.access_gate import is_same_origin
from bot.auth.person import SignedInPerson
from bot.auth.sessions import (
    Grant,
    Origin,
    base_path,
    delete_session_cookie,
    session_id,
    session_secret,
    set_session_cookie,
)
from bot.auth.sign_in import SignIn
from bot.auth.sign_in_page import SignInForm, render_sign_in
from bot.errors import AccountError, ProviderAwayError, RecordsError
from bot.http.limits import caller_key
from bot.http.problems import RETRY_AFTER_S, UserFacingError, to_problem
from bot.http.site import site_url
from ingest.configuration.audit import record_event

if TYPE_CHECKING:
    from bot.auth.oidc import Identity, Provider

log = logging.getLogger(__name__)
# A path of this server; browsers take //host and /\host for other servers, and headers cannot have control characters.
_LOCAL_PATH = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]*")
_WRONG_PASSWORD = "名前かパスワードが違います。確かめて、もう一度入力してください。"  # noqa: S105 -- a message
_WRONG_TOKEN = (
    "このリンクは使えません。使えるのは一度だけです。サーバーを開き直すと、新しいリンクが端末に出ます。"  # noqa: S105 -- a message
    "ほかの人も使うときは、`python -m bot account add 名前` でアカウントを作ってください。"
)
_NO_ROLE = "「{}」さんには、この画面を使う役割が割り当てられていません。管理者に知らせてください。"
Field = Annotated[str, Form(max_length=2000)]
LogoutToken = Annotated[str, Form(max_length=40_000)]

router = APIRouter(include_in_schema=False)


def local_path(onward: str) -> str:
    """Return `onward` if it is a path of this server, else ""."""
    return onward if _LOCAL_PATH.fullmatch(onward) else ""


@router.get("/signin")
def show_sign_in(request: Request, token: str = "", next: str = "") -> Response:  # noqa: A002 -- the parameter's name
    """Show the sign-in form, or who has signed in."""
    form = SignInForm(token=token, onward=local_path(next))
    if token and not _sign_in(request).is_start_token(token):
        return _sign_in_page(request, replace(form, token="", message=_WRONG_TOKEN), HTTPStatus.FORBIDDEN)
    return _sign_in_page(request, form)


@router.post("/signin")
def submit_sign_in(
    request: Request, name: Field = "", password: Field = "", token: Field = "", onward: Field = ""
) -> Response:
    """Begin a session and redirect, or show what is wrong."""
    _refuse_other_sites(request)
    form = SignInForm(local_path(onward), token, name)
    try:
        return _submit(request, form, password)
    except RecordsError as error:  # without a record there is no session
        message = to_problem(error).detail
        return _sign_in_page(request, replace(form, token="", message=message), HTTPStatus.SERVICE_UNAVAILABLE)


def _submit(request: Request, form: SignInForm, password: str) -> Response:
    sign_in = _sign_in(request)
    attempts = sign_in.attempts(request.app.state.limits)
    if wait := attempts.wait_s(caller_key(request), form.name):
        message = f"サインインが続いています。{ceil(wait)}秒ほど待ってから、もう一度お試しください。"
        response = _sign_in_page(request, replace(form, message=message), HTTPStatus.TOO_MANY_REQUESTS)
        response.headers["retry-after"] = str(ceil(wait))
        return response
    try:
        if form.token:
            authenticated = sign_in.check_token(form.token, form.name)
        else:
            authenticated = sign_in.accounts.person(form.name, password)
    except AccountError as error:
        return _sign_in_page(request, replace(form, message=str(error)), HTTPStatus.UNPROCESSABLE_ENTITY)
    if authenticated is None:
        log.warning("a sign-in failed")
        message = _WRONG_TOKEN if form.token else _WRONG_PASSWORD
        return _sign_in_page(request, replace(form, message=message, token=""), HTTPStatus.FORBIDDEN)
    attempts.record_success(caller_key(request), form.name)
    return _begin_session(request, authenticated, form.onward)


def _begin_session(request: Request, person: SignedInPerson, onward: str, grant: Grant | None = None) -> Response:
    home = onward or HOME.get(person.role, "/")
    redirect = RedirectResponse(base_path(request) + home, HTTPStatus.SEE_OTHER)
    address = request.client.host if request.client else ""
    origin = Origin(address, request.headers.get("user-agent", ""))
    set_session_cookie(redirect, request, _sign_in(request).sessions.begin(person, origin=origin, grant=grant))
    return redirect


@router.get("/signin/oidc")
async def redirect_to_provider(
    request: Request,
    next: str = "",  # noqa: A002 -- the parameter's name
) -> Response:
    """Redirect the browser to the identity provider."""
    onward = local_path(next)
    try:
        return await _provider(request).leave(request, onward)
    except ProviderAwayError as error:
        return await run_in_threadpool(_provider_away_page, request, SignInForm(onward, message=str(error)))
    except AccountError as error:
        form = SignInForm(onward, message=str(error))
        return await run_in_threadpool(_sign_in_page, request, form, HTTPStatus.FORBIDDEN)


@router.get("/signin/oidc/back")
async def return_from_provider(request: Request) -> Response:
    """Begin a session for the person whom the identity provider signed in."""
    provider = _provider(request)
    try:
        identity, onward = await provider.complete_sign_in(request)
        response = await run_in_threadpool(_begin_provider_session, request, identity, onward)
    except ProviderAwayError as error:
        response = await run_in_threadpool(_provider_away_page, request, SignInForm(message=str(error)))
    except AccountError as error:
        form = SignInForm(message=str(error))
        response = await run_in_threadpool(_sign_in_page, request, form, HTTPStatus.FORBIDDEN)
    response.delete_cookie(provider.state_cookie(request), path=f"{base_path(request)}/signin/oidc")
    return response


@router.post("/signin/oidc/logout")
async def log_out_at_provider(request: Request, logout_token: LogoutToken) -> Response:
    """End the sessions that the identity provider names (OpenID Connect Back-Channel Logout 1.0, section 2.8)."""
    headers = {"cache-control": "no-store"}
    try:
        logout = await _provider(request).read_logout(logout_token)
    except AccountError:
        return JSONResponse({"error": "invalid_request"}, HTTPStatus.BAD_REQUEST, headers)
    ended = await run_in_threadpool(
        _sign_in(request).sessions.end_at_provider, logout.issuer, logout.subject, logout.provider_session
    )
    log.info("the identity provider ended %d sessions", ended)
    return Response(status_code=HTTPStatus.OK, headers=headers)


def _begin_provider_session(request: Request, identity: "Identity", onward: str) -> Response:
    """Begin a session in place of the browser's, which ends. Raises AccountError for a person without a role."""
    sign_in = _sign_in(request)
    current = sign_in.find_session(session_secret(request))
    if current and current.reading:
        current.sessions.end(current.secret)
    if identity.role is None:
        raise AccountError(_NO_ROLE.format(identity.display_name))
    name = sign_in.identities.save(identity.issuer, identity.subject, identity.display_name)
    person = SignedInPerson(name, identity.role, identity.display_name)
    return _begin_session(request, person, onward, identity.grant)


@router.post("/signout")
def sign_out(request: Request, session: Field = "") -> Response:
    """End the session of this browser, or the person's session with the id `session`."""
    _refuse_other_sites(request)
    current = _sign_in(request).find_session(session_secret(request))
    redirect = RedirectResponse(f"{base_path(request)}/signin", HTTPStatus.SEE_OTHER)
    is_other_session = session and not (current and session == session_id(current.secret))
    if is_other_session:
        if current and current.sessions.revoke(session, current.person.name):
            change = f"ほかのサインイン {session} を終わらせました"
            record_event(request.app.state.settings, current.person.name, "session", (), change)
        return redirect
    if current:
        provider = _sign_in(request).provider
        if provider and current.reading:
            logout_url = from_thread.run(provider.logout_url, f"{site_url(request)}/signin")
            redirect = RedirectResponse(logout_url, HTTPStatus.SEE_OTHER) if logout_url else redirect
        current.sessions.end(current.secret)
    delete_session_cookie(redirect, request)
    return redirect


def _provider(request: Request) -> "Provider":
    if provider := _sign_in(request).provider:
        return provider
    raise UserFacingError(
        HTTPStatus.NOT_FOUND, "庁内の認証は使われていません。名前とパスワードでサインインしてください。"
    )


def _sign_in(request: Request) -> SignIn:
    sign_in: SignIn = request.app.state.sign_in
    return sign_in


def _sign_in_page(request: Request, form: SignInForm, status: int = HTTPStatus.OK) -> Response:
    sign_in = _sign_in(request)
    if current := sign_in.find_session(session_secret(request)):
        sessions = current.sessions.all(current.person.name)
        form = replace(form, person=current.person, sessions=sessions, current_session=session_id(current.secret))
    return render_sign_in(
        form,
        request.app.state.office,
        base_path(request),
        with_token=sign_in.allows_start_token,
        with_password=sign_in.has_passwords,
        provider=sign_in.provider.origin if sign_in.provider else "",
        status=status,
    )


def _provider_away_page(request: Request, form: SignInForm) -> Response:
    response = _sign_in_page(request, form, HTTPStatus.SERVICE_UNAVAILABLE)
    response.headers["retry-after"] = str(RETRY_AFTER_S)
    return response


def _refuse_other_sites(request: Request) -> None:
    if not is_same_origin(request):
        raise UserFacingError(
            HTTPStatus.FORBIDDEN, "ほかのサイトからはサインインできません。画面を開き直してください。"
        )
