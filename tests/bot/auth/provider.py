"""A small identity provider, real over HTTP: discovery, keys, the code flow with PKCE, and the end of a session."""

import base64
import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from secrets import token_urlsafe
from typing import Any
from urllib.parse import urlencode

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from tests.bot.served import listening

CLIENT, SECRET = "shirube", "a secret of the client"


@dataclass
class State:
    """Who signs in at it, and how it misbehaves: `changed` claims, another key, another algorithm."""

    url: str = ""
    claims: dict[str, Any] = field(default_factory=lambda: {"sub": "u-1", "preferred_username": "安奈", "groups": []})
    changed: dict[str, Any] = field(default_factory=dict)
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one"}))
    signs_with: Any = None
    algorithm: str = "RS256"
    asked: dict[str, dict[str, str]] = field(default_factory=dict)
    left: list[dict[str, str]] = field(default_factory=list)


@contextmanager
def provider() -> Iterator[State]:
    """Yield an identity provider that listens."""
    state, app = State(), FastAPI()

    @app.get("/.well-known/openid-configuration")
    def metadata() -> dict[str, Any]:
        ends = {"authorization": "authorize", "token": "token", "end_session": "leave"}
        return {f"{name}_endpoint": f"{state.url}/{path}" for name, path in ends.items()} | {
            "issuer": state.url,
            "jwks_uri": f"{state.url}/keys",
            "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
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
        form = await request.form()
        asked = state.asked.pop(str(form["code"]), {})
        basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        verifier = hashlib.sha256(str(form["code_verifier"]).encode()).digest()
        if (
            request.headers["authorization"] != f"Basic {basic}"
            or asked.get("code_challenge") != base64.urlsafe_b64encode(verifier).decode().rstrip("=")
            or asked.get("code_challenge_method") != "S256"
            or asked.get("redirect_uri") != form["redirect_uri"]
        ):
            return JSONResponse({"error": "invalid_grant"}, 400)
        return JSONResponse({"access_token": "x", "token_type": "Bearer", "id_token": _signed(state, asked)})

    @app.get("/leave")
    def leave(request: Request) -> Response:
        state.left.append(dict(request.query_params))
        return RedirectResponse(request.query_params["post_logout_redirect_uri"])

    with listening(app) as url:
        state.url = url
        yield state


def _signed(state: State, asked: dict[str, str]) -> str:
    now = int(time.time())
    claims = {"iss": state.url, "aud": CLIENT, "iat": now, "exp": now + 60, "nonce": asked["nonce"]}
    claims = claims | state.claims | state.changed
    key = state.signs_with or state.key
    if state.algorithm == "none":
        head, body = (
            base64.urlsafe_b64encode(repr(one).replace("'", '"').encode()).decode().rstrip("=")
            for one in ({"alg": "none"}, claims)
        )
        return f"{head}.{body}."
    kid = {} if isinstance(key, OctKey) else {"kid": "one"}
    return jwt.encode({"alg": state.algorithm, **kid}, claims, key, algorithms=[state.algorithm])
