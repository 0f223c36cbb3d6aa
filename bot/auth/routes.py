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

from bot.auth import page
from bot.auth.cookie import base_path, forget_session, session_secrets, set_session
from bot.auth.pages import HOME
from bot.auth.person import Person
from bot.auth.same_origin import is_same_origin
from bot.auth.sessions import Origin, Sessions, session_id
from bot.auth.sign_in import SignIn
from bot.errors import AccountError, RecordsError
from bot.http.limits import caller_key
from bot.http.problems import ReaderError, to_problem
from bot.http.site import site_url
from ingest.configuration.audit import record_event

if TYPE_CHECKING:
    from bot.auth.oidc import Provider, ProviderSignIn

log = logging.getLogger(__name__)
# A path of this server: neither //host nor /\host, which browsers take for another one, nor what a header cannot hold.
_LOCAL = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]*")
# What is told where nobody was found, by a password or by a token.
WRONG = (
    "名前かパスワードが違います。確かめて、もう一度入力してください。",
    "このリンクは使えません。サーバーを開き直したときは、端末に出ている新しいリンクを開いてください。",
)
Field = Annotated[str, Form(max_length=2000)]

router = APIRouter(include_in_schema=False)


def local_path(onward: str) -> str:
    """Return where the way goes on if that is a path of this server, else ""."""
    return onward if _LOCAL.fullmatch(onward) else ""


@router.get("/signin")
def show(request: Request, token: str = "", next: str = "") -> Response:  # noqa: A002 -- its name in the address
    """Show the page; it tells who has signed in already, and where else, and that a link does not hold any more."""
    form = page.SignInForm(token=token, onward=local_path(next))
    if token and not _sign_in(request).opens(token):
        return _page_response(request, replace(form, token="", told=WRONG[True]), HTTPStatus.FORBIDDEN)
    return _page_response(request, form)


@router.post("/signin")
def come(request: Request, name: Field = "", password: Field = "", token: Field = "", onward: Field = "") -> Response:
    """Begin a session and go on, or tell what is wrong."""
    _refuse_other_sites(request)
    form = page.SignInForm(local_path(onward), token, name)
    try:
        return _come(request, form, password)
    except RecordsError as error:  # a session that is not kept would hold nobody
        told = to_problem(error).detail
        return _page_response(request, replace(form, token="", told=told), HTTPStatus.SERVICE_UNAVAILABLE)


def _come(request: Request, form: page.SignInForm, password: str) -> Response:
    sign_in, name, token = _sign_in(request), form.name, form.token
    attempts = sign_in.attempts(request.app.state.limits)
    if wait := attempts.wait_s(caller_key(request), name):
        told = f"サインインが続いています。{ceil(wait)}秒ほど待ってから、もう一度お試しください。"
        refused = _page_response(request, replace(form, told=told), HTTPStatus.TOO_MANY_REQUESTS)
        refused.headers["retry-after"] = str(ceil(wait))
        return refused
    try:
        came = _authenticate(request, name, password, token)
    except AccountError as error:
        return _page_response(request, replace(form, told=str(error)), HTTPStatus.UNPROCESSABLE_ENTITY)
    if came is None:
        log.warning("a sign-in failed")
        # The token that does not hold is not kept: the page asks for another.
        return _page_response(request, replace(form, told=WRONG[bool(token)], token=""), HTTPStatus.FORBIDDEN)
    attempts.record_success(caller_key(request), name)
    return begin_session(request, *came, form.onward)


def _authenticate(request: Request, name: str, password: str, token: str) -> tuple[Person, Sessions] | None:
    """Return who comes, by a token or by a password, and where the session is kept. Raises AccountError."""
    sign_in = _sign_in(request)
    if not token:
        return sign_in.by_password(name, password, caller_key(request), request.app.state.limits)
    person = sign_in.by_token(token, name)
    return (person, sign_in.sessions) if person else None


def begin_session(request: Request, person: Person, sessions: Sessions, onward: str = "") -> Response:
    """Begin a session of this person in this browser and go on."""
    gone_on = RedirectResponse(base_path(request) + (onward or HOME.get(person.role, "/")), HTTPStatus.SEE_OTHER)
    address = request.client.host if request.client else ""
    origin = Origin(address, request.headers.get("user-agent", ""))
    set_session(gone_on, request, sessions.begin(person, origin=origin))
    return gone_on


@router.get("/signin/oidc")
async def leave(request: Request, next: str = "") -> Response:  # noqa: A002 -- its name in the address
    """Send the browser to the identity provider."""
    try:
        return await _provider(request).leave(request, local_path(next))
    except AccountError as error:
        form = page.SignInForm(local_path(next), told=str(error))
        return await run_in_threadpool(_page_response, request, form, HTTPStatus.SERVICE_UNAVAILABLE)


@router.get("/signin/oidc/back")
async def come_back(request: Request) -> Response:
    """Begin a session of who comes back from the identity provider."""
    try:
        came = await _provider(request).complete_sign_in(request)
        response = await run_in_threadpool(_check_provider_name, request, came)
    except AccountError as error:
        response = await run_in_threadpool(
            _page_response, request, page.SignInForm(told=str(error)), HTTPStatus.FORBIDDEN
        )
    response.delete_cookie("shirube-oidc", path=f"{base_path(request)}/signin/oidc")
    return response


def _check_provider_name(request: Request, came: "ProviderSignIn") -> Response:
    """Let in who is no other person of the same name. Raises AccountError."""
    if any(person.name == came.person.name for person in _sign_in(request).accounts.all()):
        raise AccountError(f"「{came.person.name}」の名前は、別のアカウントが使っています。管理者に知らせてください。")
    return begin_session(request, came.person, _sign_in(request).sessions, came.onward)


@router.post("/signout")
def go(request: Request, session: Field = "") -> Response:
    """End the session of this browser; one named by its id, where that is the person's own."""
    _refuse_other_sites(request)
    found = _sign_in(request).found(session_secrets(request))
    gone = RedirectResponse(f"{base_path(request)}/signin", HTTPStatus.SEE_OTHER)
    if session and not (found and session == session_id(found.secret)):
        if found and found.kept.revoke(session, found.owner):
            told = f"ほかのサインイン {session} を終わらせました"
            record_event(request.app.state.settings, found.person.name, "session", (), told)
        return gone
    if found:
        if elsewhere := _provider_logout_url(request, found.person):
            gone = RedirectResponse(elsewhere, HTTPStatus.SEE_OTHER)
        found.kept.end(found.secret)
    forget_session(gone, request)
    return gone


def _provider_logout_url(request: Request, person: Person) -> str:
    """Return where somebody who came by the identity provider tells it of leaving, "" for anybody else."""
    sign_in = _sign_in(request)
    if not sign_in.provider or any(one.name == person.name for one in sign_in.accounts.all()):
        return ""
    return from_thread.run(sign_in.provider.logout_url, f"{site_url(request)}/signin")


def _provider(request: Request) -> "Provider":
    """Return the identity provider. Raises ReaderError (404) where the settings name none."""
    if provider := _sign_in(request).provider:
        return provider
    raise ReaderError(HTTPStatus.NOT_FOUND, "庁内の認証は使われていません。名前とパスワードでサインインしてください。")


def _sign_in(request: Request) -> SignIn:
    sign_in: SignIn = request.app.state.sign_in
    return sign_in


def _page_response(request: Request, form: page.SignInForm, status: int = HTTPStatus.OK) -> Response:
    sign_in = _sign_in(request)
    if found := sign_in.found(session_secrets(request)):
        mine = found.kept.all(found.owner)
        form = replace(form, person=found.person, sessions=mine, here=session_id(found.secret))
    ways = page.SignInOptions(
        sign_in.by_link, sign_in.provider.origin if sign_in.provider else "", sign_in.has_passwords
    )
    return page.sign_in_page(form, request.app.state.office, base_path(request), ways, status=status)


def _refuse_other_sites(request: Request) -> None:
    if not is_same_origin(request):
        raise ReaderError(HTTPStatus.FORBIDDEN, "ほかのサイトからはサインインできません。画面を開き直してください。")
