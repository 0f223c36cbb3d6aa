"""Random secrets, and the digests that are stored instead of them."""

from hashlib import sha256
from secrets import token_urlsafe


def new_secret() -> str:
    """Return 256 random bits as text for a cookie or URL."""
    return token_urlsafe(32)


def secret_digest(secret: str) -> str:
    """Return the digest by which a secret is looked up, so that comparison times reveal nothing of the secret."""
    return sha256(secret.encode(errors="surrogatepass")).hexdigest()
