"""Routes of `/signin` and `/signout`."""

import logging
import re
from dataclasses import replace
from http import HTTPStatus
from math import ceil
from typing import TYPE_CHECKING, Annotated

from anyio import from_thread
from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from bot.auth.cookie import base_path, delete_session_cookie, session_secrets, set_session_cookie
from bot.auth.person import Person
from bot.auth.same_origin import is_same_origin
from bot.auth.sessions import Origin, Sessions, session_id
from bot.auth.sign_in import SignIn
from bot.auth.sign_in_page import SignInForm, SignInOptions, render_sign_in
from bot.auth.staff_pages import HOME
from bot.errors import AccountError, RecordsError
from bot.http.limits import caller_key
from bot.http.problems import ReaderError, to_problem
from bot.http.site import site_url
from ingest.configuration.audit import record_event

if TYPE_CHECKING:
    from bot.auth.oidc import Provider, ProviderSignIn

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
    attempts = _sign_in(request).attempts(request.app.state.limits)
    if wait := attempts.wait_s(caller_key(request), form.name):
        message = f"サインインが続いています。{ceil(wait)}秒ほど待ってから、もう一度お試しください。"
        response = _sign_in_page(request, replace(form, message=message), HTTPStatus.TOO_MANY_REQUESTS)
        response.headers["retry-after"] = str(ceil(wait))
        return response
    try:
        authenticated = _authenticate(request, form, password)
    except AccountError as error:
        return _sign_in_page(request, replace(form, message=str(error)), HTTPStatus.UNPROCESSABLE_ENTITY)
    if authenticated is None:
        log.warning("a sign-in failed")
        message = _WRONG_TOKEN if form.token else _WRONG_PASSWORD
        return _sign_in_page(request, replace(form, message=message, token=""), HTTPStatus.FORBIDDEN)
    attempts.record_success(caller_key(request), form.name)
    person, sessions = authenticated
    return _begin_session(request, person, sessions, form.onward)


def _authenticate(request: Request, form: SignInForm, password: str) -> tuple[Person, Sessions] | None:
    sign_in = _sign_in(request)
    if not form.token:
        return sign_in.check_password(form.name, password, caller_key(request), request.app.state.limits)
    person = sign_in.check_token(form.token, form.name)
    return (person, sign_in.sessions) if person else None


def _begin_session(request: Request, person: Person, sessions: Sessions, onward: str) -> Response:
    redirect = RedirectResponse(base_path(request) + (onward or HOME.get(person.role, "/")), HTTPStatus.SEE_OTHER)
    address = request.client.host if request.client else ""
    origin = Origin(address, request.headers.get("user-agent", ""))
    set_session_cookie(redirect, request, sessions.begin(person, origin=origin))
    return redirect


@router.get("/signin/oidc")
async def redirect_to_provider(request: Request, next: str = "") -> Response:  # noqa: A002 -- the parameter's name
    """Redirect the browser to the identity provider."""
    try:
        return await _provider(request).leave(request, local_path(next))
    except AccountError as error:
        form = SignInForm(local_path(next), message=str(error))
        return await run_in_threadpool(_sign_in_page, request, form, HTTPStatus.SERVICE_UNAVAILABLE)


@router.get("/signin/oidc/back")
async def return_from_provider(request: Request) -> Response:
    """Begin a session for the person whom the identity provider signed in."""
    try:
        signed_in = await _provider(request).complete_sign_in(request)
        response = await run_in_threadpool(_begin_provider_session, request, signed_in)
    except AccountError as error:
        form = SignInForm(message=str(error))
        response = await run_in_threadpool(_sign_in_page, request, form, HTTPStatus.FORBIDDEN)
    response.delete_cookie("shirube-oidc", path=f"{base_path(request)}/signin/oidc")
    return response


def _begin_provider_session(request: Request, signed_in: "ProviderSignIn") -> Response:
    """Begin a session. Raises AccountError if an account of another person has the same name."""
    if _has_account(request, signed_in.person):
        raise AccountError(
            f"「{signed_in.person.name}」の名前は、別のアカウントが使っています。管理者に知らせてください。"
        )
    return _begin_session(request, signed_in.person, _sign_in(request).sessions, signed_in.onward)


@router.post("/signout")
def sign_out(request: Request, session: Field = "") -> Response:
    """End the session of this browser, or the person's session with the id `session`."""
    _refuse_other_sites(request)
    current = _sign_in(request).find_session(session_secrets(request))
    redirect = RedirectResponse(f"{base_path(request)}/signin", HTTPStatus.SEE_OTHER)
    is_other_session = session and not (current and session == session_id(current.secret))
    if is_other_session:
        if current and current.sessions.revoke(session, current.owner):
            change = f"ほかのサインイン {session} を終わらせました"
            record_event(request.app.state.settings, current.person.name, "session", (), change)
        return redirect
    if current:
        if logout_url := _provider_logout_url(request, current.person):
            redirect = RedirectResponse(logout_url, HTTPStatus.SEE_OTHER)
        current.sessions.end(current.secret)
    delete_session_cookie(redirect, request)
    return redirect


def _provider_logout_url(request: Request, person: Person) -> str:
    """Return the provider's logout address for a person whom it signed in, "" for others."""
    provider = _sign_in(request).provider
    if not provider or _has_account(request, person):
        return ""
    return from_thread.run(provider.logout_url, f"{site_url(request)}/signin")


def _has_account(request: Request, person: Person) -> bool:
    return any(account.name == person.name for account in _sign_in(request).accounts.all())


def _provider(request: Request) -> "Provider":
    """Return the identity provider. Raises ReaderError (404) if the settings name none."""
    if provider := _sign_in(request).provider:
        return provider
    raise ReaderError(HTTPStatus.NOT_FOUND, "庁内の認証は使われていません。名前とパスワードでサインインしてください。")


def _sign_in(request: Request) -> SignIn:
    sign_in: SignIn = request.app.state.sign_in
    return sign_in


def _sign_in_page(request: Request, form: SignInForm, status: int = HTTPStatus.OK) -> Response:
    sign_in = _sign_in(request)
    if current := sign_in.find_session(session_secrets(request)):
        sessions = current.sessions.all(current.owner)
        form = replace(form, person=current.person, sessions=sessions, current_session=session_id(current.secret))
    provider_origin = sign_in.provider.origin if sign_in.provider else ""
    options = SignInOptions(sign_in.allows_start_token, provider_origin, sign_in.has_passwords)
    return render_sign_in(form, request.app.state.office, base_path(request), options, status=status)


def _refuse_other_sites(request: Request) -> None:
    if not is_same_origin(request):
        raise ReaderError(HTTPStatus.FORBIDDEN, "ほかのサイトからはサインインできません。画面を開き直してください。")
