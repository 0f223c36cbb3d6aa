"""Random secrets for browsers, and the digests that are stored of them."""

from hashlib import sha256
from secrets import token_urlsafe


def new_secret() -> str:
    """Return 256 random bits, fit for a cookie or an address."""
    return token_urlsafe(32)


def secret_digest(secret: str) -> str:
    """Return what is kept of a secret. It is looked up by this: how long a comparison takes tells nothing of it."""
    return sha256(secret.encode(errors="surrogatepass")).hexdigest()
