"""Random secrets, the digests that are stored instead of them, and encryption with them."""

import hmac
from hashlib import sha256
from secrets import token_urlsafe
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from joserfc.jwk import OctKey

_ENCRYPTION = {"alg": "dir", "enc": "A256GCM"}


def new_secret() -> str:
    """Return 256 random bits as text for a cookie or URL."""
    return token_urlsafe(32)


def secret_digest(secret: str) -> str:
    """Return the digest by which a secret is looked up, so that comparison times reveal nothing of the secret."""
    return sha256(secret.encode(errors="surrogatepass")).hexdigest()


def encrypt(text: str, secret: str) -> str:
    """Return `text` encrypted, so that only the holder of `secret` can read it, not the database."""
    from joserfc import jwe  # noqa: PLC0415 -- only sessions of an identity provider need it

    return jwe.encrypt_compact(_ENCRYPTION, text, _key(secret))


def decrypt(encrypted: str, secret: str) -> str:
    """Return an encrypted text. Raises ValueError for another secret or a changed text."""
    from joserfc import jwe  # noqa: PLC0415
    from joserfc.errors import JoseError  # noqa: PLC0415

    try:
        plain = jwe.decrypt_compact(encrypted, _key(secret)).plaintext
    except JoseError as error:
        raise ValueError("the text was encrypted with another secret or changed") from error
    return (plain or b"").decode()


def _key(secret: str) -> "OctKey":
    from joserfc.jwk import OctKey  # noqa: PLC0415

    return OctKey.import_key(hmac.digest(secret.encode(), b"encryption", "sha256"))
