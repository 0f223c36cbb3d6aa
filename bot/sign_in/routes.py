"""`/signin` and `/signout`: the addresses at which one comes and goes."""

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

from bot.errors import AccountError, RecordsError
from bot.http.limits import caller
from bot.http.problems import ReaderError, problem_of
from bot.http.site import site_of
from bot.sign_in import page
from bot.sign_in.cookie import forget_session, root_of, sessions_of, set_session
from bot.sign_in.pages import HOME
from bot.sign_in.person import Person
from bot.sign_in.same_origin import from_own_pages
from bot.sign_in.sessions import Origin, Sessions, id_of
from bot.sign_in.sign_in import SignIn
from ingest.audit import record

if TYPE_CHECKING:
    from bot.sign_in.oidc import Came, Provider

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


def local(onward: str) -> str:
    """Return where the way goes on if that is a path of this server, else ""."""
    return onward if _LOCAL.fullmatch(onward) else ""


@router.get("/signin")
def show(request: Request, token: str = "", next: str = "") -> Response:  # noqa: A002 -- its name in the address
    """Show the page; it tells who has signed in already, and where else, and that a link does not hold any more."""
    form = page.Form(token=token, onward=local(next))
    if token and not _sign_in(request).opens(token):
        return _shown(request, replace(form, token="", told=WRONG[True]), HTTPStatus.FORBIDDEN)
    return _shown(request, form)


@router.post("/signin")
def come(request: Request, name: Field = "", password: Field = "", token: Field = "", onward: Field = "") -> Response:
    """Begin a session and go on, or tell what is wrong."""
    _refuse_other_sites(request)
    form = page.Form(local(onward), token, name)
    try:
        return _come(request, form, password)
    except RecordsError as error:  # a session that is not kept would hold nobody
        told = problem_of(error).detail
        return _shown(request, replace(form, token="", told=told), HTTPStatus.SERVICE_UNAVAILABLE)


def _come(request: Request, form: page.Form, password: str) -> Response:
    sign_in, name, token = _sign_in(request), form.name, form.token
    attempts = sign_in.attempts(request.app.state.limits)
    if wait := attempts.wait_s(caller(request), name):
        told = f"サインインが続いています。{ceil(wait)}秒ほど待ってから、もう一度お試しください。"
        refused = _shown(request, replace(form, told=told), HTTPStatus.TOO_MANY_REQUESTS)
        refused.headers["retry-after"] = str(ceil(wait))
        return refused
    try:
        came = _came(request, name, password, token)
    except AccountError as error:
        return _shown(request, replace(form, told=str(error)), HTTPStatus.UNPROCESSABLE_ENTITY)
    if came is None:
        log.warning("a sign-in failed")
        # The token that does not hold is not kept: the page asks for another.
        return _shown(request, replace(form, told=WRONG[bool(token)], token=""), HTTPStatus.FORBIDDEN)
    attempts.succeeded(caller(request), name)
    return begun(request, *came, form.onward)


def _came(request: Request, name: str, password: str, token: str) -> tuple[Person, Sessions] | None:
    """Return who comes, by a token or by a password, and where the session is kept. Raises AccountError."""
    sign_in = _sign_in(request)
    if not token:
        return sign_in.by_password(name, password, caller(request), request.app.state.limits)
    person = sign_in.by_token(token, name)
    return (person, sign_in.sessions) if person else None


def begun(request: Request, person: Person, sessions: Sessions, onward: str = "") -> Response:
    """Begin a session of this person in this browser and go on."""
    gone_on = RedirectResponse(root_of(request) + (onward or HOME.get(person.role, "/")), HTTPStatus.SEE_OTHER)
    address = request.client.host if request.client else ""
    origin = Origin(address, request.headers.get("user-agent", ""))
    set_session(gone_on, request, sessions.begin(person, origin=origin))
    return gone_on


@router.get("/signin/oidc")
async def leave(request: Request, next: str = "") -> Response:  # noqa: A002 -- its name in the address
    """Send the browser to the identity provider."""
    try:
        return await _provider(request).leave(request, local(next))
    except AccountError as error:
        form = page.Form(local(next), told=str(error))
        return await run_in_threadpool(_shown, request, form, HTTPStatus.SERVICE_UNAVAILABLE)


@router.get("/signin/oidc/back")
async def come_back(request: Request) -> Response:
    """Begin a session of who comes back from the identity provider."""
    try:
        came = await _provider(request).back(request)
        response = await run_in_threadpool(_known, request, came)
    except AccountError as error:
        response = await run_in_threadpool(_shown, request, page.Form(told=str(error)), HTTPStatus.FORBIDDEN)
    response.delete_cookie("shirube-oidc", path=f"{root_of(request)}/signin/oidc")
    return response


def _known(request: Request, came: "Came") -> Response:
    """Let in who is no other person of the same name. Raises AccountError."""
    if any(person.name == came.person.name for person in _sign_in(request).accounts.all()):
        raise AccountError(f"「{came.person.name}」の名前は、別のアカウントが使っています。管理者に知らせてください。")
    return begun(request, came.person, _sign_in(request).sessions, came.onward)


@router.post("/signout")
def go(request: Request, session: Field = "") -> Response:
    """End the session of this browser; one named by its id, where that is the person's own."""
    _refuse_other_sites(request)
    found = _sign_in(request).found(sessions_of(request))
    gone = RedirectResponse(f"{root_of(request)}/signin", HTTPStatus.SEE_OTHER)
    if session and not (found and session == id_of(found.secret)):
        if found and found.kept.revoke(session, found.owner):
            told = f"ほかのサインイン {session} を終わらせました"
            record(request.app.state.settings, found.person.name, "session", (), told)
        return gone
    if found:
        if elsewhere := _leaving(request, found.person):
            gone = RedirectResponse(elsewhere, HTTPStatus.SEE_OTHER)
        found.kept.end(found.secret)
    forget_session(gone, request)
    return gone


def _leaving(request: Request, person: Person) -> str:
    """Return where somebody who came by the identity provider tells it of leaving, "" for anybody else."""
    sign_in = _sign_in(request)
    if not sign_in.provider or any(one.name == person.name for one in sign_in.accounts.all()):
        return ""
    return from_thread.run(sign_in.provider.logout_url, f"{site_of(request)}/signin")


def _provider(request: Request) -> "Provider":
    """Return the identity provider. Raises ReaderError (404) where the settings name none."""
    if provider := _sign_in(request).provider:
        return provider
    raise ReaderError(HTTPStatus.NOT_FOUND, "庁内の認証は使われていません。名前とパスワードでサインインしてください。")


def _sign_in(request: Request) -> SignIn:
    sign_in: SignIn = request.app.state.sign_in
    return sign_in


def _shown(request: Request, form: page.Form, status: int = HTTPStatus.OK) -> Response:
    sign_in = _sign_in(request)
    if found := sign_in.found(sessions_of(request)):
        mine = found.kept.all(found.owner)
        form = replace(form, person=found.person, sessions=mine, here=id_of(found.secret))
    ways = page.Ways(sign_in.by_link, sign_in.provider.origin if sign_in.provider else "", sign_in.has_passwords)
    return page.sign_in_page(form, request.app.state.office, root_of(request), ways, status=status)


def _refuse_other_sites(request: Request) -> None:
    if not from_own_pages(request):
        raise ReaderError(HTTPStatus.FORBIDDEN, "ほかのサイトからはサインインできません。画面を開き直してください。")
