"""Sign-in with OpenID Connect: code flow with PKCE (S256), state and nonce.

The state of a sign-in is in a signed cookie for ten minutes, so that any process can complete it. The role comes from
the groups in the provider's claims; a person without a role is refused.
"""

import hmac
import logging
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx2
from authlib.integrations.base_client import OAuthError
from authlib.integrations.starlette_client import OAuth, StarletteOAuth2App
from itsdangerous import BadSignature, URLSafeTimedSerializer
from joserfc.errors import JoseError
from starlette.requests import Request
from starlette.responses import Response

from bot.auth.cookie import base_path
from bot.auth.person import ROLES, Person, Role, read_name
from bot.errors import AccountError
from bot.http.site import site_url
from ingest.configuration.settings import Settings

log = logging.getLogger(__name__)
COOKIE = "shirube-oidc"
_STATE_LIFETIME_S = 600
_TIMEOUT_S = 10.0
# With a symmetric algorithm or none, whoever knows the client secret could forge tokens.
_ASYMMETRIC = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
_FAILED = (
    "庁内の認証でサインインできませんでした。はじめからもう一度お試しください。続くときは、管理者に知らせてください。"
)
_NO_ROLE = "「{}」さんには、この画面を使う役割が割り当てられていません。管理者に知らせてください。"


@dataclass(frozen=True, slots=True)
class ProviderSignIn:
    """A person whom the provider signed in, and the path to continue at."""

    person: Person
    onward: str


class Provider:
    """The identity provider that the settings name; safe to share."""

    def __init__(self, settings: Settings) -> None:
        secret = settings.oidc_client_secret.get_secret_value() if settings.oidc_client_secret else ""
        self._settings = settings
        self._issuer = settings.oidc_issuer or ""
        self._client: StarletteOAuth2App = OAuth().register(
            "shirube",
            client_id=settings.oidc_client_id,
            client_secret=secret,
            server_metadata_url=self._issuer.rstrip("/") + "/.well-known/openid-configuration",
            client_kwargs={"scope": settings.oidc_scope, "code_challenge_method": "S256", "timeout": _TIMEOUT_S},
        )
        key = hmac.digest(secret.encode(), b"shirube sign-in", "sha256")
        self._signer = URLSafeTimedSerializer(key.hex(), salt=COOKIE)

    @property
    def origin(self) -> str:
        """The provider's origin, which the page may redirect to."""
        parts = urlsplit(self._issuer)
        return f"{parts.scheme}://{parts.netloc}"

    async def leave(self, request: Request, onward: str) -> Response:
        """Redirect the browser to the provider. Raises AccountError if it cannot be reached."""
        request.scope["session"] = {"onward": onward}
        try:
            await self._metadata()
            response: Response = await self._client.authorize_redirect(request, f"{site_url(request)}/signin/oidc/back")
        except (OAuthError, httpx2.HTTPError, RuntimeError, ValueError) as error:
            raise _provider_error(error) from error
        state = self._signer.dumps(request.session)
        path, secure = f"{base_path(request)}/signin/oidc", request.url.scheme == "https"
        response.set_cookie(COOKIE, state, _STATE_LIFETIME_S, path=path, httponly=True, samesite="lax", secure=secure)
        return response

    async def complete_sign_in(self, request: Request) -> ProviderSignIn:
        """Return the signed-in person, once and only to the browser that began the sign-in. Raises AccountError."""
        try:
            request.scope["session"] = self._signer.loads(request.cookies.get(COOKIE, ""), max_age=_STATE_LIFETIME_S)
            onward = request.session.get("onward", "")
            await self._metadata()
            expected = {"iss": {"essential": True, "value": self._issuer}, "sub": {"essential": True}}
            token = await self._client.authorize_access_token(request, claims_options=expected)
            claims: dict[str, Any] = token["userinfo"]
        except (OAuthError, JoseError, BadSignature, httpx2.HTTPError, RuntimeError, ValueError, LookupError) as error:
            raise _provider_error(error) from error
        return ProviderSignIn(self._person(claims), onward)

    async def logout_url(self, back: str) -> str:
        """Return the provider's logout address, "" if it has none or cannot be reached."""
        try:
            await self._metadata()
            logout = await self._client.create_logout_url(back, client_id=self._settings.oidc_client_id)
        except (OAuthError, httpx2.HTTPError, RuntimeError, ValueError):
            return ""
        return str(logout["url"])

    def _person(self, claims: dict[str, Any]) -> Person:
        """Return the person with the highest role of their groups. Raises AccountError if there is none."""
        name = read_name(str(claims.get(self._settings.oidc_name_claim) or claims["sub"]))
        claim = claims.get(self._settings.oidc_roles_claim) or ()
        groups = {claim} if isinstance(claim, str) else {str(group) for group in claim}
        roles = {role for group, role in parse_roles(self._settings.oidc_roles).items() if group in groups}
        if not roles:
            raise AccountError(_NO_ROLE.format(name))
        return Person(name, max(roles, key=ROLES.index))

    async def _metadata(self) -> None:
        """Fetch the provider's metadata once, and accept only asymmetric signature algorithms."""
        metadata = await self._client.load_server_metadata()
        offered = metadata.get("id_token_signing_alg_values_supported") or ["RS256"]
        metadata["id_token_signing_alg_values_supported"] = [name for name in offered if name in _ASYMMETRIC]


def parse_roles(text: str) -> dict[str, Role]:
    """Return the role of each group from space-separated `group=role`. Raises ValueError for an unknown role."""
    pairs = (pair.rpartition("=") for pair in text.split())
    return {group: ROLES[ROLES.index(role)] for group, _, role in pairs}


def _provider_error(error: Exception) -> AccountError:
    # The response is not trusted, so it is not logged.
    log.warning("signing in at the identity provider failed: %s", type(error).__name__)
    return AccountError(_FAILED)
