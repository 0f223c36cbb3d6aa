"""Check against cross-site request forgery, as Go's `net/http.CrossOriginProtection` does it.

Browsers send `Sec-Fetch-Site`, older ones `Origin`. Programs send neither, and have no cookie for another site to use.
"""

from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def is_same_origin(request: HTTPConnection) -> bool:
    """Whether a request was sent by a page of this server or by a program."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")
