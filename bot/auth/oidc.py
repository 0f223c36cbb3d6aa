"""Sign-in with OpenID Connect: code flow with PKCE (S256), state and nonce; refreshed roles; logout.

The state of a sign-in is in a signed cookie for ten minutes, so that any process can complete it, and each has its own,
so that tabs do not disturb each other. The role comes from the groups in the provider's claims.
"""

import hmac
import logging
import re
import time
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx2
from authlib.integrations.base_client import OAuthError
from authlib.integrations.starlette_client import OAuth, StarletteOAuth2App
from itsdangerous import BadSignature, URLSafeTimedSerializer
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.auth.person import MAX_NAME_CHARS, ROLES, Role, read_name
from bot.auth.sessions import Grant, base_path
from bot.errors import AccountError, ProviderAwayError
from bot.http.site import site_url
from ingest.configuration.proxies import choose_proxy
from ingest.configuration.settings import Settings

# Tried after the claim of the settings (OpenID Connect Core, section 5.1).
_NAME_CLAIMS = ("name", "preferred_username", "nickname", "email")


def read_claimed_name(claims: Mapping[str, Any], claim: str) -> str:
    """Return the name in `claim`, else in another claim for names, cut to the length of a name; "" if there is none."""
    for candidate in (claim, *_NAME_CLAIMS):
        value = claims.get(candidate)
        if isinstance(value, str):
            try:
                normal = unicodedata.normalize("NFKC", value)
                shown = "".join(letter for letter in normal if letter.isprintable() or letter.isspace())
                return read_name(shown[:MAX_NAME_CHARS])
            except AccountError:  # nothing is left, try the next claim
                continue
    return ""


def has_roles(claims: Mapping[str, Any], claim: str) -> bool:
    """Whether the claims say anything about groups, even that there are none."""
    return bool(list(_find_values(claims, claim)))


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
    events = claims["events"]
    if not (isinstance(events, dict) and _EVENT in events):
        raise ValueError("not a logout")
    if "nonce" in claims:  # so that an ID token is never taken for a logout token
        raise ValueError("a nonce")
    if claims["iat"] < time.time() - _MAX_AGE_S - _LEEWAY_S:
        raise ValueError("too old")
    subject = claims.get("sub") or ""
    session = claims.get("sid") or ""
    if not (isinstance(subject, str) and isinstance(session, str) and (subject or session)):
        raise ValueError("neither a person nor a session")
    return Logout(issuer, subject, session)


log = logging.getLogger(__name__)
COOKIE = "shirube-oidc"
_STATE_LIFETIME_S = 600
_STATE = re.compile(r"[0-9A-Za-z]{1,64}")
# Longer addresses would not fit into the cookie with the state.
_MAX_ONWARD_CHARS = 1000
_MAX_SUBJECT_CHARS = 255
_TIMEOUT_S = 5.0
# With a symmetric algorithm or none, whoever knows the client secret could forge tokens.
ASYMMETRIC = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
_NO_NAME = "利用者"
_FAILED = (
    "庁内の認証でサインインできませんでした。はじめからもう一度お試しください。続くときは、管理者に知らせてください。"
)
_AWAY = "庁内の認証が応答しないため、いまはサインインできません。しばらく待ってから、もう一度お試しください。"


@dataclass(frozen=True, slots=True)
class Identity:
    """A person as the provider describes them now; without `role` they may not sign in."""

    issuer: str
    subject: str
    display_name: str
    role: Role | None
    grant: Grant


class Provider:
    """The identity provider that the settings name; safe to share."""

    def __init__(self, settings: Settings) -> None:
        secret = settings.oidc_client_secret.get_secret_value() if settings.oidc_client_secret else ""
        self._settings = settings
        self.issuer = settings.oidc_issuer or ""
        self._client: StarletteOAuth2App = OAuth().register(
            "shirube",
            client_id=settings.oidc_client_id,
            client_secret=secret,
            server_metadata_url=metadata_url(self.issuer),
            client_kwargs={"scope": settings.oidc_scope, "code_challenge_method": "S256", **http_options(settings)},
        )
        key = hmac.digest(secret.encode(), b"shirube sign-in", "sha256")
        self._signer = URLSafeTimedSerializer(key.hex(), salt=COOKIE)

    @property
    def origin(self) -> str:
        """The provider's origin, which the page may redirect to."""
        parts = urlsplit(self.issuer)
        return f"{parts.scheme}://{parts.netloc}"

    def state_cookie(self, request: Request) -> str:
        """Return the name of the cookie with the state of the sign-in that a request completes."""
        state = request.query_params.get("state", "")
        return f"{COOKIE}-{state}" if _STATE.fullmatch(state) else COOKIE

    async def leave(self, request: Request, onward: str) -> Response:
        """Redirect the browser to the provider.

        Raises ProviderAwayError if it does not respond, AccountError if its metadata cannot be used.
        """
        request.scope["session"] = {"onward": onward if len(onward) <= _MAX_ONWARD_CHARS else ""}
        back = f"{site_url(request)}/signin/oidc/back"
        with _translate_provider_errors():
            await self._load_metadata()
            authorization = await self._client.create_authorization_url(back)
            url = authorization.pop("url")
            state = authorization["state"]
            await self._client.save_authorize_data(request, redirect_uri=back, **authorization)
        response = RedirectResponse(url)
        response.set_cookie(
            f"{COOKIE}-{state}",
            self._signer.dumps(request.session),
            _STATE_LIFETIME_S,
            path=f"{base_path(request)}/signin/oidc",
            httponly=True,
            samesite="lax",
            secure=request.url.scheme == "https",
        )
        return response

    async def complete_sign_in(self, request: Request) -> tuple[Identity, str]:
        """Return the person and the path to continue at, once and only to the browser that began the sign-in.

        Raises ProviderAwayError if the provider does not respond, AccountError if it refuses.
        """
        with _translate_provider_errors():
            state = self._signer.loads(request.cookies.get(self.state_cookie(request), ""), max_age=_STATE_LIFETIME_S)
            request.scope["session"] = state
            await self._load_known_metadata()
            token = await self._client.authorize_access_token(request, claims_options=self._expected_claims())
            return await self._identify(token, dict(token["userinfo"])), state["onward"]

    async def read_again(self, refresh_token: str, subject: str) -> Identity:
        """Return a person as the provider describes them now.

        Raises AccountError if the provider no longer accepts the refresh token, ProviderAwayError if it cannot say.
        """
        with _translate_provider_errors():
            await self._load_known_metadata()
            try:
                granted = {"grant_type": "refresh_token", "refresh_token": refresh_token}
                token = await self._client.fetch_access_token(**granted)
            except OAuthError as error:
                if error.error == "invalid_grant":
                    raise
                raise ProviderAwayError(_AWAY) from error
            claims: dict[str, Any] = {"sub": subject}
            if "id_token" not in token and "userinfo_endpoint" not in self._client.server_metadata:
                raise ProviderAwayError(_AWAY)
            if "id_token" in token:
                claims = dict(
                    await self._client.parse_id_token(token, nonce=None, claims_options=self._expected_claims())
                )
            if claims["sub"] != subject:
                raise AccountError(_FAILED)
            return await self._identify(dict(token, refresh_token=token.get("refresh_token") or refresh_token), claims)

    async def read_logout(self, logout_token: str) -> Logout:
        """Return whose sessions a back-channel logout ends.

        Raises AccountError for an invalid token, ProviderAwayError if its signature cannot be verified.
        """
        with _translate_provider_errors():
            metadata = await self._load_known_metadata()
            algorithms = metadata["id_token_signing_alg_values_supported"]
            client = self._settings.oidc_client_id
            keys = await self._client.fetch_jwk_set()
            try:
                return read_logout_token(logout_token, keys, algorithms, self.issuer, client)
            except InvalidKeyIdError:  # the provider has new keys
                keys = await self._client.fetch_jwk_set(force=True)
                return read_logout_token(logout_token, keys, algorithms, self.issuer, client)

    async def logout_url(self, back: str) -> str:
        """Return the provider's logout address, "" if it has none or does not respond."""
        try:
            with _translate_provider_errors():
                await self._load_metadata()
                logout = await self._client.create_logout_url(back, client_id=self._settings.oidc_client_id)
        except (AccountError, ProviderAwayError):
            return ""
        return str(logout["url"])

    def _expected_claims(self) -> dict[str, Any]:
        return {"iss": {"essential": True, "value": self.issuer}, "sub": {"essential": True}}

    async def _identify(self, token: dict[str, Any], claims: dict[str, Any]) -> Identity:
        settings = self._settings
        subject = claims["sub"]
        if not isinstance(subject, str) or not 0 < len(subject) <= _MAX_SUBJECT_CHARS:
            raise AccountError(_FAILED)
        roles_claim = settings.oidc_roles_claim
        name_claim = settings.oidc_name_claim
        if not (claims.get(name_claim) and has_roles(claims, roles_claim)):
            claims = await self._userinfo(token, subject) | claims
        name = read_claimed_name(claims, name_claim) or read_claimed_name({"name": subject}, "name") or _NO_NAME
        role = highest_role(claims, roles_claim, parse_roles(settings.oidc_roles))
        session = claims.get("sid")
        has_session = isinstance(session, str) and len(session) <= _MAX_SUBJECT_CHARS
        grant = Grant(str(session) if has_session else "", str(token.get("refresh_token") or ""))
        return Identity(self.issuer, subject, name, role, grant)

    async def _userinfo(self, token: dict[str, Any], subject: str) -> dict[str, Any]:
        """Return the claims of UserInfo, {} if the provider refuses it. Raises AccountError for another person's."""
        if "userinfo_endpoint" not in self._client.server_metadata or not token.get("access_token"):
            return {}
        try:
            claims = await self._client.userinfo(token=token)
        except httpx2.HTTPStatusError as error:
            if error.response.is_server_error:
                raise
            return {}
        if claims.get("sub") != subject:  # OpenID Connect Core, section 5.3.2
            raise AccountError(_FAILED)
        return dict(claims)

    async def _load_known_metadata(self) -> dict[str, Any]:
        metadata: dict[str, Any] = self._client.server_metadata
        return metadata if "_loaded_at" in metadata else await self._load_metadata()

    async def _load_metadata(self) -> dict[str, Any]:
        try:
            async with httpx2.AsyncClient(**http_options(self._settings)) as client:
                response = await client.get(metadata_url(self.issuer))
            metadata = dict(response.raise_for_status().json())
        except (httpx2.HTTPError, ValueError, TypeError) as error:
            raise _away(error) from error
        offered = metadata.get("id_token_signing_alg_values_supported") or ["RS256"]
        metadata["id_token_signing_alg_values_supported"] = [name for name in offered if name in ASYMMETRIC]
        metadata["_loaded_at"] = time.time()  # Authlib then does not fetch it again
        self._client.server_metadata.update(metadata)
        return metadata


def http_options(settings: Settings) -> dict[str, Any]:
    """Return the options of HTTP clients that talk to the provider. Raises SettingsError for a wrong proxy."""
    proxy = choose_proxy(settings.proxy, settings.oidc_issuer or "")
    # Without mounts, the client would look for a proxy of its own.
    connection = {"proxy": proxy} if proxy else {"mounts": {"http://": None, "https://": None}}
    return {"timeout": _TIMEOUT_S, **connection}


def metadata_url(issuer: str) -> str:
    """Return the address of a provider's metadata (OpenID Connect Discovery, section 4)."""
    return issuer.rstrip("/") + "/.well-known/openid-configuration"


@contextmanager
def _translate_provider_errors() -> Iterator[None]:
    try:
        yield
    except httpx2.HTTPError as error:
        raise _away(error) from error
    except (OAuthError, JoseError, BadSignature, RuntimeError, ValueError, LookupError, TypeError) as error:
        # The response is not trusted, so it is not logged.
        log.warning("signing in at the identity provider failed: %s", type(error).__name__)
        raise AccountError(_FAILED) from error


def _away(error: Exception) -> ProviderAwayError:
    log.warning("the identity provider does not respond: %s", type(error).__name__)
    return ProviderAwayError(_AWAY)
