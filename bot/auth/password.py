"""Password hashing: argon2id (RFC 9106); scrypt hashes of releases up to 0.4 are still accepted."""

import hmac
import unicodedata
from functools import cache
from hashlib import scrypt

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
    password_bytes = _to_bytes(password[:_MAX_CHARS])
    if stored_hash and is_outdated_hash(stored_hash):
        n, r, p, salt, key = stored_hash.split(":")
        derived = _scrypt(password_bytes, bytes.fromhex(salt), int(n), int(r), int(p))
        return hmac.compare_digest(derived, bytes.fromhex(key))
    try:
        return _ARGON2.verify(stored_hash or _dummy_hash(), password_bytes) and stored_hash is not None
    except (VerificationError, InvalidHashError):
        return False


def is_outdated_hash(stored_hash: str) -> bool:
    """Whether a hash is scrypt or weaker than the current parameters; it is replaced at the next sign-in."""
    return not stored_hash.startswith("$argon2") or _ARGON2.check_needs_rehash(stored_hash)


@cache
def _dummy_hash() -> str:
    return _ARGON2.hash("")


def _to_bytes(password: str) -> bytes:
    # Some keyboards send が as one character, others as two (RFC 8265, section 4.2.2).
    return unicodedata.normalize("NFC", password).encode(errors="surrogatepass")


def _scrypt(password: bytes, salt: bytes, n: int, r: int, p: int) -> bytes:
    # The memory of RFC 7914 (128·N·r), and as much again for OpenSSL's overhead.
    return scrypt(password, salt=salt, n=n, r=r, p=p, maxmem=256 * n * r, dklen=32)
