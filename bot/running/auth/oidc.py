"""Sign-in with OpenID Connect through Authlib: code flow with PKCE (S256), state and nonce, and roles read again."""

import hmac
import logging
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx2
from authlib.integrations.base_client import OAuthError
from authlib.integrations.starlette_client import OAuth, StarletteOAuth2App
from joserfc.errors import JoseError
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from bot.errors import AccountError, ProviderAwayError
from bot.running.auth.person import MAX_NAME_CHARS, ROLES, Role, read_name
from bot.running.http.site import site_url
from ingest.configuration.proxies import choose_proxy
from ingest.configuration.settings import Settings

log = logging.getLogger(__name__)
# OpenID Connect Core, section 5.1; the first that a person can read.
_NAME_CLAIMS = ("preferred_username", "name", "nickname", "email", "sub")
_STATE_LIFETIME_S = 600
# Longer addresses would not fit into the cookie with the state.
_MAX_ONWARD_CHARS = 1000
_MAX_SUBJECT_CHARS = 255
_TIMEOUT_S = 5.0
# With a symmetric algorithm or none, whoever knows the client secret could forge tokens.
ASYMMETRIC = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
_NO_NAME = "利用者"
_NO_ROLE = "「{}」さんには、この画面を使う役割が割り当てられていません。管理者に知らせてください。"
_FAILED = (
    "庁内の認証でサインインできませんでした。はじめからもう一度お試しください。続くときは、管理者に知らせてください。"
)
_AWAY = "庁内の認証が応答しないため、いまはサインインできません。しばらく待ってから、もう一度お試しください。"


@dataclass(frozen=True, slots=True)
class Identity:
    """A person as the provider describes them now; `refresh_token` reads the role again, "" if there is none."""

    issuer: str
    subject: str
    display_name: str
    role: Role
    refresh_token: str


class Provider:
    """The identity provider that the settings name; safe to share."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.issuer = settings.oidc_issuer or ""
        self._client: StarletteOAuth2App = OAuth().register(
            "shirube",
            client_id=settings.oidc_client_id,
            client_secret=_client_secret(settings),
            server_metadata_url=metadata_url(self.issuer),
            client_kwargs={"scope": settings.oidc_scope, "code_challenge_method": "S256", **http_options(settings)},
        )

    @property
    def origin(self) -> str:
        """The provider's origin, which the page may redirect to."""
        parts = urlsplit(self.issuer)
        return f"{parts.scheme}://{parts.netloc}"

    async def leave(self, request: Request, onward: str) -> Response:
        """Redirect the browser to the provider.

        Raises ProviderAwayError if it does not respond, AccountError if its metadata cannot be used.
        """
        request.session["onward"] = onward if len(onward) <= _MAX_ONWARD_CHARS else ""
        with _translate_provider_errors():
            response: Response = await self._client.authorize_redirect(request, f"{site_url(request)}/signin/oidc/back")
        return response

    async def complete_sign_in(self, request: Request) -> tuple[Identity, str]:
        """Return the person and the path to continue at, once and only to the browser that began the sign-in.

        Raises ProviderAwayError if the provider does not respond, AccountError if it refuses or names no role.
        """
        with _translate_provider_errors():
            await self._load_metadata()
            token = await self._client.authorize_access_token(request, claims_options=self._expected_claims())
            identity = await self._identify(token, dict(token["userinfo"]))
        onward = str(request.session.get("onward", ""))
        request.session.clear()
        return identity, onward

    async def read_again(self, refresh_token: str, issuer: str, subject: str) -> Identity:
        """Return a person as the provider describes them now.

        Raises AccountError if the provider no longer accepts the refresh token, names no role, or is another one;
        ProviderAwayError if it cannot say.
        """
        if issuer != self.issuer:
            raise AccountError(_FAILED)
        with _translate_provider_errors():
            metadata = await self._load_metadata()
            try:
                token = await self._client.fetch_access_token(grant_type="refresh_token", refresh_token=refresh_token)
            except OAuthError as error:
                if error.error == "invalid_grant":
                    raise
                raise ProviderAwayError(_AWAY) from error
            claims: dict[str, Any] = {"sub": subject}
            if "id_token" in token:
                expected = self._expected_claims()
                claims = dict(await self._client.parse_id_token(token, nonce=None, claims_options=expected))
            elif "userinfo_endpoint" not in metadata:
                raise ProviderAwayError(_AWAY)
            if claims["sub"] != subject:
                raise AccountError(_FAILED)
            return await self._identify({"refresh_token": refresh_token, **token}, claims)

    async def logout_url(self, back: str) -> str:
        """Return the provider's logout address, "" if it has none or does not respond."""
        try:
            with _translate_provider_errors():
                logout = await self._client.create_logout_url(back, client_id=self._settings.oidc_client_id)
        except (AccountError, ProviderAwayError):
            return ""
        return str(logout["url"])

    def _expected_claims(self) -> dict[str, Any]:
        return {"iss": {"essential": True, "value": self.issuer}, "sub": {"essential": True}}

    async def _identify(self, token: Mapping[str, Any], claims: dict[str, Any]) -> Identity:
        settings, subject = self._settings, claims["sub"]
        if not isinstance(subject, str) or not 0 < len(subject) <= _MAX_SUBJECT_CHARS:
            raise AccountError(_FAILED)
        metadata = await self._load_metadata()
        is_complete = claims.get(_NAME_CLAIMS[0]) and list(_find_values(claims, settings.oidc_roles_claim))
        if "userinfo_endpoint" in metadata and not is_complete:
            info = await self._client.userinfo(token=dict(token))
            if info.get("sub") != subject:  # OpenID Connect Core, section 5.3.2
                raise AccountError(_FAILED)
            claims = {**info, **claims}
        role = highest_role(claims, settings.oidc_roles_claim, parse_roles(settings.oidc_roles))
        name = read_claimed_name(claims)
        if role is None:
            raise AccountError(_NO_ROLE.format(name))
        return Identity(self.issuer, subject, name, role, str(token.get("refresh_token") or ""))

    async def _load_metadata(self) -> dict[str, Any]:
        metadata: dict[str, Any] = await self._client.load_server_metadata()
        offered = metadata.get("id_token_signing_alg_values_supported") or ["RS256"]
        metadata["id_token_signing_alg_values_supported"] = [name for name in offered if name in ASYMMETRIC]
        return metadata


def keep_state(app: ASGIApp, settings: Settings) -> ASGIApp:
    """Return the application with the signed cookie in which Authlib keeps the state of a sign-in."""
    key = hmac.digest(_client_secret(settings).encode(), b"shirube sign-in", "sha256").hex()
    is_https = (settings.public_url or "").startswith("https:")
    path = f"{settings.root_path}/signin/oidc"
    return SessionMiddleware(app, key, "shirube-oidc", _STATE_LIFETIME_S, path, https_only=is_https)


def read_claimed_name(claims: Mapping[str, Any]) -> str:
    """Return the name in the claims, cut to the length of a name."""
    for candidate in _NAME_CLAIMS:
        value = unicodedata.normalize("NFKC", str(claims.get(candidate) or ""))
        shown = "".join(letter for letter in value if letter.isprintable() or letter.isspace())
        if isinstance(claims.get(candidate), str) and shown.strip():
            return read_name(shown[:MAX_NAME_CHARS])
    return _NO_NAME


def highest_role(claims: Mapping[str, Any], claim: str, roles: Mapping[str, Role]) -> Role | None:
    """Return the highest role of the person's groups, or None.

    `claim` is the name of a claim, or a path with dots into nested objects and lists (`realm_access.roles`). Its value
    is one group or a list of groups.
    """
    groups: set[str] = set()
    for value in _find_values(claims, claim):
        groups |= {str(group) for group in (value if isinstance(value, list) else [value])}
    granted = {role for group, role in roles.items() if group in groups}
    return max(granted, key=ROLES.index, default=None)


def parse_roles(text: str) -> dict[str, Role]:
    """Return the role of each group from space-separated `group=role`. Raises ValueError for an unknown role."""
    pairs = (pair.rpartition("=") for pair in text.split())
    return {group: ROLES[ROLES.index(role)] for group, _, role in pairs}


def _find_values(claims: Any, path: str) -> Iterator[Any]:
    if isinstance(claims, list):
        for item in claims:
            yield from _find_values(item, path)
    elif isinstance(claims, dict):
        head, _, subpath = path.partition(".")
        if path in claims:
            yield claims[path]
        elif subpath and head in claims:
            yield from _find_values(claims[head], subpath)


def http_options(settings: Settings) -> dict[str, Any]:
    """Return the options of HTTP clients that talk to the provider. Raises SettingsError for a wrong proxy."""
    proxy = choose_proxy(settings.proxy, settings.oidc_issuer or "")
    # Without mounts, the client would look for a proxy of its own.
    connection = {"proxy": proxy} if proxy else {"mounts": {"http://": None, "https://": None}}
    return {"timeout": _TIMEOUT_S, **connection}


def metadata_url(issuer: str) -> str:
    """Return the address of a provider's metadata (OpenID Connect Discovery, section 4)."""
    return issuer.rstrip("/") + "/.well-known/openid-configuration"


def _client_secret(settings: Settings) -> str:
    return settings.oidc_client_secret.get_secret_value() if settings.oidc_client_secret else ""


@contextmanager
def _translate_provider_errors() -> Iterator[None]:
    # The provider's responses are not trusted, so they are not logged.
    try:
        yield
    except httpx2.HTTPError as error:
        log.warning("the identity provider does not respond: %s", type(error).__name__)
        raise ProviderAwayError(_AWAY) from error
    except (OAuthError, JoseError, RuntimeError, ValueError, LookupError, TypeError) as error:
        log.warning("signing in at the identity provider failed: %s", type(error).__name__)
        raise AccountError(_FAILED) from error
