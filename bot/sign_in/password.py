"""Passwords as they are kept: scrypt (RFC 7914) with a salt of their own."""

import hmac
import unicodedata
from hashlib import scrypt
from secrets import token_bytes

from bot.errors import AccountError

# The least that IPA, Japan's information-technology promotion agency, advises.
SHORTEST = 10
# What is longer is no password, and would only cost time.
LONGEST = 1000
# OWASP's Password Storage Cheat Sheet, the row that takes 16 MiB; 0.2 s on one core.
_N, _R, _P = 2**14, 8, 5


def hashed(password: str) -> str:
    """Return what is kept of a password. Raises AccountError for one that is too short or too long."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise AccountError(f"パスワードは{SHORTEST}文字以上、{LONGEST:,}文字以内にしてください。")
    salt = token_bytes(16)
    return f"{_N}:{_R}:{_P}:{salt.hex()}:{_key(password, salt, _N, _R, _P).hex()}"


def matches(password: str, kept: str | None) -> bool:
    """Whether this is the password of which `kept` was kept.

    Takes as long for a wrong one, and where nothing was kept: the time does not tell who has an account.
    """
    n, r, p, salt, key = (kept or f"{_N}:{_R}:{_P}:00:00").split(":")
    found = _key(password[:LONGEST], bytes.fromhex(salt), int(n), int(r), int(p))
    return hmac.compare_digest(found, bytes.fromhex(key))


def _key(password: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    # One keyboard writes が as one character, another as two (RFC 8265, 4.2.2).
    written = unicodedata.normalize("NFC", password).encode(errors="surrogatepass")
    # The memory that RFC 7914 reckons (128·N·r), and as much again for OpenSSL's own.
    return scrypt(written, salt=salt, n=n, r=r, p=p, maxmem=256 * n * r, dklen=32)
