"""Reads logout tokens (OpenID Connect Back-Channel Logout 1.0, section 2.6)."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from joserfc import jwt
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

_EVENT = "http://schemas.openid.net/event/backchannel-logout"
_TYPES = (None, "JWT", "logout+jwt")
# The clocks of provider and server may differ by this much, as for ID tokens.
_LEEWAY_S = 120
# A token is for immediate use; an older one may have been stolen.
_MAX_AGE_S = 300


@dataclass(frozen=True, slots=True)
class Logout:
    """The person or the provider's session that ends; one of both may be ""."""

    issuer: str
    subject: str
    provider_session: str


def read_logout_token(token: str, keys: Any, algorithms: Sequence[str], issuer: str, client: str) -> Logout:
    """Return the session or person that a logout token signs out. Raises JoseError or ValueError if it is invalid.

    `keys` is the provider's key set as JSON. A token that is sent twice ends nothing more.
    """
    registry = JWSRegistry(algorithms=list(algorithms), strict_check_header=False)
    decoded = jwt.decode(token, KeySet.import_key_set(keys), registry=registry)
    if decoded.header.get("typ") not in _TYPES:
        raise ValueError("another type of token")
    claims = decoded.claims
    required = jwt.ClaimsOption(essential=True)
    registered = jwt.JWTClaimsRegistry(
        leeway=_LEEWAY_S,
        iss={"essential": True, "value": issuer},
        aud={"essential": True, "value": client},
        iat=required,
        jti=required,
        events=required,
    )
    registered.validate(claims)
    _require_logout(claims)
    subject = claims.get("sub") or ""
    session = claims.get("sid") or ""
    if not (isinstance(subject, str) and isinstance(session, str) and (subject or session)):
        raise ValueError("neither a person nor a session")
    return Logout(issuer, subject, session)


def _require_logout(claims: dict[str, Any]) -> None:
    """Raise ValueError unless these are the claims of a recent logout token."""
    events = claims["events"]
    if not (isinstance(events, dict) and _EVENT in events):
        raise ValueError("not a logout")
    if "nonce" in claims:  # so that an ID token is never taken for a logout token
        raise ValueError("a nonce")
    if claims["iat"] < time.time() - _MAX_AGE_S - _LEEWAY_S:
        raise ValueError("too old")
