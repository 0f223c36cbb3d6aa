"""The session cookie: reading, setting and deleting it."""

from starlette.requests import HTTPConnection
from starlette.responses import Response

from bot.auth.sessions import SESSION_LIFETIME

NAME = "shirube-session"


def session_secrets(request: HTTPConnection) -> tuple[str, ...]:
    """Return the session secrets of a request, the longest path first (RFC 6265, section 5.4).

    There are two for a person who signed in at a tenant and at the whole service above its path.
    """
    cookies = ";".join(request.headers.getlist("cookie")).split(";")
    pairs = (cookie.strip().partition("=") for cookie in cookies)
    return tuple(value.strip('"') for name, _, value in pairs if name == NAME and value)


def set_session_cookie(response: Response, request: HTTPConnection, secret: str) -> None:
    """Set the cookie, hidden from scripts and other sites' forms, and limited to https if the request uses it."""
    response.set_cookie(
        NAME,
        secret,
        max_age=int(SESSION_LIFETIME.total_seconds()),
        path=base_path(request) or "/",
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )


def delete_session_cookie(response: Response, request: HTTPConnection) -> None:
    """Delete the cookie in the browser."""
    response.delete_cookie(NAME, path=base_path(request) or "/", httponly=True, samesite="lax")


def base_path(request: HTTPConnection) -> str:
    """Return the root path of the server, "" if it is at the root of its host."""
    root: str = request.scope.get("app_root_path", request.scope.get("root_path", ""))
    return root
