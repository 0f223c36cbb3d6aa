"""The cookie that carries a session, and what a browser is told of it."""

from starlette.requests import HTTPConnection
from starlette.responses import Response

from bot.sign_in.sessions import LASTS

NAME = "shirube-session"


def session_of(request: HTTPConnection) -> str:
    """Return the session's secret that came with a request, "" without one."""
    return request.cookies.get(NAME, "")


def set_session(response: Response, request: HTTPConnection, secret: str) -> None:
    """Give the session to the browser: no script reads it, no other site's form sends it."""
    response.set_cookie(
        NAME,
        secret,
        max_age=int(LASTS.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )


def forget_session(response: Response) -> None:
    """Have the browser drop it."""
    response.delete_cookie(NAME, httponly=True, samesite="lax")
