"""Routes of `/signin` and `/signout`."""

import logging
import re
from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus
from math import ceil
from typing import TYPE_CHECKING, Annotated

from anyio import from_thread
from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from bot.channels.sign_in.access_gate import is_same_origin
from bot.channels.sign_in.sign_in_page import SignInForm, render_sign_in
from bot.errors import AccountError, ProviderAwayError, RecordsError
from bot.running.auth.access import HOME
from bot.running.auth.person import MAX_NAME_CHARS, ROLE_NAMES, SignedInPerson
from bot.running.auth.sessions import (
    ROLE_LIFETIME,
    SESSION_LIFETIME,
    Origin,
    delete_session_cookie,
    session_secret,
    set_session_cookie,
)
from bot.running.auth.sign_in import SignIn
from bot.running.http.limits import caller_key
from bot.running.http.problems import RETRY_AFTER_S, UserFacingError, to_problem
from bot.running.http.site import base_path, site_url
from bot.running.server_state import server_state
from ingest.configuration.audit import Action, record_event
from ingest.errors import StorageError

if TYPE_CHECKING:
    from bot.running.auth.oidc import Provider

log = logging.getLogger(__name__)
# A path of this server; browsers take //host and /\host for other servers, and headers cannot have control characters.
_LOCAL_PATH = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]*")
_WRONG_PASSWORD = "名前かパスワードが違います。確かめて、もう一度入力してください。"  # noqa: S105 -- a message
_WRONG_TOKEN = (
    "このリンクは使えません。使えるのは一度だけです。サーバーを開き直すと、新しいリンクが端末に出ます。"  # noqa: S105 -- a message
    "ほかの人も使うときは、`python -m bot account add 名前` でアカウントを作ってください。"
)
Field = Annotated[str, Form(max_length=2000)]

router = APIRouter(include_in_schema=False)


def local_path(onward: str) -> str:
    """Return `onward` if it is a path of this server, else ""."""
    return onward if _LOCAL_PATH.fullmatch(onward) else ""


@router.get("/signin")
def show_sign_in(request: Request, token: str = "", next: str = "") -> Response:  # noqa: A002 -- the parameter's name
    form = SignInForm(token=token, onward=local_path(next))
    if token and not _sign_in(request).is_start_token(token):
        return _sign_in_page(request, replace(form, token="", message=_WRONG_TOKEN), HTTPStatus.FORBIDDEN)
    return _sign_in_page(request, form)


@router.post("/signin")
def submit_sign_in(
    request: Request, name: Field = "", password: Field = "", token: Field = "", onward: Field = ""
) -> Response:
    _refuse_other_sites(request)
    form = SignInForm(local_path(onward), token, name)
    sign_in, address = _sign_in(request), caller_key(request)
    if wait := ceil(sign_in.wait_s(address)):
        message = f"サインインの失敗が続いています。{ceil(wait / 60)}分ほど待ってから、もう一度お試しください。"
        response = _sign_in_page(request, replace(form, message=message), HTTPStatus.TOO_MANY_REQUESTS)
        response.headers["retry-after"] = str(wait)
        return response
    try:
        person = sign_in.check_token(token, name) if token else sign_in.accounts.person(name, password)
        if person:
            return _begin_session(request, person, form.onward)
    except AccountError as error:
        return _sign_in_page(request, replace(form, message=str(error)), HTTPStatus.UNPROCESSABLE_ENTITY)
    except RecordsError as error:  # without a record there is no session
        message = to_problem(error).detail
        return _sign_in_page(request, replace(form, token="", message=message), HTTPStatus.SERVICE_UNAVAILABLE)
    sign_in.count_failure(address)
    _record(request, "sign-in-failed", name)
    message = _WRONG_TOKEN if token else _WRONG_PASSWORD
    return _sign_in_page(request, replace(form, message=message, token=""), HTTPStatus.FORBIDDEN)


def _begin_session(
    request: Request,
    person: SignedInPerson,
    onward: str,
    lasts: timedelta = SESSION_LIFETIME,
    refresh_token: str = "",
) -> Response:
    sessions = _sign_in(request).sessions
    sessions.end(session_secret(request))
    redirect = RedirectResponse(base_path(request) + (onward or HOME.get(person.role, "/")), HTTPStatus.SEE_OTHER)
    origin = Origin(request.client.host if request.client else "", request.headers.get("user-agent", ""))
    set_session_cookie(redirect, request, sessions.begin(person, lasts, origin, refresh_token))
    _record(request, "sign-in", person.name, ROLE_NAMES[person.role])
    return redirect


def _record(request: Request, action: Action, name: str, detail: str = "") -> None:
    log.info("%s", action)
    name = "".join(letter for letter in name if letter.isprintable())[:MAX_NAME_CHARS]
    address = request.client.host if request.client else ""
    try:
        record_event(server_state(request.app).settings, name, action, (), " ".join(filter(None, (detail, address))))
    except StorageError as error:
        log.error("the audit log cannot be written: %s", error)  # noqa: TRY400 -- its message says why


@router.get("/signin/oidc")
async def redirect_to_provider(
    request: Request,
    next: str = "",  # noqa: A002 -- the parameter's name
) -> Response:
    onward = local_path(next)
    try:
        return await _provider(request).leave(request, onward)
    except (AccountError, ProviderAwayError) as error:
        return await run_in_threadpool(_provider_problem, request, error, onward)


@router.get("/signin/oidc/back")
async def return_from_provider(request: Request) -> Response:
    sign_in = _sign_in(request)
    try:
        identity, onward = await _provider(request).complete_sign_in(request)
        save = sign_in.accounts.save_identity
        name = await run_in_threadpool(save, identity.issuer, identity.subject, identity.display_name)
        person = SignedInPerson(name, identity.role, identity.display_name)
        token = identity.refresh_token
        lasts = SESSION_LIFETIME if token else ROLE_LIFETIME  # without a token nobody tells that a role is gone
        return await run_in_threadpool(_begin_session, request, person, onward, lasts, token)
    except (AccountError, ProviderAwayError) as error:
        return await run_in_threadpool(_provider_problem, request, error)


def _provider_problem(request: Request, error: AccountError | ProviderAwayError, onward: str = "") -> Response:
    is_away = isinstance(error, ProviderAwayError)
    if not is_away:
        _record(request, "sign-in-failed", "", "庁内の認証")
    status = HTTPStatus.SERVICE_UNAVAILABLE if is_away else HTTPStatus.FORBIDDEN
    response = _sign_in_page(request, SignInForm(onward, message=str(error)), status)
    if is_away:
        response.headers["retry-after"] = str(RETRY_AFTER_S)
    return response


@router.post("/signout")
def sign_out(request: Request) -> Response:
    _refuse_other_sites(request)
    sign_in, secret = _sign_in(request), session_secret(request)
    redirect = RedirectResponse(f"{base_path(request)}/signin", HTTPStatus.SEE_OTHER)
    if current := sign_in.sessions.find(secret):
        if sign_in.provider and current.issuer:
            logout_url = from_thread.run(sign_in.provider.logout_url, f"{site_url(request)}/signin")
            redirect = RedirectResponse(logout_url, HTTPStatus.SEE_OTHER) if logout_url else redirect
        sign_in.sessions.end(secret)
        _record(request, "sign-out", current.person.name)
    delete_session_cookie(redirect, request)
    return redirect


def _provider(request: Request) -> "Provider":
    if provider := _sign_in(request).provider:
        return provider
    raise UserFacingError(
        HTTPStatus.NOT_FOUND, "庁内の認証は使われていません。名前とパスワードでサインインしてください。"
    )


def _sign_in(request: Request) -> SignIn:
    return server_state(request.app).sign_in


def _sign_in_page(request: Request, form: SignInForm, status: int = HTTPStatus.OK) -> Response:
    sign_in, secret = _sign_in(request), session_secret(request)
    if current := secret and sign_in.sessions.find(secret):
        form = replace(form, person=current.person)
    return render_sign_in(
        form,
        server_state(request.app).office,
        base_path(request),
        with_token=sign_in.allows_start_token,
        with_password=sign_in.has_passwords,
        provider=sign_in.provider.origin if sign_in.provider else "",
        status=status,
    )


def _refuse_other_sites(request: Request) -> None:
    if not is_same_origin(request):
        raise UserFacingError(
            HTTPStatus.FORBIDDEN, "ほかのサイトからはサインインできません。画面を開き直してください。"
        )
