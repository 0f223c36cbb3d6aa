"""Signing in through an OpenID Connect provider, a real one on this machine."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from joserfc.jwk import OctKey, RSAKey

from bot.auth.cookie import NAME
from bot.auth.oidc import parse_roles
from bot.server.api import create_app
from ingest.configuration.settings import Settings
from tests.bot.auth.inner import INNER, PASSWORD, sign_in_of
from tests.bot.auth.provider import CLIENT, SECRET, State, provider
from tests.bot.served import listening
from tests.bot.stand_in import StandIn


@pytest.fixture
def office() -> Iterator[State]:
    with provider() as state:
        yield state


@pytest.fixture
def url(office: State, tmp_path: Path) -> Iterator[str]:
    """Yield a server that sends people to the provider; the group 企画 makes editors, 情報 administrators."""
    app = create_app(StandIn(), configured(office, tmp_path))
    assert INNER.router
    app.include_router(INNER.router)
    app.state.access.add("staff", {"GET /inner/me": ""})
    with listening(app) as url:
        yield url


def configured(office: State, data: Path, **more: Any) -> Settings:
    given: dict[str, Any] = {"oidc_issuer": office.url, "oidc_client_id": CLIENT, "oidc_client_secret": SECRET}
    return Settings(_env_file=None, data=data, oidc_roles="企画=editor 情報=admin", **given, **more)


def browser(url: str) -> httpx2.Client:
    return httpx2.Client(base_url=url, trust_env=False, follow_redirects=True, timeout=30)


def test_groups_determine_the_role(office: State, url: str) -> None:
    """The highest role counts, and the browser returns to the requested page."""
    office.claims["groups"] = ["総務", "企画", "情報"]
    with browser(url) as client:
        assert "庁内の認証でサインイン" in client.get("/signin?next=/inner/me").text
        assert client.get("/signin/oidc?next=/inner/me").json() == "安奈 admin"
        (asked,) = (one for one in client.get("/signin/oidc?next=/inner/me").history if "/authorize?" in str(one.url))
    assert all(f"{name}=" in str(asked.url) for name in ("state", "nonce", "code_challenge"))
    assert "code_challenge_method=S256" in str(asked.url)


@pytest.mark.parametrize("groups", [[], ["総務"], "総務", None])
def test_user_without_role_is_refused(office: State, url: str, groups: Any) -> None:
    """A colleague without a role is told so."""
    office.claims["groups"] = groups
    with browser(url) as client:
        refused = client.get("/signin/oidc")
        assert (refused.status_code, "役割が割り当てられていません" in refused.text) == (403, True)
        assert NAME not in client.cookies


@pytest.mark.parametrize(
    "changed",
    [
        {"nonce": "another"},
        {"aud": "another client"},
        {"iss": "https://another.example"},
        {"exp": 1},
        {"sub": None},
    ],
)
def test_token_for_another_purpose_is_refused(office: State, url: str, changed: dict[str, Any]) -> None:
    """A wrong nonce, client or issuer and an expired token are explained."""
    office.claims["groups"], office.changed = ["企画"], changed
    with browser(url) as client:
        refused = client.get("/signin/oidc")
        assert (refused.status_code, "サインインできませんでした" in refused.text) == (403, True)
        assert NAME not in client.cookies


@pytest.mark.parametrize("algorithm", ["none", "HS256", "RS256"])
def test_token_with_wrong_signature_is_refused(office: State, url: str, algorithm: str) -> None:
    """Unsigned tokens, the client's own secret and unknown keys are refused."""
    office.claims["groups"], office.algorithm = ["企画"], algorithm
    office.signs_with = OctKey.import_key(SECRET) if algorithm == "HS256" else RSAKey.generate_key(2048)
    with browser(url) as client:
        assert client.get("/signin/oidc").status_code == 403
        assert NAME not in client.cookies


def test_callback_requires_its_own_login_attempt(office: State, url: str) -> None:
    """A callback in another browser, an unrequested and a repeated one are refused."""
    office.claims["groups"] = ["企画"]
    with httpx2.Client(base_url=url, trust_env=False) as one, browser(url) as other:
        to_provider = one.get("/signin/oidc").headers["location"]
        answer = one.get(to_provider).headers["location"]
        assert other.get(answer).status_code == 403
        assert one.get(answer).status_code == 303
        assert one.get(answer).status_code == 403
        assert other.get("/signin/oidc/back?code=x&state=y").status_code == 403


def test_sign_out_ends_the_provider_session(office: State, url: str) -> None:
    """Both sessions end and the browser returns."""
    office.claims["groups"] = ["企画"]
    with browser(url) as client:
        client.get("/signin/oidc")
        left = client.post("/signout")
        assert str(left.url).startswith(f"{url}/signin")
        assert client.get("/inner/me").status_code == 401
    assert [(one["client_id"], one["post_logout_redirect_uri"]) for one in office.left] == [(CLIENT, f"{url}/signin")]


def test_provider_user_cannot_take_a_local_name(office: State, tmp_path: Path) -> None:
    """Local accounts still work, and a start link opens nothing."""
    app = create_app(StandIn(), configured(office, tmp_path))
    assert sign_in_of(app).renew_start_token() is None
    sign_in_of(app).accounts.add("安奈", PASSWORD, "staff")
    office.claims["groups"] = ["情報"]
    with listening(app) as url, browser(url) as client:
        assert "別のアカウントが使っています" in client.get("/signin/oidc").text
        assert (
            client.post("/signin", data={"name": "安奈", "password": PASSWORD, "onward": "/health"}).status_code == 200
        )


def test_unreachable_provider_is_explained(tmp_path: Path) -> None:
    """Users are asked to try later, without a traceback."""
    app = create_app(StandIn(), configured(State(url="http://127.0.0.1:9"), tmp_path))
    with listening(app) as url, browser(url) as client:
        away = client.get("/signin/oidc")
        assert (away.status_code, "サインインできませんでした" in away.text) == (503, True)


def test_provider_routes_are_absent_without_provider(tmp_path: Path) -> None:
    """The addresses answer that there is no provider."""
    with listening(create_app(StandIn(), Settings(_env_file=None, data=tmp_path))) as url, browser(url) as client:
        assert client.get("/signin/oidc").status_code == 404


def test_group_roles_are_parsed_as_pairs() -> None:
    """A group name may contain an equals sign, as in LDAP."""
    assert parse_roles("cn=kikaku,dc=city=editor 窓口=staff") == {"cn=kikaku,dc=city": "editor", "窓口": "staff"}
