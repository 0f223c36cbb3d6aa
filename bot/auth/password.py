"""Password hashing: argon2id (RFC 9106)."""

import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from bot.errors import AccountError

# The minimum that IPA, Japan's information-technology promotion agency, recommends.
_MIN_CHARS = 10
# Limits the time of hashing.
_MAX_CHARS = 1000
# OWASP's Password Storage Cheat Sheet, the row with 19 MiB: 30 ms on one core, so that many
# simultaneous sign-ins exhaust neither memory nor CPU.
_ARGON2 = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


def hash_password(password: str) -> str:
    """Return the hash of a password. Raises AccountError if it is too short or too long."""
    if not _MIN_CHARS <= len(password) <= _MAX_CHARS:
        raise AccountError(f"パスワードは{_MIN_CHARS}文字以上、{_MAX_CHARS:,}文字以内にしてください。")
    return _ARGON2.hash(_to_bytes(password))


def verify_password(password: str, stored_hash: str | None) -> bool:
    """Whether a password matches a hash.

    Takes as long without a hash as with a wrong password, so that the time does not reveal who has an account.
    """
    try:
        _ARGON2.verify(stored_hash or _dummy_hash(), _to_bytes(password[:_MAX_CHARS]))
    except (VerificationError, InvalidHashError):
        return False
    return stored_hash is not None


@cache
def _dummy_hash() -> str:
    return _ARGON2.hash("")


def _to_bytes(password: str) -> bytes:
    # Some keyboards send が as one character, others as two (RFC 8265, section 4.2.2).
    return unicodedata.normalize("NFC", password).encode(errors="surrogatepass")
