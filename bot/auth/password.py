"""Password hashing: argon2id (RFC 9106); scrypt hashes of releases up to 0.4 are still accepted."""

import hmac
import unicodedata
from functools import cache
from hashlib import scrypt

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from bot.errors import AccountError

# The minimum that IPA, Japan's information-technology promotion agency, recommends.
SHORTEST = 10
# Limits the time of hashing.
LONGEST = 1000
# OWASP's Password Storage Cheat Sheet, the row with 19 MiB: 30 ms on one core, so that many
# simultaneous sign-ins exhaust neither memory nor CPU.
_ARGON2 = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


def hash_password(password: str) -> str:
    """Return the hash of a password. Raises AccountError if it is too short or too long."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise AccountError(f"パスワードは{SHORTEST}文字以上、{LONGEST:,}文字以内にしてください。")
    return _ARGON2.hash(_to_bytes(password))


def verify_password(password: str, kept: str | None) -> bool:
    """Whether a password matches the hash `kept`.

    Takes as long without a hash as with a wrong password, so that the time does not reveal who has an account.
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
    """Whether a hash is scrypt or weaker than the current parameters; it is replaced at the next sign-in."""
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
