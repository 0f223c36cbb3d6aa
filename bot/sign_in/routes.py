"""`/signin` and `/signout`: the addresses at which one comes and goes."""

import re
from dataclasses import replace
from http import HTTPStatus
from math import ceil
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from bot.errors import AccountError
from bot.sign_in import page
from bot.sign_in.attempts import Attempts
from bot.sign_in.cookie import forget_session, session_of, set_session
from bot.sign_in.pages import HOME
from bot.sign_in.same_origin import from_own_pages
from bot.sign_in.sign_in import SignIn
from bot.web.limits import caller
from bot.web.problems import ReaderError

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
    """Show the page; it tells who has signed in already."""
    person = _sign_in(request).sessions.person(session_of(request))
    return _shown(request, page.Form(token=token, onward=local(next), person=person))


@router.post("/signin")
def come(request: Request, name: Field = "", password: Field = "", token: Field = "", onward: Field = "") -> Response:
    """Begin a session and go on, or tell what is wrong."""
    _refuse_other_sites(request)
    form = page.Form(local(onward), token, name)
    attempts = _attempts(request)
    if wait := attempts.wait_s(caller(request), name):
        told = f"サインインが続いています。{ceil(wait)}秒ほど待ってから、もう一度お試しください。"
        refused = _shown(request, replace(form, told=told), HTTPStatus.TOO_MANY_REQUESTS)
        refused.headers["retry-after"] = str(ceil(wait))
        return refused
    sign_in = _sign_in(request)
    try:
        person = sign_in.by_token(token, name) if token else sign_in.accounts.person(name, password)
    except AccountError as error:
        return _shown(request, replace(form, told=str(error)), HTTPStatus.UNPROCESSABLE_ENTITY)
    if person is None:
        # The token that does not hold is not kept: the page asks for another.
        return _shown(request, replace(form, told=WRONG[bool(token)], token=""), HTTPStatus.FORBIDDEN)
    attempts.succeeded(caller(request), name)
    gone_on = RedirectResponse(form.onward or HOME[person.role], HTTPStatus.SEE_OTHER)
    set_session(gone_on, request, sign_in.sessions.begin(person))
    return gone_on


@router.post("/signout")
def go(request: Request) -> Response:
    """End the session of this browser."""
    _refuse_other_sites(request)
    _sign_in(request).sessions.end(session_of(request))
    gone = RedirectResponse("/signin", HTTPStatus.SEE_OTHER)
    forget_session(gone)
    return gone


def _sign_in(request: Request) -> SignIn:
    sign_in: SignIn = request.app.state.sign_in
    return sign_in


def _attempts(request: Request) -> Attempts:
    attempts: Attempts = request.app.state.sign_in_attempts
    return attempts


def _shown(request: Request, form: page.Form, status: int = HTTPStatus.OK) -> Response:
    by_token = not _sign_in(request).accounts.all()
    return page.sign_in_page(form, request.app.state.office, by_token=by_token, status=status)


def _refuse_other_sites(request: Request) -> None:
    if not from_own_pages(request):
        raise ReaderError(HTTPStatus.FORBIDDEN, "ほかのサイトからはサインインできません。画面を開き直してください。")
