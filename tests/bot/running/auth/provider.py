"""A small identity provider, real over HTTP: discovery, keys, code flow with PKCE, refresh, UserInfo, sign-out."""

import base64
import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from secrets import token_urlsafe
from typing import Any
from urllib.parse import urlencode

import httpx2
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from starlette.datastructures import FormData

from bot.running.server.api import create_app
from bot.running.server_state import server_state
from ingest.configuration.settings import Settings
from tests.bot.fixed_service import StandIn
from tests.bot.running.auth.inner import INNER
from tests.bot.server_thread import listening

CLIENT, SECRET, ACCESS = "shirube", "a secret of the client", "an access token"


@cache
def _signing_key() -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": "one"})


@dataclass
class State:
    """Who signs in at it, and how it misbehaves: `changed` claims, another key, another algorithm, `away`.

    It gives refresh tokens if `refreshes`, and keeps the claims of `only_userinfo` out of ID tokens.
    """

    url: str = ""
    claims: dict[str, Any] = field(default_factory=lambda: {"sub": "u-1", "preferred_username": "安奈", "groups": []})
    changed: dict[str, Any] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)
    key: RSAKey = field(default_factory=_signing_key)
    signs_with: Any = None
    algorithm: str = "RS256"
    away: bool = False
    refreshes: bool = False
    only_userinfo: tuple[str, ...] = ()
    userinfo: dict[str, Any] = field(default_factory=dict)
    asked: dict[str, dict[str, str]] = field(default_factory=dict)
    refresh_tokens: set[str] = field(default_factory=set)
    refreshed: int = 0
    left: list[dict[str, str]] = field(default_factory=list)


@contextmanager
def provider() -> Iterator[State]:
    state, app = State(), FastAPI()

    @app.middleware("http")
    async def fail(request: Request, call_next: Any) -> Response:
        return Response("<h1>Bad Gateway</h1>", 502) if state.away else await call_next(request)

    @app.get("/.well-known/openid-configuration")
    def metadata() -> dict[str, Any]:
        ends = {"authorization": "authorize", "token": "token", "end_session": "leave", "userinfo": "userinfo"}
        return {f"{name}_endpoint": f"{state.url}/{path}" for name, path in ends.items()} | {
            "issuer": state.url,
            "jwks_uri": f"{state.url}/keys",
            "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
            **state.metadata,
        }

    @app.get("/keys")
    def keys() -> dict[str, Any]:
        return {"keys": [state.key.as_dict(private=False)]}

    @app.get("/authorize")
    def authorize(request: Request) -> Response:
        code, asked = token_urlsafe(8), dict(request.query_params)
        state.asked[code] = asked
        back = urlencode({"code": code, "state": asked["state"]})
        return RedirectResponse(f"{asked['redirect_uri']}?{back}")

    @app.post("/token")
    async def token(request: Request) -> Response:
        return _token_response(state, request.headers["authorization"], await request.form())

    @app.get("/userinfo")
    def userinfo(request: Request) -> Response:
        if request.headers["authorization"] != f"Bearer {ACCESS}":
            return JSONResponse({"error": "invalid_token"}, 401)
        return JSONResponse(state.claims | state.userinfo)

    @app.get("/leave")
    def leave(request: Request) -> Response:
        state.left.append(dict(request.query_params))
        return RedirectResponse(request.query_params["post_logout_redirect_uri"])

    with listening(app) as url:
        state.url = url
        yield state


def _token_response(state: State, authorization: str, form: FormData) -> Response:
    basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
    is_client = authorization == f"Basic {basic}"
    if form["grant_type"] == "refresh_token":
        if not is_client or str(form["refresh_token"]) not in state.refresh_tokens:
            return JSONResponse({"error": "invalid_grant"}, 400)
        state.refresh_tokens.remove(str(form["refresh_token"]))  # each can be used once
        state.refreshed += 1
        return JSONResponse(_tokens(state, {}))
    asked = state.asked.pop(str(form["code"]), {})
    verifier = hashlib.sha256(str(form["code_verifier"]).encode()).digest()
    if (
        not is_client
        or asked.get("code_challenge") != base64.urlsafe_b64encode(verifier).decode().rstrip("=")
        or asked.get("code_challenge_method") != "S256"
        or asked.get("redirect_uri") != form["redirect_uri"]
    ):
        return JSONResponse({"error": "invalid_grant"}, 400)
    return JSONResponse(_tokens(state, {"nonce": asked["nonce"]}))


def _tokens(state: State, asked: dict[str, str]) -> dict[str, str]:
    tokens = {"access_token": ACCESS, "token_type": "Bearer", "id_token": _signed(state, asked)}
    if state.refreshes:
        tokens["refresh_token"] = token_urlsafe(8)
        state.refresh_tokens.add(tokens["refresh_token"])
    return tokens


def _signed(state: State, asked: dict[str, str]) -> str:
    now = int(time.time())
    own = {name: value for name, value in state.claims.items() if name not in state.only_userinfo}
    claims = {"iss": state.url, "aud": CLIENT, "iat": now, "exp": now + 60, **asked, **own, **state.changed}
    key = state.signs_with or state.key
    if state.algorithm == "none":
        head, body = (
            base64.urlsafe_b64encode(repr(one).replace("'", '"').encode()).decode().rstrip("=")
            for one in ({"alg": "none"}, claims)
        )
        return f"{head}.{body}."
    kid = {} if isinstance(key, OctKey) else {"kid": "one"}
    return jwt.encode({"alg": state.algorithm, **kid}, claims, key, algorithms=[state.algorithm])


def configured(office: State, data: Path, **more: Any) -> Settings:
    given: dict[str, Any] = {"oidc_issuer": office.url, "oidc_client_id": CLIENT, "oidc_client_secret": SECRET}
    return Settings(_env_file=None, data=data, oidc_roles="企画=editor 情報=admin", **given, **more)


def provider_app(office: State, data: Path, **more: Any) -> FastAPI:
    app = create_app(StandIn(), configured(office, data, **more))
    assert INNER.router
    app.include_router(INNER.router)
    server_state(app).access.add("staff", {"GET /inner/me": "", "POST /inner/me": ""})
    return app


def browser(url: str) -> httpx2.Client:
    return httpx2.Client(base_url=url, trust_env=False, follow_redirects=True, timeout=30)
