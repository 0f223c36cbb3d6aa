"""The session cookie: reading, setting and deleting it."""

from starlette.requests import HTTPConnection
from starlette.responses import Response

from bot.auth.sessions import LASTS

NAME = "shirube-session"


def session_secrets(request: HTTPConnection) -> tuple[str, ...]:
    """Return the sessions' secrets that came with a request, that of the narrowest path first (RFC 6265, 5.4).

    There are two where an office's addresses lie below those of a whole at which one has signed in, too.
    """
    written = ";".join(request.headers.getlist("cookie"))
    pairs = (one.strip().partition("=") for one in written.split(";"))
    return tuple(value.strip('"') for name, _, value in pairs if name == NAME and value)


def set_session(response: Response, request: HTTPConnection, secret: str) -> None:
    """Give the session to the browser: no script reads it, no other site's form sends it, over https nothing else."""
    response.set_cookie(
        NAME,
        secret,
        max_age=int(LASTS.total_seconds()),
        path=base_path(request) or "/",
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )


def forget_session(response: Response, request: HTTPConnection) -> None:
    """Have the browser drop it."""
    response.delete_cookie(NAME, path=base_path(request) or "/", httponly=True, samesite="lax")


def base_path(request: HTTPConnection) -> str:
    """Return the path below which the server hangs, "" for the top of its host."""
    root: str = request.scope.get("app_root_path", request.scope.get("root_path", ""))
    return root
