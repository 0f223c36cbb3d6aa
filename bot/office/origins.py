"""Parses the origins of the sites that may embed the chat."""

import re

from bot.errors import OfficeError

# Only scheme, host and port, like `location.origin` in browsers (RFC 6454), which is safe in a Content-Security-Policy.
_ORIGIN = re.compile(r"(https?)://([a-z0-9.-]+|\[[0-9a-f:]+\])(?::(\d{1,5}))?/?")
_DEFAULT_PORTS = {"http": "80", "https": "443"}


def read_origins(text: str | None) -> tuple[str, ...]:
    """Return the origins of a setting in the form that browsers send. Raises OfficeError for an invalid one."""
    return tuple(map(_normalise_origin, (text or "").replace(",", " ").split()))


def _normalise_origin(text: str) -> str:
    match = _ORIGIN.fullmatch(_to_ascii(text.lower()))
    if not match:
        raise OfficeError(
            f"SHIRUBE_EMBED_ORIGINS の「{text}」は、サイトの住所として読めません。ページの名前を付けず、"
            "https://www.city.example.jp のように書いてください（複数は空白で区切ります）。"
        )
    scheme, host, port = match.groups()
    return f"{scheme}://{host}" + (f":{port}" if port and port != _DEFAULT_PORTS[scheme] else "")


def _to_ascii(address: str) -> str:
    """Return an address with its host in Punycode, as browsers send it."""
    scheme, separator, rest = address.partition("://")
    try:
        return scheme + separator + rest.encode("idna").decode()
    except UnicodeError:
        return address
