"""Password hashing: argon2id (RFC 9106); scrypt hashes of releases up to 0.4 are still accepted."""

import hmac
import unicodedata
from functools import cache
from hashlib import scrypt

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from bot.errors import AccountError

# The least that IPA, Japan's information-technology promotion agency, advises.
SHORTEST = 10
# What is longer is no password, and would only cost time.
LONGEST = 1000
# OWASP's Password Storage Cheat Sheet, the row that takes 19 MiB: 30 ms on one core, so that many who sign in at once
# take neither the machine's memory nor its time.
_ARGON2 = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


def hash_password(password: str) -> str:
    """Return what is kept of a password. Raises AccountError for one that is too short or too long."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise AccountError(f"パスワードは{SHORTEST}文字以上、{LONGEST:,}文字以内にしてください。")
    return _ARGON2.hash(_to_bytes(password))


def verify_password(password: str, kept: str | None) -> bool:
    """Whether this is the password of which `kept` was kept.

    Takes as long for a wrong one, and where nothing was kept: the time does not tell who has an account.
    """
    written = _to_bytes(password[:LONGEST])
    if kept and is_outdated_hash(kept):
        n, r, p, salt, key = kept.split(":")
        return hmac.compare_digest(_scrypt(written, bytes.fromhex(salt), int(n), int(r), int(p)), bytes.fromhex(key))
    try:
        return _ARGON2.verify(kept or _dummy_hash(), written) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


def is_outdated_hash(kept: str) -> bool:
    """Whether a password was kept by scrypt, or with less work than today's; it is kept anew when it is next typed."""
    return not kept.startswith("$argon2") or _ARGON2.check_needs_rehash(kept)


@cache
def _dummy_hash() -> str:
    return _ARGON2.hash("")


def _to_bytes(password: str) -> bytes:
    # One keyboard writes が as one character, another as two (RFC 8265, 4.2.2).
    return unicodedata.normalize("NFC", password).encode(errors="surrogatepass")


def _scrypt(written: bytes, salt: bytes, n: int, r: int, p: int) -> bytes:
    # The memory that RFC 7914 reckons (128·N·r), and as much again for OpenSSL's own.
    return scrypt(written, salt=salt, n=n, r=r, p=p, maxmem=256 * n * r, dklen=32)
