"""Parses the origins of the sites that may embed the chat."""

import re

from bot.errors import OfficeError

# Scheme, host and port and nothing else: what `location.origin` is in a browser (RFC 6454), and safe in a policy.
_ORIGIN = re.compile(r"(https?)://([a-z0-9.-]+|\[[0-9a-f:]+\])(?::(\d{1,5}))?/?")
_USUAL_PORT = {"http": "80", "https": "443"}


def read_origins(written: str | None) -> tuple[str, ...]:
    """Return the origins of a setting, as a browser writes them. Raises OfficeError with the one that is none."""
    return tuple(map(_origin, (written or "").replace(",", " ").split()))


def _origin(written: str) -> str:
    match = _ORIGIN.fullmatch(_in_ascii(written.lower()))
    if not match:
        raise OfficeError(
            f"SHIRUBE_EMBED_ORIGINS の「{written}」は、サイトの住所として読めません。ページの名前を付けず、"
            "https://www.city.example.jp のように書いてください（複数は空白で区切ります）。"
        )
    scheme, host, port = match.groups()
    return f"{scheme}://{host}" + (f":{port}" if port and port != _USUAL_PORT[scheme] else "")


def _in_ascii(written: str) -> str:
    """Return an address whose host is in Japanese as browsers write it (Punycode)."""
    scheme, separator, rest = written.partition("://")
    try:
        return scheme + separator + rest.encode("idna").decode()
    except UnicodeError:
        return written
