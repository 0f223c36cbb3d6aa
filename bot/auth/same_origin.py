"""Check against cross-site request forgery: changes must come from this site's pages.

The check of Go's `net/http.CrossOriginProtection`: browsers tell it in `Sec-Fetch-Site`, older ones in `Origin`;
programs send neither, and carry no cookie that another site could make use of.
"""

from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def is_same_origin(request: HTTPConnection) -> bool:
    """Return whether a request that changes something was sent by a page of this server, or by a program."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")
